import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["*.spec.ts"], globalSetup: "./servers.setup.ts", fileParallelism: false, testTimeout: 30_000 },
});

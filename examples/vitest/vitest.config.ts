import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["*.spec.ts"], globalSetup: "./things.setup.ts", testTimeout: 30_000, teardownTimeout: 30_000 },
});

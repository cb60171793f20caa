import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["*.spec.ts"],
    globalSetup: "./things.setup.ts",
    fileParallelism: false,
    testTimeout: 4_000,
  },
});

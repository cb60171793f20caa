import { defineConfig } from "@playwright/test";

export default defineConfig({
  testMatch: "*.spec.ts",
  globalSetup: "./things.setup.ts",
  // The packages as they are installed, not the sources that the repository's tsconfig.json names.
  tsconfig: "./tsconfig.json",
});

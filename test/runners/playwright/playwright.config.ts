import { defineConfig } from "@playwright/test";

export default defineConfig({
  testMatch: "*.spec.ts",
  globalSetup: "./things.setup.ts",
  outputDir: process.env["THINGS"] as string,
  tsconfig: "./tsconfig.json",
  workers: 1,
  timeout: 4_000,
});

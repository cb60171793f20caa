import { rmSync } from "node:fs";
import { defineConfig } from "tsup";
import { shared } from "../../tsup.shared.js";

// Here and not by `clean`: the builds below run at once and would delete each other's files.
rmSync("dist", { recursive: true, force: true });

const entries = {
  index: "src/index.ts",
  vitest: "src/fixtures/vitest.ts",
  playwright: "src/fixtures/playwright.ts",
  "node-test": "src/fixtures/node-test.ts",
  jest: "src/fixtures/jest.ts",
};
// A process starts from a file of its own: `new URL("./keeper.js", import.meta.url)`.
const keeper = { keeper: "src/fixtures/run/keeper.ts" };

export default defineConfig([
  // Without chunks, the keeper's file lies beside whoever starts it.
  { ...shared, entry: { ...entries, ...keeper }, format: "esm", splitting: false },
  { ...shared, entry: entries, format: "cjs", shims: true },
  { ...shared, entry: entries, format: ["esm", "cjs"], dts: { only: true } },
]);

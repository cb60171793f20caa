import { rmSync } from "node:fs";
import { defineConfig } from "tsup";
import { shared } from "../../tsup.shared.js";

// Here and not by `clean`: the three builds below run at once and would delete each other's files.
rmSync("dist", { recursive: true, force: true });

const entries = {
  index: "src/index.ts",
  sqlite: "src/store/sqlite/index.ts",
  keyv: "src/store/keyv/index.ts",
  otel: "src/otel/index.ts",
};
// A thread starts from a file of its own: `new URL("./sqlite-worker.js", import.meta.url)`.
const worker = { "sqlite-worker": "src/store/sqlite/worker.ts" };

export default defineConfig([
  { ...shared, entry: { ...entries, ...worker }, format: "esm" },
  {
    ...shared,
    entry: { ...entries, ...worker },
    format: "cjs",
    // ESM only: bundled, so that require() needs no flag and works in Jest.
    noExternal: ["p-limit"],
    // import.meta.url
    shims: true,
  },
  { ...shared, entry: entries, format: ["esm", "cjs"], dts: { only: true } },
]);

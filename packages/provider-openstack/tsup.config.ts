import { defineConfig } from "tsup";

// ESM only: Node 22.12 and later can require() it all the same. Splitting keeps what is imported lazily lazy.
export default defineConfig({
  entry: { index: "src/index.ts" },
  format: "esm",
  dts: true,
  clean: true,
  target: "es2022",
  platform: "node",
  tsconfig: "../../tsconfig.build.json",
  sourcemap: true,
  removeNodeProtocol: false,
  silent: true,
});

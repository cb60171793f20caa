import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts" },
  format: ["esm", "cjs"],
  dts: true,
  clean: true,
  target: "es2022",
  platform: "node",
  tsconfig: "../../tsconfig.build.json",
  sourcemap: true,
  removeNodeProtocol: false,
  shims: true,
  silent: true,
});

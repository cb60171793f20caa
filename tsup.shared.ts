import type { Options } from "tsup";

/** What the builds of all packages have in common. */
export const shared: Options = {
  target: "es2022",
  platform: "node",
  tsconfig: "../../tsconfig.build.json",
  sourcemap: true,
  // esbuild would otherwise write `node:sqlite` as `sqlite`, which does not exist.
  removeNodeProtocol: false,
  silent: true,
};

/** A library of ES modules only; Node 22.12 and later can require() it all the same. */
export const esm: Options = {
  ...shared,
  entry: { index: "src/index.ts" },
  format: "esm",
  dts: true,
  clean: true,
};

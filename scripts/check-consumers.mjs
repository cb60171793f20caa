// Type-checks test/consumers against the built packages, as a user's compiler would see them: strict, libraries
// checked too, under every TypeScript we promise and both kinds of module resolution.
import { readdirSync, readFileSync } from "node:fs";
import { runSteps } from "./steps.mjs";

const folder = "test/consumers";
const files = readdirSync(folder).filter((name) => /\.[cm]?ts$/.test(name));
const compilers = ["typescript-5.6", "typescript", "typescript-7"];
const resolutions = {
  nodenext: ["--module", "nodenext", "--moduleResolution", "nodenext"],
  bundler: ["--module", "esnext", "--moduleResolution", "bundler"],
};
const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022", "--types", "node"];
strict.push("--skipLibCheck", "false", "--lib", "es2023,esnext.disposable");

const steps = compilers.flatMap((compiler) => {
  const { version } = JSON.parse(readFileSync(`node_modules/${compiler}/package.json`, "utf8"));
  return Object.entries(resolutions).map(([name, options]) => {
    // CommonJS files mean something only to Node's own resolution.
    const sources = files.filter((file) => name === "nodenext" || !file.endsWith(".cts"));
    const tsc = ["node", `node_modules/${compiler}/bin/tsc`, "--ignoreConfig", ...strict, ...options];
    // `--ignoreConfig` (files named although there is a tsconfig.json) is new in 6 and unknown to 5.
    const command = version.startsWith("5.") ? tsc.filter((arg) => arg !== "--ignoreConfig") : tsc;
    return [`TypeScript ${version}, ${name}`, ...command, ...sources.map((file) => `${folder}/${file}`)];
  });
});
await runSteps(steps);

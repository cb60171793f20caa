// Are the packages, as they would be published, right for every kind of importer?
import { readdirSync, readFileSync } from "node:fs";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { run } from "./steps.mjs";

let failed = false;

for (const folder of readdirSync("packages")) {
  const pkgDir = `packages/${folder}`;
  const manifest = JSON.parse(readFileSync(`${pkgDir}/package.json`, "utf8"));
  const { messages } = await publint({ pkgDir, strict: true });
  for (const message of messages) {
    failed = true;
    console.error(`${manifest.name}: publint: ${formatMessage(message, manifest, { color: false })}`);
  }

  // A program is imported by nobody.
  if (manifest.exports["."] === undefined) continue;
  // What has a require condition must work from CommonJS too; the rest is ESM only.
  const profile = JSON.stringify(manifest.exports).includes('"require"') ? "node16" : "esm-only";
  const attw = ["npx", "attw", "--pack", pkgDir, "--profile", profile, "--format", "ascii", "--no-color"];
  const { code, output } = await run(attw);
  if (code !== 0) {
    failed = true;
    console.error(`${manifest.name}: attw:\n${output}`);
  }
}

process.exitCode = failed ? 1 : 0;

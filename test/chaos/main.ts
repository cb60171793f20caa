// Kills managers at random moments, and judges what is left. The last line is JSON.
import process from "node:process";
import { parseCommandLine, refuse, wholeNumber } from "../command-line.ts";
import { runChaos } from "./chaos.ts";
import { isStoreName, STORES } from "./protocol.ts";
import { SABOTAGES, type Sabotage } from "./saboteur.ts";

const USAGE = `npm run chaos -- [--kills 200] [--seed S] [--store ${STORES.join("|")}] [--keep]`;

const values = parseCommandLine(USAGE, {
  kills: { type: "string", default: "200" },
  seed: { type: "string" },
  store: { type: "string", default: "sqlite" },
  keep: { type: "boolean", default: false },
  // For tests of the run itself.
  sabotage: { type: "string" },
});
const kills = wholeNumber("kills", values.kills, USAGE);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : wholeNumber("seed", values.seed, USAGE);
const { store } = values;
if (!isStoreName(store)) refuse(`--store must be one of ${STORES.join(", ")}`, USAGE);
const sabotage = values.sabotage as Sabotage | undefined;
if (sabotage !== undefined && !(sabotage in SABOTAGES)) {
  refuse(`--sabotage must be one of ${Object.keys(SABOTAGES).join(", ")}`, USAGE);
}

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interrupted.abort();
    process.exit(1);
  });
}

console.log(`seed ${seed}`);
const startedAtMs = performance.now();
const { signal } = interrupted;
const { violations, ...figures } = await runChaos({
  kills,
  seed,
  store,
  sabotage,
  signal,
  keep: values.keep,
  log: console.log,
});
for (const { rule, what } of violations) console.log(`VIOLATION ${rule}: ${what}`);
const seconds = Math.round((performance.now() - startedAtMs) / 100) / 10;
const rules = [...new Set(violations.map(({ rule }) => rule))];
console.log(JSON.stringify({ ...figures, seconds, store, seed, violations: violations.length, rules }));
process.exitCode = violations.length > 0 ? 1 : 0;

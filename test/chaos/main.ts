// Kills managers at random moments, one after the other or several that share a database, and judges what is left. The last line is JSON.
import process from "node:process";
import { parseCommandLine, refuse, wholeNumber } from "../command-line.ts";
import { runChaos } from "./chaos.ts";
import { isStoreName, STORES } from "./protocol.ts";
import { SABOTAGES, type Sabotage } from "./saboteur.ts";
import { runSharedChaos } from "./shared-chaos.ts";

const USAGE = `npm run chaos -- [--kills 200] [--seed S] [--store ${STORES.join("|")}] [--keep]
npm run chaos -- --store postgres [--processes 4] [--seconds 120] [--seed S] [--keep]`;

const values = parseCommandLine(USAGE, {
  kills: { type: "string", default: "200" },
  seed: { type: "string" },
  store: { type: "string", default: "sqlite" },
  processes: { type: "string", default: "4" },
  seconds: { type: "string", default: "120" },
  keep: { type: "boolean", default: false },
  // For tests of the run itself.
  sabotage: { type: "string" },
});
const kills = wholeNumber("kills", values.kills, USAGE);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : wholeNumber("seed", values.seed, USAGE);
const processes = wholeNumber("processes", values.processes, USAGE);
const lasts = wholeNumber("seconds", values.seconds, USAGE);
if (processes < 2) refuse("--processes must be 2 or more", USAGE);
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
const common = { seed, signal, keep: values.keep, log: console.log };
const { violations, ...figures } =
  store === "postgres"
    ? await runSharedChaos({ processes, seconds: lasts, ...common })
    : await runChaos({ kills, store, sabotage, ...common });
for (const { rule, what } of violations) console.log(`VIOLATION ${rule}: ${what}`);
const seconds = Math.round((performance.now() - startedAtMs) / 100) / 10;
const rules = [...new Set(violations.map(({ rule }) => rule))];
console.log(JSON.stringify({ ...figures, seconds, store, seed, violations: violations.length, rules }));
process.exitCode = violations.length > 0 ? 1 : 0;

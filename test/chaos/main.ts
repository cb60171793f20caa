// npm run chaos -- --kills 200 [--seed S] [--store sqlite|keyv] [--keep]
import process from "node:process";
import { parseArgs } from "node:util";
import { runChaos } from "./chaos.ts";
import { isStoreName, STORES, type StoreName } from "./protocol.ts";
import { SABOTAGES, type Sabotage } from "./saboteur.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string" },
    store: { type: "string", default: "sqlite" },
    keep: { type: "boolean", default: false },
    // For tests of the run itself.
    sabotage: { type: "string" },
  },
});

const kills = Number(values.kills);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed);
const sabotage = values.sabotage as Sabotage | undefined;
const problem =
  !Number.isSafeInteger(kills) || kills < 0
    ? "--kills must be a whole number"
    : !Number.isSafeInteger(seed)
      ? "--seed must be a whole number"
      : !isStoreName(values.store)
        ? `--store must be one of ${STORES.join(", ")}`
        : sabotage !== undefined && !(sabotage in SABOTAGES)
          ? `--sabotage must be one of ${Object.keys(SABOTAGES).join(", ")}`
          : undefined;
if (problem !== undefined) {
  console.error(problem);
  process.exit(2);
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
  store: values.store as StoreName,
  sabotage,
  signal,
  keep: values.keep,
  log: console.log,
});
for (const { rule, what } of violations) console.log(`VIOLATION ${rule}: ${what}`);
const seconds = Math.round((performance.now() - startedAtMs) / 100) / 10;
const rules = [...new Set(violations.map(({ rule }) => rule))];
console.log(JSON.stringify({ ...figures, seconds, store: values.store, seed, violations: violations.length, rules }));
process.exitCode = violations.length > 0 ? 1 : 0;

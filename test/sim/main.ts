// Simulates, hunts mutants, or replays a seed. The last line is JSON.
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { RunOptions, Scenario } from "../../packages/testing/src/simulator/index.ts";
import { parseCommandLine, refuse, wholeNumber } from "../command-line.ts";
import { bundle } from "./bundle.ts";
import { campaign } from "./campaign.ts";
import { hunt, MUTANT_SEEDS } from "./hunt.ts";
import { MUTANTS } from "./mutants.ts";
import { BALANCED_FROM, faultTable, mutantTable, replayCommand, unbalanced } from "./report.ts";

const USAGE = `npm run sim -- [--faults 100000] [--seed S] [--workers W] [--store memory|durable|shared]... [--all]
npm run sim -- --mutants [--seeds N] [--mutant NAME]
npm run sim -- --replay SEED [--only 1,2,3] [--holders N] [--store ...]`;

const values = parseCommandLine(USAGE, {
  faults: { type: "string", default: "100000" },
  seed: { type: "string" },
  workers: { type: "string", default: String(availableParallelism()) },
  store: { type: "string", multiple: true },
  mutants: { type: "boolean", default: false },
  mutant: { type: "string" },
  seeds: { type: "string", default: String(MUTANT_SEEDS.length) },
  replay: { type: "string" },
  only: { type: "string" },
  holders: { type: "string" },
  all: { type: "boolean", default: false },
});

const KINDS: readonly string[] = ["memory", "durable", "shared"];
const number = (name: string, text: string) => wholeNumber(name, text, USAGE);
const faults = number("faults", values.faults);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : number("seed", values.seed);
const workers = Math.max(1, number("workers", values.workers));
const seeds = MUTANT_SEEDS.slice(0, number("seeds", values.seeds));
const replayed = values.replay === undefined ? undefined : number("replay", values.replay);
const holders = values.holders === undefined ? undefined : number("holders", values.holders);
const struck = values.only?.split(",").filter(Boolean);
const only = struck && new Set(struck.map((text) => number("only", text)));
const stores = values.store as Scenario["store"][] | undefined;
if (stores?.some((store) => !KINDS.includes(store))) {
  refuse(`--store must be one of ${KINDS.join(", ")}`, USAGE);
}
const mutants = values.mutant === undefined ? MUTANTS : MUTANTS.filter(({ name }) => name === values.mutant);
if (mutants.length === 0) {
  refuse(`--mutant must be one of:\n${MUTANTS.map(({ name }) => name).join("\n")}`, USAGE);
}
const interrupted = new AbortController();
const { signal } = interrupted;
process.once("SIGINT", () => interrupted.abort());
const folder = await mkdtemp(join(tmpdir(), "warmpool-sim-"));
try {
  if (values.mutants) await runMutants();
  else if (replayed !== undefined) await replay(replayed);
  else await runFaults();
} finally {
  await rm(folder, { recursive: true });
}

async function load(): Promise<{
  file: string;
  simulator: typeof import("../../packages/testing/src/simulator/index.ts");
}> {
  const path = join(folder, "simulator.mjs");
  await bundle(path, values.mutant === undefined ? [] : mutants.flatMap(({ replacements }) => replacements));
  const file = pathToFileURL(path).href;
  return { file, simulator: await import(file) };
}

async function runFaults(): Promise<void> {
  const { file, simulator } = await load();
  console.log(`seed ${seed}, ${workers} workers`);
  const startedAtMs = performance.now();
  const shared = { ...(stores !== undefined && { stores }), all: values.all };
  const result = await campaign({
    bundle: file,
    faults,
    seed,
    workers,
    ...shared,
    progress: showProgress(faults),
    signal,
  });
  const seconds = (performance.now() - startedAtMs) / 1_000;
  console.log(faultTable(result, seconds));
  const [first] = result.violations;
  if (first !== undefined) {
    for (const { seed: of, rule, what } of result.violations)
      console.log(`VIOLATION of "${rule}" by seed ${of}: ${what}`);
    const options: RunOptions = { seed: first.seed, ...(stores !== undefined && { stores }) };
    const shortest = await simulator.shrink(await simulator.simulate(options), options);
    const { trace } = await simulator.simulate({ ...shortest, traced: true });
    console.log(`\nThe shortest trace of seed ${first.seed} that was found:\n${trace.join("\n")}`);
    console.log(`\nAgain: ${replayCommand(shortest)}`);
  }
  const odd = stores === undefined && result.total >= BALANCED_FROM ? unbalanced(result) : [];
  if (odd.length > 0) console.log(`\nNot between 1 and 30 % of all faults: ${odd.join(", ")}`);
  const { faults: byKind, violations, firstViolated: _, ...figures } = result;
  const rates = {
    faultsPerSecond: Math.round(result.total / seconds),
    faultsPerCpuSecond: Math.round((result.total * 1_000) / result.cpuMs),
  };
  const { total, ...others } = figures;
  console.log(
    JSON.stringify({
      faults: total,
      ...others,
      cpuMs: Math.round(figures.cpuMs),
      seconds: Math.round(seconds),
      ...rates,
      seed,
      workers,
      kinds: byKind,
      violations: violations.length,
    }),
  );
  process.exitCode = violations.length + odd.length > 0 ? 1 : 0;
}

/** A line every ten seconds or so: long runs take hours. */
function showProgress(faults: number): (total: number) => void {
  let shownAtMs = performance.now();
  return (total) => {
    if (performance.now() - shownAtMs < 10_000) return;
    shownAtMs = performance.now();
    console.log(`${total.toLocaleString("en")} of ${faults.toLocaleString("en")} faults`);
  };
}

async function replay(seed: number): Promise<void> {
  const { simulator } = await load();
  const result = await simulator.simulate({
    seed,
    traced: true,
    ...(stores !== undefined && { stores }),
    ...(only !== undefined && { only }),
    ...(holders !== undefined && { holders }),
  });
  console.log(result.trace.join("\n"));
  for (const { rule, what } of result.violations) console.log(`VIOLATION of "${rule}": ${what}`);
  const { steps, total, fingerprint, violations } = result;
  console.log(JSON.stringify({ seed, steps, faults: total, fingerprint, violations: violations.length }));
  process.exitCode = violations.length > 0 ? 1 : 0;
}

async function runMutants(): Promise<void> {
  const hunted = await hunt(mutants, folder, (line) => console.log(line), seeds);
  console.log(mutantTable(hunted));
  const caught = hunted.filter(({ isCaught }) => isCaught).length;
  console.log(JSON.stringify({ mutants: hunted.length, caught, seeds, violations: hunted.length - caught }));
  process.exitCode = caught === hunted.length ? 0 : 1;
}

import { Worker } from "node:worker_threads";
import { FAULT_KINDS, type Fault } from "../../packages/testing/src/simulator/faults.ts";
import type { Scenario } from "../../packages/testing/src/simulator/index.ts";
import type { Largest, Tally, WorkerTask } from "./worker.ts";

/** Runs handed to a worker at once. */
const AT_ONCE = 40;

/** How much to simulate, and how. */
export interface CampaignOptions {
  /** A bundle of the simulator: see `bundle.ts`. */
  readonly bundle: string;
  /** At least so many faults, and */
  readonly faults: number;
  /** at most so many runs. */
  readonly runs?: number;
  readonly seed: number;
  readonly workers: number;
  readonly stores?: readonly Scenario["store"][];
  /** Go on after a violation. Default: `false`. */
  readonly all?: boolean;
  readonly progress?: (faults: number) => void;
  /** Ends it early: what was simulated by then counts. */
  readonly signal?: AbortSignal;
}

/** What came of all runs. */
export type CampaignResult = Omit<Tally, "faults" | "violations"> & {
  readonly faults: Readonly<Record<Fault, number>>;
  readonly violations: readonly { seed: number; rule: string; what: string }[];
  /** The first run that violated something, counted from 1. */
  readonly firstViolated: number | undefined;
};

/** The seed of the nth run. Every run is of one seed alone, so that any can be repeated by itself. */
function seedOf(seed: number, run: number): number {
  return (Math.imul(seed, 2_654_435_761) + Math.imul(run, 40_503) + run) >>> 0;
}

/** Many runs, in several threads. */
export async function campaign(options: CampaignOptions): Promise<CampaignResult> {
  const {
    bundle,
    faults,
    runs = Number.POSITIVE_INFINITY,
    seed,
    workers,
    stores,
    all = false,
    progress,
    signal,
  } = options;
  const faultsByKind = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<Fault, number>;
  const figures = { runs: 0, total: 0, steps: 0, managers: 0, holders: 0, leases: 0, simulatedMs: 0, cpuMs: 0 };
  const violations: CampaignResult["violations"][number][] = [];
  let largest: Largest = { pools: 0, managers: 0, resources: 0, tickets: 0 };
  let next = 0;
  const over = () =>
    signal?.aborted === true || figures.total >= faults || next >= runs || (!all && violations.length > 0);
  const add = (tally: Tally) => {
    for (const key of Object.keys(figures) as (keyof typeof figures)[]) figures[key] += tally[key];
    for (const kind of FAULT_KINDS) faultsByKind[kind] += tally.faults[kind] ?? 0;
    largest = {
      pools: Math.max(largest.pools, tally.largest.pools),
      managers: Math.max(largest.managers, tally.largest.managers),
      resources: Math.max(largest.resources, tally.largest.resources),
      tickets: Math.max(largest.tickets, tally.largest.tickets),
    };
    violations.push(...tally.violations);
    progress?.(figures.total);
  };
  const work = async () => {
    const task: WorkerTask = { bundle, stores };
    // What a run makes is garbage at its end: with room for it, little is copied.
    const resourceLimits = { maxYoungGenerationSizeMb: 64 };
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: task, resourceLimits });
    try {
      while (!over()) {
        const seeds = Array.from({ length: Math.min(AT_ONCE, runs - next) }, () => seedOf(seed, next++));
        add(await ask(worker, seeds));
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  const violated = new Set(violations.map(({ seed: of }) => of));
  let firstViolated: number | undefined;
  for (let run = 0; run < next && firstViolated === undefined && violated.size > 0; run++) {
    if (violated.has(seedOf(seed, run))) firstViolated = run + 1;
  }
  return { ...figures, faults: faultsByKind, largest, violations, firstViolated };
}

function ask(worker: Worker, seeds: readonly number[]): Promise<Tally> {
  return new Promise((resolve, reject) => {
    worker.once("message", (tally: Tally) => {
      worker.off("error", reject);
      resolve(tally);
    });
    worker.once("error", reject);
    worker.postMessage(seeds);
  });
}

import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import type { Fault, RunResult, Scenario } from "../../packages/testing/src/simulator/index.js";

/** What a worker is told at its start. */
export interface WorkerTask {
  readonly bundle: string;
  readonly stores: readonly Scenario["store"][] | undefined;
}

/** What came of some runs. */
export interface Tally {
  readonly runs: number;
  readonly faults: Partial<Record<Fault, number>>;
  readonly total: number;
  readonly steps: number;
  readonly managers: number;
  readonly holders: number;
  readonly leases: number;
  readonly simulatedMs: number;
  readonly cpuMs: number;
  readonly largest: Largest;
  readonly violations: readonly { readonly seed: number; readonly rule: string; readonly what: string }[];
}

/** The most of each in one run. */
export interface Largest {
  readonly pools: number;
  readonly managers: number;
  readonly resources: number;
  readonly tickets: number;
}

// Nobody reads the stacks of errors that are meant to happen.
Error.stackTraceLimit = 0;
const { bundle, stores } = workerData as WorkerTask;
const { simulate } = (await import(bundle)) as typeof import("../../packages/testing/src/simulator/index.js");

parentPort?.on("message", async (seeds: readonly number[]) => {
  const before = process.threadCpuUsage();
  const results: RunResult[] = [];
  for (const seed of seeds) results.push(await simulate({ seed, ...(stores !== undefined && { stores }) }));
  const { user, system } = process.threadCpuUsage(before);
  parentPort?.postMessage(tally(results, (user + system) / 1_000));
});

function tally(results: readonly RunResult[], cpuMs: number): Tally {
  const sum = (of: (result: RunResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const most = (of: (result: RunResult) => number) => Math.max(...results.map(of));
  const faults: Partial<Record<Fault, number>> = {};
  for (const result of results) {
    for (const [fault, count] of result.faults) faults[fault] = (faults[fault] ?? 0) + count;
  }
  return {
    runs: results.length,
    faults,
    total: sum(({ total }) => total),
    steps: sum(({ steps }) => steps),
    managers: sum(({ managers }) => managers),
    holders: sum(({ holders }) => holders),
    leases: sum(({ leases }) => leases),
    simulatedMs: sum(({ simulatedMs }) => simulatedMs),
    cpuMs,
    largest: {
      pools: most(({ scenario }) => scenario.pools.length),
      managers: most(({ scenario }) => scenario.managers),
      resources: most(({ scenario }) => scenario.pools.reduce((total, { max }) => total + max, 0)),
      tickets: most(({ holders }) => holders),
    },
    violations: results.flatMap(({ seed, violations }) =>
      violations.slice(0, 1).map(({ rule, what }) => ({ seed, rule, what })),
    ),
  };
}

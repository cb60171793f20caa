import { performance } from "node:perf_hooks";
import { quantile } from "../lib/statistics.ts";
import { openShared } from "./open.ts";
import type { SharedOrder, SharedResult } from "./rival.ts";

/** Claims and completes all the time, and counts. */
export async function claims(order: SharedOrder): Promise<SharedResult> {
  const { connections, inFlight, warmUpMs, measureMs } = order;
  const claimant = await openShared(order);
  const laps: number[] = [];
  let stopped = false;
  const { pair } = claimant;
  const loop = async (connection: number) => {
    while (!stopped && pair !== undefined) {
      const startedAtMs = performance.now();
      await pair(connection);
      laps.push(performance.now() - startedAtMs);
    }
  };
  const running = Array.from({ length: connections * inFlight }, (_, n) => loop(n % connections));
  const count = async () => {
    const pairs = (await claimant.done?.()) ?? laps.length;
    return { pairs, atMs: performance.now() };
  };
  await passed(warmUpMs);
  laps.length = 0;
  const before = await count();
  await passed(measureMs);
  const after = await count();
  const seconds = (after.atMs - before.atMs) / 1_000;
  const pairs = after.pairs - before.pairs;
  const told = [...laps];
  stopped = true;
  await Promise.all(running);
  await claimant.close();
  return { pairsPerSecond: pairs / seconds, p50Ms: quantile(told, 0.5), p99Ms: quantile(told, 0.99) };
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

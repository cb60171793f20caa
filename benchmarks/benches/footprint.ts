import { type ContestantName, PEERS } from "../contestants/contestant.ts";
import { measure } from "../lib/child.ts";
import type { Options } from "../lib/options.ts";
import { atMost, type Bar, type Figures } from "../lib/report.ts";
import { table } from "../lib/table.ts";

const COUNT = 20_000;

/** Bytes of heap for each resource and each waiter. The same in each run, so that one suffices. */
export async function footprint({ baseline }: Options) {
  const names: ContestantName[] = [
    "floor",
    "warmpool",
    ...(baseline === undefined ? [] : ["baseline" as const]),
    ...PEERS,
  ];
  const rows: string[][] = [];
  const figures: Record<string, { idle: number; leased: number; waiter: number; waiterWithTimeout: number }> = {};
  for (const contestant of names) {
    const weigh = (timeout: boolean) => measure("memory", { contestant, timeout, count: COUNT }, ["--expose-gc"]);
    const { idle, leased, waiter } = await weigh(false);
    const timed = await weigh(true);
    const bytes = [idle, leased, waiter, timed.waiter].map(Math.round) as [number, number, number, number];
    figures[contestant] = { idle: bytes[0], leased: bytes[1], waiter: bytes[2], waiterWithTimeout: bytes[3] };
    rows.push([contestant, ...bytes.map(String)]);
  }
  console.log(`\nbytes of heap each, of ${COUNT}; the lent object itself takes 16 of them\n`);
  console.log(table(["", "idle resource", "leased resource", "waiter", "waiter with timeout"], rows));
  const { idle, leased, waiter, waiterWithTimeout } = figures["warmpool"]!;
  const bars: Bar[] = [
    atMost("bytes an idle resource", idle, 2_000),
    atMost("bytes a leased resource", leased, 2_000),
    atMost("bytes a waiter", Math.max(waiter, waiterWithTimeout), 1_000),
  ];
  return { figures: figures as Figures, bars };
}

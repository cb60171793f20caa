import { setImmediate as turn } from "node:timers/promises";
import type { Contestant } from "../contestants/contestant.ts";

/** What grows with a pool, in bytes each. */
export interface Memory {
  readonly idle: number;
  /** With what its holder has of it. */
  readonly leased: number;
  /** With the promise of its caller. */
  readonly waiter: number;
}

/** Needs `--expose-gc`. */
export async function memory(open: (max: number) => Promise<Contestant>, count: number): Promise<Memory> {
  const held: unknown[] = new Array(count).fill(undefined);

  const pool = await open(count);
  const empty = await heapUsed();
  for (let index = 0; index < count; index += 1) held[index] = await pool.acquire();
  const leased = (await heapUsed()) - empty;
  for (let index = 0; index < count; index += 1) {
    await pool.release(held[index]);
    held[index] = undefined;
  }
  const idle = (await heapUsed()) - empty;

  const busy = await open(1);
  await busy.acquire();
  const before = await heapUsed();
  for (let index = 0; index < count; index += 1) held[index] = busy.acquire();
  const waiting = (await heapUsed()) - before;
  alive.push(held, pool, busy);
  return { idle: idle / count, leased: leased / count, waiter: waiting / count };
}

/** What must not be collected before it was weighed. */
const alive: unknown[] = [];

async function heapUsed(): Promise<number> {
  // What waits for a turn (ticks, callbacks) is nobody's.
  for (let index = 0; index < 3; index += 1) {
    await turn();
    globalThis.gc!();
  }
  return process.memoryUsage().heapUsed;
}

import type { Contestant } from "../contestants/contestant.ts";
import { cpuMs } from "../lib/cpu.ts";
import { Turn } from "../lib/turn.ts";
import { warmUp } from "../lib/warm-up.ts";

export interface Rate {
  /** Pairs of acquire and release, a second of processor time. */
  readonly perSecond: number;
}

/** How long to measure, in processor time. */
export interface Length {
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** Keeps `size + queue` clients busy with acquire and release: so many hold, and so many always wait. */
export async function rate(pool: Contestant, size: number, queue: number, length: Length): Promise<Rate> {
  await fill(pool, size);
  return await rateOf([pool], size, queue, length);
}

/** The same with clients that are spread over several pools, which have `size` resources together. */
export async function rateOf(
  pools: readonly Contestant[],
  size: number,
  queue: number,
  { warmUpMs, measureMs }: Length,
): Promise<Rate> {
  const turn = new Turn(size);
  let [pairs, stopped] = [0, false];
  const client = async (pool: Contestant) => {
    while (!stopped) {
      const held = await pool.acquire();
      pairs += 1;
      turn.count();
      if (turn.gate !== undefined) await turn.gate;
      await pool.release(held);
    }
  };
  const clients = Array.from({ length: size + queue }, (_, index) => client(pools[index % pools.length]!));
  await warmUp(warmUpMs, cpuPassed);
  const [startedAtMs, before] = [cpuMs(), pairs];
  await cpuPassed(measureMs);
  const perSecond = ((pairs - before) / (cpuMs() - startedAtMs)) * 1_000;
  stopped = true;
  await Promise.all(clients);
  return { perSecond };
}

/** Makes all of a pool's resources. */
export async function fill(pool: Contestant, size: number): Promise<void> {
  for (const held of await acquireAll(pool, size)) await pool.release(held);
}

/** One after the other: tarn needs the square of what is asked for at once. */
export async function acquireAll(pool: Contestant, size: number): Promise<unknown[]> {
  const held: unknown[] = [];
  for (let index = 0; index < size; index += 1) held.push(await pool.acquire());
  return held;
}

/** Looks once a turn of the event loop. */
function cpuPassed(ms: number): Promise<void> {
  const endMs = cpuMs() + ms;
  return new Promise((resolve) => {
    const look = () => {
      if (cpuMs() >= endMs) resolve();
      else setImmediate(look);
    };
    look();
  });
}

import { setImmediate as turn } from "node:timers/promises";
import type { Contestant } from "../contestants/contestant.ts";
import { cpuMs } from "../lib/cpu.ts";
import { warmUp } from "../lib/warm-up.ts";
import { acquireAll, type Length, type Rate } from "./rate.ts";

/** Looks at the clock, and lets the event loop turn, after so many pairs. */
const STRIDE = 1_000;

/** Holds half of the resources all the time: acquires one, and releases the one that was held for longest. */
export async function churn(pool: Contestant, size: number, { warmUpMs, measureMs }: Length): Promise<Rate> {
  const all = await acquireAll(pool, size);
  const held = all.filter((_, index) => index % 2 === 0);
  for (let index = 1; index < size; index += 2) await pool.release(all[index]);
  all.length = 0;

  let at = 0;
  const run = async (ms: number) => {
    const startedAtMs = cpuMs();
    let pairs = 0;
    while (cpuMs() - startedAtMs < ms) {
      for (let index = 0; index < STRIDE; index += 1) {
        const next = await pool.acquire();
        await pool.release(held[at]);
        held[at] = next;
        at = at + 1 === held.length ? 0 : at + 1;
      }
      pairs += STRIDE;
      await turn();
    }
    return (pairs / (cpuMs() - startedAtMs)) * 1_000;
  };
  await warmUp(warmUpMs, run);
  return { perSecond: await run(measureMs) };
}

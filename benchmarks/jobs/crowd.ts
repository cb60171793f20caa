import { setImmediate as turn } from "node:timers/promises";
import type { Contestant } from "../contestants/contestant.ts";
import { cpuMs } from "../lib/cpu.ts";
import { warmUp } from "../lib/warm-up.ts";
import { fill, type Length, type Rate } from "./rate.ts";

/** A crowd comes while the only resource is held, waits, and is served one after the other, until nobody waits. */
export async function crowd(pool: Contestant, waiters: number, length: Length): Promise<Rate> {
  await fill(pool, 1);
  const client = async () => pool.release(await pool.acquire());
  const once = async () => {
    const held = await pool.acquire();
    const clients = Array.from({ length: waiters }, client);
    await pool.release(held);
    await Promise.all(clients);
  };
  // A small crowd is gone before the clock has moved.
  const crowds = Math.max(1, Math.floor(1_000 / waiters));
  const run = async (ms: number) => {
    const startedAtMs = cpuMs();
    let served = 0;
    while (cpuMs() - startedAtMs < ms) {
      for (let index = 0; index < crowds; index += 1) await once();
      await turn();
      served += crowds * (waiters + 1);
    }
    return (served / (cpuMs() - startedAtMs)) * 1_000;
  };
  await warmUp(length.warmUpMs, run);
  return { perSecond: await run(length.measureMs) };
}

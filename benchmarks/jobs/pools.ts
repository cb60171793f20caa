import type { Contestant } from "../contestants/contestant.ts";
import { type Core, FACTORY } from "../contestants/warmpool.ts";
import { fill, type Length, type Rate, rateOf } from "./rate.ts";

/** As many clients as resources, in so many pools of one manager. */
export async function pools(core: Core, count: number, size: number, length: Length): Promise<Rate> {
  const names = Array.from({ length: count }, (_, index) => `pool-${index}`);
  const max = size / count;
  const provider = core.factoryProvider(FACTORY);
  const definition = core.definePool({ provider, max });
  const manager = core.createManager({ pools: Object.fromEntries(names.map((name) => [name, definition])) });
  const each = names.map(
    (pool): Contestant<Awaited<ReturnType<typeof manager.acquire>>> => ({
      acquire: () => manager.acquire({ pool }),
      release: (lease) => lease.release(),
    }),
  ) as Contestant[];
  for (const pool of each) await fill(pool, max);
  return await rateOf(each, size, 0, length);
}

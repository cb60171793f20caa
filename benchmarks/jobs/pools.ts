import type { Lease } from "@warmpool/core";
import type { Contestant } from "../contestants/contestant.ts";
import { type Core, FACTORY } from "../contestants/warmpool.ts";
import { fill, type Length, type Rate, rateOf } from "./rate.ts";

type Manager = ReturnType<Core["createManager"]>;

/** One pool of a manager. Of a class, for a thousand functions would be in the caches instead of what is measured. */
class PoolOf implements Contestant<Lease> {
  readonly #manager: Manager;
  readonly #pool: string;

  constructor(manager: Manager, pool: string) {
    this.#manager = manager;
    this.#pool = pool;
  }

  acquire(): Promise<Lease> {
    return this.#manager.acquire({ pool: this.#pool });
  }

  release(lease: Lease): Promise<void> {
    return lease.release();
  }
}

/** As many clients as resources, in so many pools of one manager. */
export async function pools(core: Core, count: number, size: number, length: Length): Promise<Rate> {
  const names = Array.from({ length: count }, (_, index) => `pool-${index}`);
  const max = size / count;
  const provider = core.factoryProvider(FACTORY);
  const definition = core.definePool({ provider, max });
  const manager = core.createManager({ pools: Object.fromEntries(names.map((name) => [name, definition])) });
  const each = names.map((name) => new PoolOf(manager, name) as Contestant);
  for (const pool of each) await fill(pool, max);
  return await rateOf(each, size, 0, length);
}

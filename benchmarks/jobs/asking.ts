import type { Lease } from "@warmpool/core";
import type { Contestant } from "../contestants/contestant.ts";
import { type Core, FACTORY } from "../contestants/warmpool.ts";
import { fill, type Length, type Rate, rateOf } from "./rate.ts";

type Manager = ReturnType<Core["createManager"]>;

/** Enough for 16,384 different sets. */
const TAGS = Array.from({ length: 14 }, (_, index) => `tag-${index}`);

/** How many different things are asked for, and by how many. */
export interface Asking {
  /** Different sets of tags, all of which lead to the same pool. */
  readonly sets: number;
  /** Owners, who take turns if there are several. */
  readonly owners: number;
  readonly waiters: number;
}

/** Somebody who always asks for the same. Of a class, for ten thousand functions would be in the caches instead. */
class Asker implements Contestant<Lease> {
  readonly #manager: Manager;
  readonly #options: { readonly tags: string[]; readonly owner: string };

  constructor(manager: Manager, number: number, { sets, owners }: Asking) {
    // As many tags in the mean, however many sets there are: each of them costs something.
    const set = ((number % sets) * 7919) % 2 ** TAGS.length;
    this.#manager = manager;
    this.#options = { tags: TAGS.filter((_, bit) => set & (1 << bit)), owner: `owner-${number % owners}` };
  }

  acquire(): Promise<Lease> {
    return this.#manager.acquire(this.#options);
  }

  release(lease: Lease): Promise<void> {
    return lease.release();
  }
}

/** Ten places, and so many who wait for them with so many different wishes. */
export async function asking(core: Core, wishes: Asking, length: Length): Promise<Rate> {
  const max = 10;
  const pool = core.definePool({ provider: core.factoryProvider(FACTORY), max, tags: TAGS });
  const fair = wishes.owners > 1 ? { fair: true } : {};
  const manager = core.createManager({ pools: { pool }, ...fair });
  const askers = Array.from(
    { length: max + wishes.waiters },
    (_, n) => new Asker(manager as unknown as Manager, n, wishes) as Contestant,
  );
  await fill(askers[0]!, max);
  return await rateOf(askers, max, wishes.waiters, length);
}

/** What a pool has, is about to have, and may have. */
export interface Supply {
  /** Tickets that this pool is to serve. */
  readonly waiting: number;
  /** Free resources that may be lent now. */
  readonly free: number;
  /** On their way to be ready: allocating or resetting. */
  readonly coming: number;
  /** Everything that counts against `max`: all records, whatever their state, and listed things without a record. */
  readonly total: number;
  readonly allocating: number;
  readonly max: number;
  readonly warm: number;
  readonly maxAllocating: number;
}

/** How many allocations a pool wants to start now, for those who wait and for its buffer. Demand comes first. */
export function wanted(supply: Supply): { forDemand: number; forBuffer: number } {
  const { waiting, free, coming, warm } = supply;
  const room = Math.max(0, Math.min(supply.max - supply.total, supply.maxAllocating - supply.allocating));
  const missing = Math.max(0, waiting - free - coming);
  const forDemand = Math.min(missing, room);
  // What is left over after those who wait are served counts towards the buffer.
  const spare = Math.max(0, free + coming - waiting);
  const forBuffer = Math.min(Math.max(0, warm - spare), room - forDemand);
  return { forDemand, forBuffer };
}

/** A line as sizing sees it: how many wait, and which pools can serve them, preferred first. */
export interface Queue<P> {
  readonly waiting: number;
  readonly pools: readonly P[];
}

/** What all pools of a provider could do together. */
export interface Shared {
  /** How many more they could make now. */
  room: number;
  /** How many more if those that are idle gave way, and those that give way already were gone. */
  yields: number;
}

/** What one pool could do for those who wait. */
export interface Offer {
  /** Free or coming, and not spoken for. */
  supply: number;
  /** How many more it could make now: 0 at its cap, in backoff, or paused. */
  room: number;
  readonly shared: Shared;
  /** How many more if those gave way that are free for somebody else only. */
  yields: number;
  /** It may become able to make some without anything being changed. */
  readonly hopeful: boolean;
}

/**
 * Shares those who wait out to the pools that can serve them: first to what is free or coming anyway, then to the first
 * pool that has room to make more, then to the first that had if others gave way; whoever is left waits for the first pool
 * that may have room again. Lines with fewer pools choose first, for they have less choice.
 */
export function shareDemand<P>(queues: readonly Queue<P>[], offers: ReadonlyMap<P, Offer>): Map<P, number> {
  const demand = new Map<P, number>();
  const give = (pool: P, count: number) => demand.set(pool, (demand.get(pool) ?? 0) + count);
  for (const queue of [...queues].sort((a, b) => a.pools.length - b.pools.length)) {
    let left = queue.waiting;
    for (const take of [takeSupply, takeRoom, takeYields, takeRoomOfOthers]) {
      for (const pool of queue.pools) {
        const offer = offers.get(pool);
        if (offer === undefined || left === 0) continue;
        const taken = take(offer, left);
        left -= taken;
        if (taken > 0) give(pool, taken);
      }
    }
    const last = queue.pools.find((pool) => offers.get(pool)?.hopeful) ?? queue.pools[0];
    if (left > 0 && last !== undefined) give(last, left);
  }
  return demand;
}

function takeSupply(offer: Offer, left: number): number {
  const taken = Math.max(0, Math.min(left, offer.supply));
  offer.supply -= taken;
  return taken;
}

function takeRoom(offer: Offer, left: number): number {
  const taken = Math.max(0, Math.min(left, offer.room, offer.shared.room));
  offer.room -= taken;
  offer.shared.room -= taken;
  return taken;
}

function takeYields(offer: Offer, left: number): number {
  const taken = Math.max(0, Math.min(left, offer.yields));
  offer.yields -= taken;
  return taken;
}

function takeRoomOfOthers(offer: Offer, left: number): number {
  const taken = Math.max(0, Math.min(left, offer.room, offer.shared.yields));
  offer.room -= taken;
  offer.shared.yields -= taken;
  return taken;
}

/**
 * How many idle resources of other pools must go so that demand fits under the provider's cap.
 *
 * @param room Free places; negative where there is more than the cap allows.
 */
export function toMakeRoom(unmet: number, room: number, alreadyLeaving: number): number {
  return Math.max(0, unmet - room - alreadyLeaving);
}

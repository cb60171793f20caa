import type { Need } from "./gather.js";

/** What the pools of one provider could do together. */
export interface Shared {
  /** How many more they could make now. */
  room: number;
  /** Places that are about to be free. */
  leaving: number;
}

/** What one pool could do for those who wait. */
export interface Means {
  /** Free, and not spoken for. Negative: never. */
  free: number;
  /** Free for somebody else only, and would give way. */
  bound: number;
  /** On their way to be free, and not spoken for. */
  coming: number;
  /** How many more it could make now, for all that its provider allows: 0 at its cap, in backoff, or paused. */
  room: number;
  readonly shared: Shared;
}

/** How many each pool is to serve, and how many of its free ones are to give their places to others. */
export interface Allotment<P> {
  readonly demand: ReadonlyMap<P, number>;
  readonly evict: ReadonlyMap<P, number>;
}

/**
 * Allots what pools have, and the places that are free, to needs in their order: an earlier one has what it needs before a
 * later one has anything. Each need takes what is free, then what is coming, then free places, then places that are about
 * to be free; last, what is free for others, or for later ones only, gives way to it.
 *
 * Without this order, two who need several things under one cap could each have what the other lacks.
 *
 * @param means Of all pools that are needed, and of all that share a provider with them. Used up here.
 */
export function allot<P>(needs: readonly Need<P>[], means: ReadonlyMap<P, Means>): Allotment<P> {
  const demand = new Map<P, number>();
  const evict = new Map<P, number>();
  for (const need of needs) {
    let left = need.count;
    for (const take of [takeFree, takeComing, takeRoom, takeLeaving, takeBound]) {
      for (const pool of need.pools) {
        const own = means.get(pool);
        if (own === undefined || left === 0) continue;
        const taken = Math.max(0, Math.min(left, take(own)));
        left -= taken;
        spend(own, take, taken);
        // Places that are not free yet are for a later time.
        if (taken > 0 && take !== takeLeaving) add(demand, pool, taken);
      }
    }
    for (const pool of need.pools) left -= displace(means, pool, left, evict);
  }
  return { demand, evict };
}

type Take = (means: Means) => number;
const takeBound: Take = ({ bound }) => bound;
const takeFree: Take = ({ free }) => free;
const takeComing: Take = ({ coming }) => coming;
const takeRoom: Take = ({ room, shared }) => Math.min(room, shared.room);
const takeLeaving: Take = ({ room, shared }) => Math.min(room, shared.leaving);

function spend(means: Means, take: Take, count: number): void {
  if (take === takeFree) means.free -= count;
  else if (take === takeComing) means.coming -= count;
  else if (take === takeBound) means.bound -= count;
  else {
    means.room -= count;
    if (take === takeRoom) means.shared.room -= count;
    else means.shared.leaving -= count;
  }
}

/** Has free ones of other pools of the same provider give their places to a pool; returns how many will. */
function displace<P>(means: ReadonlyMap<P, Means>, pool: P, count: number, evict: Map<P, number>): number {
  const own = means.get(pool);
  if (own === undefined) return 0;
  let placed = 0;
  for (const [other, its] of means) {
    if (other === pool || its.shared !== own.shared) continue;
    const taken = Math.max(0, Math.min(count - placed, its.free + its.bound, own.room));
    if (taken === 0) continue;
    const ofFree = Math.max(0, Math.min(its.free, taken));
    its.free -= ofFree;
    its.bound -= taken - ofFree;
    own.room -= taken;
    placed += taken;
    add(evict, other, taken);
  }
  return placed;
}

function add<P>(counts: Map<P, number>, pool: P, count: number): void {
  counts.set(pool, (counts.get(pool) ?? 0) + count);
}

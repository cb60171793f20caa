import { gather, type Need } from "./gather.js";

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
 * Allots what pools have, and the places that are free, to those who ask in their order: an earlier one has what he needs
 * before a later one has anything. Each need takes what is free, then what is coming, then free places, then places that
 * are about to be free; last, what is free for others, or for later ones only, gives way to it.
 *
 * Without this order, two who need several things under one cap could each have what the other lacks.
 *
 * @param asked The needs of each who asks. Where one of his has a choice, it leaves to another what only that can do with.
 * @param means Of all pools that are needed, and of all that share a provider with them. Used up here.
 */
export function allot<P>(asked: readonly (readonly Need<P>[])[], means: ReadonlyMap<P, Means>): Allotment<P> {
  const demand = new Map<P, number>();
  const evict = new Map<P, number>();
  for (const needs of asked) {
    for (const need of needs.length > 1 ? settleChoices(needs, means) : needs) allotOne(need, means, { demand, evict });
  }
  return { demand, evict };
}

/** What a pool can do for one need, by how gladly it is taken. */
interface Source<P> {
  readonly pool: P;
  readonly has: number;
  /** Its places are those of its provider as well. */
  readonly shared?: Shared;
}

function sourcesOf<P>(pool: P, { free, bound, coming, room, shared }: Means): readonly Source<P>[] {
  return [
    { pool, has: free },
    { pool, has: coming },
    { pool, has: room, shared },
    { pool, has: bound },
  ];
}

/** Splits the needs of one who asks by pools, so that as many as possible can be met together. */
function settleChoices<P>(needs: readonly Need<P>[], means: ReadonlyMap<P, Means>): Need<P>[] {
  const sources = new Map([...means].map(([pool, own]) => [pool, sourcesOf(pool, own)]));
  const ranks = [0, 1, 2, 3];
  const wants = needs.map(({ count, pools }) => ({
    count,
    pools: ranks.flatMap((rank) => pools.flatMap((pool) => sources.get(pool)?.[rank] ?? [])),
  }));
  const places = [...sources.values()].flat().filter(({ shared }) => shared !== undefined);
  const together = [...new Set(places.map(({ shared }) => shared as Shared))].map((shared) => ({
    pools: places.filter((place) => place.shared === shared),
    has: shared.room + shared.leaving,
  }));
  const { found } = gather(wants, { has: ({ has }) => has, together });
  return needs.flatMap(({ count, pools }, n) => {
    const parts = [...(found[n] ?? [])].map(([{ pool }, some]) => ({ count: some, pools: [pool] }));
    const left = parts.reduce((sum, part) => sum - part.count, count);
    // What cannot be had now, whichever of them may have it first.
    return left === 0 ? parts : [...parts, { count: left, pools }];
  });
}

function allotOne<P>(
  need: Need<P>,
  means: ReadonlyMap<P, Means>,
  { demand, evict }: { readonly demand: Map<P, number>; readonly evict: Map<P, number> },
): void {
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

import { allot, type Means, type Shared } from "./allot.js";
import { isChoosy } from "./choosy.js";
import { gather, type Need } from "./gather.js";
import type { Ledger } from "./ledger.js";
import { goesBefore, type Line } from "./line.js";
import { leavingFrom, mayMakeAtMs, roomAt, roomNow } from "./making.js";
import { isWorthKeeping } from "./matching-parties.js";
import { areMade } from "./needs.js";
import { mayHaveAll, type Want } from "./party.js";
import { ownOf } from "./picking.js";
import type { Pool } from "./pool.js";
import type { Provider } from "./provider.js";
import { dispose } from "./tending.js";
import type { Ticket } from "./ticket.js";

/** Whether what these pools may make is also a matter of those who ask for several things together. */
export function isContested(ledger: Ledger, pools: Iterable<Pool>): boolean {
  if (ledger.parties.size === 0) return false;
  // A Set's iteration goes on to what is added to it: to all that share a line or a cap, over any number of steps.
  const reached = new Set(pools);
  for (const { wanted, provider, lines } of reached) {
    if (wanted > 0) return true;
    for (const line of lines) if (line.size > 0) for (const other of line.pools) reached.add(other);
    if (provider.policy.max !== Number.POSITIVE_INFINITY) for (const other of provider.pools) reached.add(other);
  }
  return false;
}

/**
 * How many each pool is to serve, in the one order of all who wait. What is free for later ones gives its place to earlier
 * ones. Adds all pools that this is about.
 */
export function allotDemand(ledger: Ledger, reached: Set<Pool>): ReadonlyMap<Pool, number> {
  for (const pool of ledger.pools.values()) if (pool.waiting > 0) reached.add(pool);
  const means = meansOf(ledger, reached);
  const { demand, evict } = allot(needsOf(ledger, reached), means);
  for (const [pool, count] of evict) {
    for (let gone = 0; gone < count; gone++) {
      const resource = pool.warm.last ?? pool.bound.idlest;
      if (resource !== undefined) dispose(ledger, resource, "room-for-others");
    }
  }
  return demand;
}

/** What those who wait need, each for himself, in their order; a line as a whole has the place of its first. */
export function needsOf(ledger: Ledger, pools: Iterable<Pool>): (readonly Need<Pool>[])[] {
  const needs: { readonly ticket: Ticket; readonly needs: readonly Need<Pool>[] }[] = [];
  const lines = new Set<Line>();
  for (const pool of pools) for (const line of pool.lines) lines.add(line);
  for (const { first, waiting, pools, needs: special } of lines) {
    if (first !== undefined && areMade(special)) needs.push({ ticket: first, needs: [{ count: waiting, pools }] });
  }
  for (const ticket of ledger.parties) {
    const { order } = ticket;
    // What is made serves nobody who is choosy, or nobody can say so.
    const wants = (ticket.wants ?? []).filter((want) => !isChoosy(want));
    if (wants.length === 0) continue;
    const own = (pool: Pool) => ownOf(pool, order)?.size ?? 0;
    const has = (pool: Pool) => pool.warm.size + own(pool);
    if (!mayHaveAll(ledger, ticket) || !isWorthKeeping(ledger, wants, gather(wants, { has }))) continue;
    const lacks = wants.map(({ count, pools }) => ({
      count: Math.max(
        0,
        pools.reduce((left, pool) => left - own(pool), count),
      ),
      pools,
    }));
    needs.push({ ticket, needs: [...lacks, ...(ticket.wants ?? []).filter(takesFromWarm)] });
  }
  return needs.sort((a, b) => (goesBefore(a.ticket, b.ticket) ? -1 : 1)).map((one) => one.needs);
}

/** What it wants by its name is free, or on its way: others cannot be served by that. */
function takesFromWarm({ item, pools }: Want): boolean {
  const name = item?.selector?.name;
  return name !== undefined && pools.some((pool) => pool.countsAsFree(name));
}

/** What these pools have and could make, and what is free in others that share a cap with them. */
export function meansOf(ledger: Ledger, pools: Iterable<Pool>): Map<Pool, Means> {
  const shares = new Map<Provider, Shared>();
  const means = new Map<Pool, Means>();
  for (const { provider } of pools) {
    if (shares.has(provider)) continue;
    const room = roomAt(provider);
    // What is over the cap must go before a place is free.
    const shared = { room: Math.max(0, room), leaving: Math.max(0, leavingFrom(provider) + Math.min(0, room)) };
    shares.set(provider, shared);
    for (const pool of provider.pools) {
      const lends = pool.mode !== "paused";
      means.set(pool, {
        free: lends ? pool.warm.size : 0,
        bound: mayMakeAtMs(ledger, pool) <= ledger.nowMs ? pool.bound.size : 0,
        coming: lends ? pool.coming : 0,
        room: Math.max(0, roomNow(ledger, pool)),
        shared,
      });
    }
  }
  return means;
}

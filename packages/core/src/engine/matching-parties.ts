import { isChoosy, pickChoosy } from "./choosy.js";
import { type Gathered, gather } from "./gather.js";
import type { Ledger } from "./ledger.js";
import { grant } from "./lending.js";
import { goesBefore, type Line } from "./line.js";
import { mayMakeAtMs } from "./making.js";
import { checksFirst, endFree, matchMates, mayLend, vet } from "./matching.js";
import { grantParty, mayHaveAll, poolsOf, thingsOf, type Want } from "./party.js";
import { ownOf, pick as pickNext, pickSome } from "./picking.js";
import type { Pool } from "./pool.js";
import type { Resource } from "./resource.js";
import type { Ticket, TicketOrder } from "./ticket.js";
import type { WarmList } from "./warm-list.js";

/** What pools have free while tickets are walked through in their order: what is kept for one is not there for later ones. */
class Free {
  readonly #ledger: Ledger;
  /** How many are kept of what lies on a shelf. */
  readonly #kept = new Map<WarmList, number>();
  #left = 0;

  constructor(ledger: Ledger, pools: Iterable<Pool>) {
    this.#ledger = ledger;
    for (const pool of pools)
      if (mayLend(ledger, pool)) this.#left += pool.warm.size + pool.bound.size + pool.conditioned.size;
  }

  get isUsedUp(): boolean {
    return this.#left <= 0;
  }

  /** What is there for everybody. */
  of(pool: Pool): number {
    return this.#on(pool.warm, pool);
  }

  /** What is there for an order. */
  for(pool: Pool, order: TicketOrder): number {
    return this.of(pool) + this.#on(ownOf(pool, order), pool);
  }

  #on(shelf: WarmList | undefined, pool: Pool): number {
    return shelf === undefined || !mayLend(this.#ledger, pool) ? 0 : shelf.size - (this.#kept.get(shelf) ?? 0);
  }

  taken(count: number): void {
    this.#left -= count;
  }

  keep(found: Gathered<Pool>["found"], order: TicketOrder): void {
    for (const pools of found) {
      for (const [pool, count] of pools) {
        const own = ownOf(pool, order);
        const ofOwn = Math.min(count, this.#on(own, pool));
        if (own !== undefined) this.#keep(own, ofOwn);
        this.#keep(pool.warm, count - ofOwn);
      }
    }
  }

  /** They stay where they are. */
  keepThese(resources: readonly Resource[]): void {
    for (const { shelf } of resources) if (shelf !== undefined) this.#keep(shelf, 1);
  }

  #keep(shelf: WarmList, count: number): void {
    this.#kept.set(shelf, (this.#kept.get(shelf) ?? 0) + count);
    this.#left -= count;
  }
}

/**
 * Lends what is free where some of those who wait ask for several things together. Everyone is looked at in the one order
 * of all: who can have everything he asks for has it; who can't have it yet has kept for him what there is, and later ones
 * take only what is left. Nothing of that is remembered: the next time it is found anew.
 */
export function matchWithParties(ledger: Ledger): void {
  const pools = [...ledger.pools.values()].filter(({ waiting }) => waiting > 0);
  for (const pool of pools) matchMates(ledger, pool);
  const free = new Free(ledger, pools);
  const lines = new Set<Line>();
  for (const pool of pools) for (const line of pool.allLines()) if (line.first !== undefined) lines.add(line);
  const keepers: Ticket[] = [];
  const parties = ledger.parties[Symbol.iterator]();
  let party = parties.next().value;
  while (!free.isUsedUp) {
    const line = earliest(lines);
    if (party !== undefined && (line?.first === undefined || goesBefore(party, line.first))) {
      if (serve(ledger, party, free)) keepers.push(party);
      party = parties.next().value;
    } else if (line === undefined) {
      break;
    } else if (!serveFirst(ledger, line, free)) {
      // What is free only gets less: whoever stands behind him in this line finds nothing either.
      lines.delete(line);
    }
  }
  // Whoever was granted so much else meanwhile that he may not have all of it keeps it from others for nothing.
  if (keepers.some((one) => !mayHaveAll(ledger, one))) return matchWithParties(ledger);
  for (const pool of pools) endFree(ledger, pool);
}

function earliest(lines: Iterable<Line>): Line | undefined {
  let found: Line | undefined;
  for (const line of lines) {
    const { first } = line;
    if (first !== undefined && (found?.first === undefined || goesBefore(first, found.first))) found = line;
  }
  return found;
}

/** Grants the first of a line what is free for him; returns whether there was something. */
function serveFirst(ledger: Ledger, { first, pools }: Line, free: Free): boolean {
  for (const pool of pools) {
    if (!mayLend(ledger, pool)) continue;
    const resource = first === undefined ? undefined : pickNext(pool, first.order, ledger.nowMs);
    if (first === undefined || resource === undefined) continue;
    // Of what everybody may have, some may be kept.
    if (resource.shelf === pool.warm && free.of(pool) <= 0) continue;
    free.taken(1);
    if (!checksFirst(ledger, resource)) {
      grant(ledger, first, resource);
      return true;
    }
    // Each ticket has one resource checked for it: checking more would only keep them from others.
    if (resource.shelf !== pool.warm) vet(ledger, resource);
    else for (const each of [...pool.warm].slice(0, free.of(pool))) if (pool.vetting < pool.waiting) vet(ledger, each);
  }
  return false;
}

/** Grants a party everything, or keeps for it what there is; returns whether it keeps something. */
function serve(ledger: Ledger, party: Ticket, free: Free): boolean {
  // He is passed over until he has less.
  if (!mayHaveAll(ledger, party)) return false;
  const { wants = [], order } = party;
  const sought = seek(ledger, wants, order, free);
  // Nothing is kept for whoever is choosy: what he waits for may be long in coming, and others have the use of it meanwhile.
  if (sought === undefined) return false;
  const { plain, gathered } = sought;
  const resources = allOf(sought, wants, order, free);
  if (resources !== undefined) {
    const unsure = unsureOf(ledger, wants, resources);
    free.taken(unsure.length === 0 ? resources.length : unsure.length);
    if (unsure.length === 0) {
      grantParty(ledger, party, resources);
      return false;
    }
    // Those that are off to be checked come back first in line, and find it waiting.
    for (const resource of unsure) vet(ledger, resource);
    free.keepThese(resources);
  } else if (isWorthKeeping(ledger, plain, gathered)) {
    free.keep(gathered.found, order);
  } else {
    return false;
  }
  return true;
}

interface Sought {
  /** What each of the choosy wants has. */
  readonly chosen: ReadonlyMap<Want, readonly Resource[]>;
  /** All of those. */
  readonly choice: ReadonlySet<Resource>;
  /** The wants that any resource of their pools will do for, and what there is for them. */
  readonly plain: readonly Want[];
  readonly gathered: Gathered<Pool>;
}

/** What is free of all that a party wants; `undefined`: something is missing that it is choosy about. */
function seek(ledger: Ledger, wants: readonly Want[], order: TicketOrder, free: Free): Sought | undefined {
  const chosen = pickChoosy(ledger, wants, order.owner);
  if (chosen === undefined) return undefined;
  const choice = new Set([...chosen.values()].flat());
  const plain = wants.filter((want) => !isChoosy(want));
  const gathered = gather(plain, { has: (pool) => free.for(pool, order) - warmOf(pool, choice) });
  return { chosen, choice, plain, gathered };
}

/** All that a party wants, in the order of its items; `undefined`: it is not all there. */
function allOf(
  { chosen, choice, plain, gathered }: Sought,
  wants: readonly Want[],
  order: TicketOrder,
  free: Free,
): Resource[] | undefined {
  if (!gathered.complete) return undefined;
  for (const pool of poolsOf(wants)) if (warmOf(pool, choice) > free.of(pool)) return undefined;
  const others = pick(gathered, order, choice);
  return wants.flatMap((want) => chosen.get(want) ?? others.get(plain.indexOf(want)) ?? []);
}

/** Those that have to be checked before they are lent. */
function unsureOf(ledger: Ledger, wants: readonly Want[], resources: readonly Resource[]): Resource[] {
  const slowestMs = slowestCheckMs(wants);
  return resources.filter((resource) => checksFirst(ledger, resource, slowestMs));
}

/** Whether a party need not wait at all: everything is free, its owner may have it, and nobody waits for any of it. */
export function areAtHand(ledger: Ledger, wants: readonly Want[], order: TicketOrder): boolean {
  const pools = poolsOf(wants);
  for (const { waiting } of pools) if (waiting > 0) return false;
  if (ledger.owners !== undefined && ledger.owners.room(order.owner) < thingsOf(wants)) return false;
  const free = new Free(ledger, pools);
  const sought = seek(ledger, wants, order, free);
  const resources = sought && allOf(sought, wants, order, free);
  return resources !== undefined && unsureOf(ledger, wants, resources).length === 0;
}

/** How many of these everybody may have. */
function warmOf(pool: Pool, resources: Iterable<Resource>): number {
  let count = 0;
  for (const { shelf } of resources) if (shelf === pool.warm) count += 1;
  return count;
}

/** The resources of each need, none of those that are chosen already. */
function pick({ found }: Gathered<Pool>, order: TicketOrder, but: ReadonlySet<Resource>): Map<number, Resource[]> {
  const total = new Map<Pool, number>();
  for (const pools of found) for (const [pool, count] of pools) total.set(pool, (total.get(pool) ?? 0) + count);
  const picked = new Map([...total].map(([pool, count]) => [pool, pickSome(pool, order, count, but)]));
  return new Map(
    found.map((pools, n) => [n, [...pools].flatMap(([pool, count]) => picked.get(pool)?.splice(0, count) ?? [])]),
  );
}

/** Its checks begin together: one that ended early counts until the slowest has. */
function slowestCheckMs(wants: readonly Want[]): number {
  let longestMs = 0;
  for (const { pools } of wants)
    for (const { policy } of pools) longestMs = Math.max(longestMs, policy.check.timeoutMs);
  return longestMs;
}

/** Nothing is kept for a party that lacks what cannot be had now: others have the use of it meanwhile. */
export function isWorthKeeping(ledger: Ledger, wants: readonly Want[], { found }: Gathered<Pool>): boolean {
  return wants.every(({ count, pools }, n) => {
    let has = 0;
    for (const taken of found[n]?.values() ?? []) has += taken;
    return has === count || pools.some((pool) => mayStillCome(ledger, pool));
  });
}

/** Whether a pool may lend another one before something is mended: it is on its way, will come back, or can be made. */
function mayStillCome(ledger: Ledger, pool: Pool): boolean {
  if (!mayLend(ledger, pool)) return false;
  if (pool.coming > 0 || (pool.policy.reuse !== undefined && pool.counts.leased > 0)) return true;
  const isPausing = pool.failures > 0 || pool.provider.breaker.openUntilMs > ledger.nowMs;
  return !isPausing || mayMakeAtMs(ledger, pool) <= ledger.nowMs;
}

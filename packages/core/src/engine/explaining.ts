import { formatMs } from "../model/duration.js";
import type { TicketItem, TicketState } from "../model/ticket.js";
import type { Ledger } from "./ledger.js";
import { goesBefore } from "./line.js";
import { countOf, mayMakeAtMs, roomAt } from "./making.js";
import { mayLend } from "./matching.js";
import { inOtherConditions, mismatches } from "./mismatch.js";
import { type Obstacle, sentence } from "./obstacle.js";
import { poolsOf, thingsOf } from "./party.js";
import { suits } from "./picking.js";
import type { Pool } from "./pool.js";
import type { Provider } from "./provider.js";
import type { Ticket } from "./ticket.js";

/** Why a ticket is not served yet, for programs and, as `text`, for people. */
export interface Explanation {
  /** Number of the ticket. */
  readonly ticket: number;
  /** Who asked. */
  readonly owner: string;
  /** A ticket that does not wait has no obstacles. */
  readonly state: TicketState;
  /** Tickets that go before it in the lines of its pools. */
  readonly ahead: number;
  /** Until now, or until it was granted or closed. */
  readonly waitedMs: number;
  /** The pools that could serve it, preferred first, and what keeps each. */
  readonly pools: readonly { readonly pool: string; readonly obstacles: readonly Obstacle[] }[];
  /** All of it in a sentence or two. */
  readonly text: string;
}

export function explain(ledger: Ledger, ticket: Ticket): Explanation {
  const { line, wants } = ticket;
  const able = wants === undefined ? (line?.pools ?? []) : [...poolsOf(wants)];
  const pools = ledger.early.has(ticket)
    ? notStarted(ledger, ticket)
    : able.map((pool) => ({
        pool: pool.name,
        obstacles: [...ownObstacles(ledger, ticket, pool), ...obstaclesOf(ledger, pool, ticket)],
      }));
  const ahead = line === undefined ? 0 : aheadOf(ledger, ticket, able);
  const untilMs = ticket.state === "granted" ? ticket.grantedAt?.atMs : ticket.endedAtMs;
  const waitedMs = Math.max(0, (untilMs ?? ledger.nowMs) - ticket.waitsSinceMs);
  const base = { ticket: ticket.id, owner: ticket.owner, state: ticket.state, ahead, waitedMs, pools };
  return { ...base, text: textOf(base, ticket) };
}

/** What keeps a pool from serving this ticket, though it may serve others. */
function ownObstacles(ledger: Ledger, ticket: Ticket, pool: Pool): Obstacle[] {
  const { owner, wants = [{ count: 1 }], state } = ticket;
  if (state !== "waiting") return [];
  const items = itemsFor(ticket, pool);
  const found = items.flatMap((item) => mismatches(pool, item, ledger.nowMs));
  if (ledger.owners !== undefined && ledger.owners.room(owner) < thingsOf(wants)) {
    const { maxLeases } = ledger.owners.policyOf(owner);
    found.push({ why: "owner-quota", owner, maxLeases, leases: ledger.owners.of(owner).leases });
  } else if (pool.wanted > 0 && mayLend(ledger, pool)) {
    const count = suitable(ledger, pool, owner, items);
    if (count > 0) found.push({ why: "kept", count });
  }
  return found;
}

/** What a ticket asks for that this pool could serve. */
function itemsFor({ order, wants }: Ticket, pool: Pool): readonly TicketItem[] {
  const { item, items = [item] } = order;
  return wants === undefined ? items : items.filter((_, n) => wants[n]?.pools.includes(pool));
}

/** How many free ones would do for one of these. */
function suitable(ledger: Ledger, pool: Pool, owner: string, items: readonly TicketItem[]): number {
  if (items.some(({ selector }) => selector === undefined)) return pool.warm.size;
  let count = 0;
  for (const resource of pool.free())
    if (items.some((item) => suits(pool, resource, { owner, item }, ledger.nowMs))) count += 1;
  return count;
}

function notStarted(ledger: Ledger, ticket: Ticket): Explanation["pools"] {
  const obstacles = [{ why: "not-started", inMs: ticket.waitsSinceMs - ledger.nowMs }] as const;
  const { item, items = [item] } = ticket.order;
  const able = new Set(items.flatMap((one) => ledger.lines.for(one)?.pools ?? []));
  return [...able].map(({ name }) => ({ pool: name, obstacles }));
}

function aheadOf(ledger: Ledger, ticket: Ticket, pools: readonly Pool[]): number {
  const lines = new Set(pools.flatMap(({ lines }) => lines));
  const own = ticket.line;
  let ahead = own?.ahead(ticket) ?? 0;
  for (const line of lines) {
    if (line === own) continue;
    for (const other of line) {
      if (!goesBefore(other, ticket)) break;
      ahead += 1;
    }
  }
  for (const { wants = [] } of own === ledger.parties ? [] : partiesBefore(ledger, ticket)) {
    if (wants.some((want) => want.pools.some((pool) => pools.includes(pool)))) ahead += 1;
  }
  return ahead;
}

function* partiesBefore(ledger: Ledger, ticket: Ticket): Iterable<Ticket> {
  for (const party of ledger.parties) {
    if (!goesBefore(party, ticket)) return;
    yield party;
  }
}

/** What keeps a pool from serving a ticket, or whoever is next. Who holds what is looked up for a ticket only. */
export function obstaclesOf(ledger: Ledger, pool: Pool, ticket?: Ticket): Obstacle[] {
  const { counts, policy, provider, lastFailure } = pool;
  const found: Obstacle[] = [];
  if (ledger.rolledBack !== undefined) found.push({ why: "store-rolled-back" });
  if (pool.mode === "paused") found.push({ why: "paused" });
  if (pool.mode === "draining" || pool.mode === "leaving") found.push({ why: "draining" });
  if (lastFailure !== undefined) {
    const { kind, message } = lastFailure.failure;
    const retryInMs = pool.nextAllocateAtMs > ledger.nowMs ? pool.nextAllocateAtMs - ledger.nowMs : undefined;
    found.push({ why: "failing", kind, lastError: message, retryInMs });
  }
  if (provider.breaker.openUntilMs > ledger.nowMs) {
    const { openUntilMs: untilAtMs } = provider.breaker;
    const forMs = untilAtMs - ledger.nowMs;
    found.push({ why: "breaker-open", provider: provider.name, forMs, untilAtMs, lastError: lastErrorOf(provider) });
  }
  if (provider.policy.can.list && !provider.swept) found.push({ why: "first-listing", provider: provider.name });
  if (countOf(pool) >= policy.max) {
    const { leased, deleting, unknown } = counts;
    const holders = ticket === undefined ? undefined : holdersOf(ledger, pool);
    found.push({
      why: "at-cap",
      max: policy.max,
      leased,
      deleting,
      unknown,
      ...(holders !== undefined && { holders }),
    });
  } else if (roomAt(provider) <= 0) {
    found.push({ why: "at-provider-cap", provider: provider.name, max: provider.policy.max });
  }
  if (counts.allocating > 0) {
    found.push({
      why: "allocating",
      count: counts.allocating,
      forMs: allocatingForMs(ledger, pool),
      usuallyMs: pool.allocateMs === 0 ? undefined : pool.allocateMs,
    });
  }
  if (counts.resetting > 0) found.push({ why: "resetting", count: counts.resetting });
  if (pool.vetting > 0) found.push({ why: "checking", count: pool.vetting });
  const { bound, conditioned } = pool;
  if (bound.size > 0) found.push({ why: "kept-for-others", count: bound.size });
  if (pool.usual !== undefined) {
    const items = ticket === undefined ? [{ selector: undefined }] : itemsFor(ticket, pool);
    const wanted = new Set(items.map(({ selector }) => selector?.condition ?? (pool.usual as string)));
    for (const condition of wanted) found.push(...inOtherConditions(pool, condition));
  }
  const unhealthy = counts.ready - pool.warm.size - bound.size - conditioned.size - pool.vetting;
  if (unhealthy > 0) found.push({ why: "unhealthy", count: unhealthy });
  const delayedMs = mayMakeAtMs(ledger, pool) - ledger.nowMs;
  // Nothing else stands in the way: it is the least time between two allocations.
  if (found.length === 0 && delayedMs > 0) found.push({ why: "delayed", forMs: delayedMs });
  return found;
}

/** Where more exist, nobody looks through all of them to say who has what. */
const MOST_LOOKED_THROUGH = 1_000;

/** Owners that are named. */
const MOST_NAMED = 3;

function holdersOf({ resources }: Ledger, pool: Pool): { owner: string; leases: number }[] | undefined {
  if (resources.size > MOST_LOOKED_THROUGH || pool.counts.leased === 0) return undefined;
  const counts = new Map<string, number>();
  for (const resource of resources.values()) {
    const owner = resource.pool === pool ? resource.ticket?.owner : undefined;
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  const holders = [...counts].map(([owner, leases]) => ({ owner, leases }));
  return holders.sort((a, b) => b.leases - a.leases).slice(0, MOST_NAMED);
}

function allocatingForMs(ledger: Ledger, pool: Pool): number {
  let sinceMs = ledger.nowMs;
  if (ledger.resources.size > MOST_LOOKED_THROUGH) return 0;
  for (const resource of ledger.resources.values()) {
    if (resource.pool === pool && resource.state === "allocating") sinceMs = Math.min(sinceMs, resource.sinceAtMs);
  }
  return ledger.nowMs - sinceMs;
}

function lastErrorOf({ pools }: Provider): string | undefined {
  let newest: Pool["lastFailure"];
  for (const { lastFailure } of pools) if ((lastFailure?.atMs ?? 0) > (newest?.atMs ?? 0)) newest = lastFailure;
  return newest?.failure.message;
}

function textOf(explanation: Omit<Explanation, "text">, ticket: Ticket): string {
  const { ahead, waitedMs, pools, state } = explanation;
  if (state === "granted") return `Ticket ${ticket.id} was granted after ${formatMs(waitedMs)}.`;
  if (state === "closed") {
    return `Ticket ${ticket.id} is closed: ${ticket.end}${ticket.reason === undefined ? "" : ` (${ticket.reason})`}.`;
  }
  const startsIn = pools[0]?.obstacles.find(({ why }) => why === "not-started");
  if (startsIn !== undefined) {
    const able = pools.map(({ pool }) => `"${pool}"`).join(", ");
    return `Ticket ${ticket.id} stands in no line yet: ${sentence(startsIn, ticket, [])}. Then it may be served by pool ${able}.`;
  }
  const place = ahead === 0 ? "It is next in line" : `${ahead} ${ahead === 1 ? "goes" : "go"} before it`;
  const reasons = pools.map(({ pool, obstacles }) => {
    const sentences = obstacles.map((obstacle) => sentence(obstacle, ticket, obstacles));
    // Of several things, others may be what is missing.
    return `pool "${pool}": ${sentences.join(", ") || (ticket.isParty ? "nothing is in its way" : "about to be served")}`;
  });
  return `Ticket ${ticket.id} has waited ${formatMs(waitedMs)}. ${place}; ${reasons.join("; ")}.`;
}

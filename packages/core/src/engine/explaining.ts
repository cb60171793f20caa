import { formatMs } from "../model/duration.js";
import type { FailureKind } from "../model/failure.js";
import type { TicketState } from "../model/ticket.js";
import type { Ledger } from "./ledger.js";
import { goesBefore } from "./line.js";
import { countOf, mayMakeAtMs, roomAt } from "./making.js";
import { poolsOf } from "./party.js";
import type { Pool } from "./pool.js";
import type { Ticket } from "./ticket.js";

/** Why a pool does not serve a ticket yet. */
export type Obstacle =
  | { readonly why: "not-started"; readonly inMs: number }
  | { readonly why: "paused" }
  | { readonly why: "draining" }
  | {
      readonly why: "at-cap";
      readonly max: number;
      readonly leased: number;
      readonly deleting: number;
      readonly unknown: number;
    }
  | { readonly why: "at-provider-cap"; readonly provider: string; readonly max: number }
  | { readonly why: "allocating"; readonly count: number; readonly usuallyMs: number | undefined }
  | { readonly why: "resetting"; readonly count: number }
  | { readonly why: "checking"; readonly count: number }
  | { readonly why: "unhealthy"; readonly count: number }
  /** Free, and bound to the owner or sandbox that used them. */
  | { readonly why: "kept-for-others"; readonly count: number }
  /** Free, and not in the condition that is usually wanted. */
  | { readonly why: "in-other-conditions"; readonly count: number }
  | {
      readonly why: "failing";
      readonly kind: FailureKind;
      readonly lastError: string;
      readonly retryInMs: number | undefined;
    }
  | { readonly why: "delayed"; readonly forMs: number }
  | { readonly why: "breaker-open"; readonly provider: string; readonly forMs: number }
  | { readonly why: "first-listing"; readonly provider: string }
  | { readonly why: "store-rolled-back" };

/** Why a ticket is not served yet, for programs and, as `text`, for people. */
export interface Explanation {
  /** Number of the ticket. */
  readonly ticket: number;
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
    : able.map((pool) => ({ pool: pool.name, obstacles: obstaclesOf(ledger, pool) }));
  const ahead = line === undefined ? 0 : aheadOf(ticket, able);
  const untilMs = ticket.state === "granted" ? ticket.grantedAt?.atMs : ticket.endedAtMs;
  const waitedMs = Math.max(0, (untilMs ?? ledger.nowMs) - ticket.waitsSinceMs);
  const base = { ticket: ticket.id, state: ticket.state, ahead, waitedMs, pools };
  return { ...base, text: textOf(base, ticket) };
}

function notStarted(ledger: Ledger, ticket: Ticket): Explanation["pools"] {
  const obstacles = [{ why: "not-started", inMs: ticket.waitsSinceMs - ledger.nowMs }] as const;
  const { item, items = [item] } = ticket.order;
  const able = new Set(items.flatMap((one) => ledger.lines.for(one)?.pools ?? []));
  return [...able].map(({ name }) => ({ pool: name, obstacles }));
}

function aheadOf(ticket: Ticket, pools: readonly Pool[]): number {
  const lines = new Set(pools.flatMap(({ lines }) => lines));
  let ahead = 0;
  for (const line of lines) {
    for (const other of line) {
      if (!goesBefore(other, ticket)) break;
      ahead += 1;
    }
  }
  return ahead;
}

/** What keeps a pool from serving whoever is next. */
export function obstaclesOf(ledger: Ledger, pool: Pool): Obstacle[] {
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
    found.push({ why: "breaker-open", provider: provider.name, forMs: provider.breaker.openUntilMs - ledger.nowMs });
  }
  if (provider.policy.can.list && !provider.swept) found.push({ why: "first-listing", provider: provider.name });
  if (countOf(pool) >= policy.max) {
    const { leased, deleting, unknown } = counts;
    found.push({ why: "at-cap", max: policy.max, leased, deleting, unknown });
  } else if (roomAt(provider) <= 0) {
    found.push({ why: "at-provider-cap", provider: provider.name, max: provider.policy.max });
  }
  if (counts.allocating > 0) {
    found.push({
      why: "allocating",
      count: counts.allocating,
      usuallyMs: pool.allocateMs === 0 ? undefined : pool.allocateMs,
    });
  }
  if (counts.resetting > 0) found.push({ why: "resetting", count: counts.resetting });
  if (pool.vetting > 0) found.push({ why: "checking", count: pool.vetting });
  const { bound, conditioned } = pool;
  if (bound.size > 0) found.push({ why: "kept-for-others", count: bound.size });
  if (conditioned.size > 0) found.push({ why: "in-other-conditions", count: conditioned.size });
  const unhealthy = counts.ready - pool.warm.size - bound.size - conditioned.size - pool.vetting;
  if (unhealthy > 0) found.push({ why: "unhealthy", count: unhealthy });
  const delayedMs = mayMakeAtMs(ledger, pool) - ledger.nowMs;
  // Nothing else stands in the way: it is the least time between two allocations.
  if (found.length === 0 && delayedMs > 0) found.push({ why: "delayed", forMs: delayedMs });
  return found;
}

function textOf(explanation: Omit<Explanation, "text">, ticket: Ticket): string {
  const { ahead, waitedMs, pools, state } = explanation;
  if (state === "granted") return `Ticket ${ticket.id} was granted after ${formatMs(waitedMs)}.`;
  if (state === "closed") {
    return `Ticket ${ticket.id} is closed: ${ticket.end}${ticket.reason === undefined ? "" : ` (${ticket.reason})`}.`;
  }
  const place = ahead === 0 ? "It is next in line" : `${ahead} ${ahead === 1 ? "goes" : "go"} before it`;
  const reasons = pools.map(
    ({ pool, obstacles }) => `pool "${pool}": ${obstacles.map(sentence).join(", ") || "about to be served"}`,
  );
  return `Ticket ${ticket.id} has waited ${formatMs(waitedMs)}. ${place}; ${reasons.join("; ")}.`;
}

function sentence(obstacle: Obstacle): string {
  switch (obstacle.why) {
    case "not-started":
      return `it starts in ${formatMs(obstacle.inMs)}`;
    case "paused":
      return "it is paused";
    case "draining":
      return "it is being drained";
    case "at-cap": {
      const parts = [`${obstacle.leased} leased`];
      if (obstacle.deleting > 0) parts.push(`${obstacle.deleting} being deleted`);
      if (obstacle.unknown > 0) parts.push(`${obstacle.unknown} of unknown outcome`);
      return `all ${obstacle.max} places are taken (${parts.join(", ")})`;
    }
    case "at-provider-cap":
      return `provider "${obstacle.provider}" is at its cap of ${obstacle.max}`;
    case "allocating":
      return `${obstacle.count} being made${obstacle.usuallyMs === undefined ? "" : `, which usually takes ${formatMs(obstacle.usuallyMs)}`}`;
    case "resetting":
      return `${obstacle.count} being reset`;
    case "checking":
      return `${obstacle.count} being checked`;
    case "kept-for-others":
      return `${obstacle.count} kept for those who used them before`;
    case "in-other-conditions":
      return `${obstacle.count} in other conditions`;
    case "unhealthy":
      return `${obstacle.count} failed their last check`;
    case "failing": {
      const retry = obstacle.retryInMs === undefined ? "" : `, next try in ${formatMs(obstacle.retryInMs)}`;
      return `making one failed (${obstacle.kind}: ${obstacle.lastError}${retry})`;
    }
    case "delayed":
      return `the next one is made in ${formatMs(obstacle.forMs)}`;
    case "breaker-open":
      return `the breaker of provider "${obstacle.provider}" is open for another ${formatMs(obstacle.forMs)}`;
    case "first-listing":
      return `provider "${obstacle.provider}" is being listed for the first time`;
    case "store-rolled-back":
      return "the store was rolled back, and a person must decide";
  }
}

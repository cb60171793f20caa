import type { TicketItem } from "../model/ticket.js";
import { type Ledger, requestKey } from "./ledger.js";
import type { Line } from "./line.js";
import { areAtHand } from "./matching-parties.js";
import type { Owners } from "./owners.js";
import { thingsOf, wantsOf } from "./party.js";
import type { Pool } from "./pool.js";
import { startsLater } from "./starting.js";
import type { Ticket, TicketOrder } from "./ticket.js";
import { atHand, enqueue, enqueueParty } from "./waiting.js";

/** Why a request is no ticket. */
export type Rejection =
  | { readonly rejected: "no-pool"; readonly item: TicketItem }
  | { readonly rejected: "draining"; readonly item: TicketItem; readonly pool: string }
  | {
      readonly rejected: "quota";
      readonly item: TicketItem;
      readonly owner: string;
      readonly quota: "maxLeases" | "maxWaiting";
      readonly limit: number;
    };

/** The same request may come again. */
export function isRepeatable({ call, requestId }: TicketOrder): boolean {
  return requestId !== undefined || call !== undefined;
}

/** The ticket that the same request led to before. */
export function ticketOf({ calls, requests }: Ledger, { owner, call, requestId }: TicketOrder): Ticket | undefined {
  const called = call === undefined ? undefined : calls.get(call);
  return called ?? (requestId === undefined ? undefined : requests.get(requestKey(owner, requestId)));
}

/** Somebody wants something: he is given what is at hand, or put into line. */
export function enter(ledger: Ledger, order: TicketOrder): Ticket | Rejection {
  const line = ledger.lines.forOrder(order);
  if (line === undefined) return rejection(ledger, order.item);
  const quota = ledger.owners === undefined ? undefined : quotaOf(ledger, ledger.owners, line, order);
  return quota ?? enqueue(ledger, line, withTtl(ledger, order, line));
}

/** Whoever need not wait is not told that he may not. */
function quotaOf(ledger: Ledger, owners: Owners, line: Line, order: TicketOrder): Rejection | undefined {
  const waits = startsLater(ledger, order) || atHand(ledger, line, order) === undefined;
  return waits ? overQuota(owners, order, 1) : undefined;
}

/** Why somebody may not even wait. */
function overQuota(owners: Owners, { owner, item }: TicketOrder, things: number) {
  const policy = owners.policyOf(owner);
  const rejected = { rejected: "quota", item, owner } as const;
  if (things > policy.maxLeases) return { ...rejected, quota: "maxLeases", limit: policy.maxLeases } as const;
  if (owners.waiting(owner) >= policy.maxWaiting)
    return { ...rejected, quota: "maxWaiting", limit: policy.maxWaiting } as const;
  return undefined;
}

/** The same, of several things. */
export function enterParty(ledger: Ledger, order: TicketOrder, items: readonly TicketItem[]): Ticket | Rejection {
  const wanted = wantsOf(items, (item) => ledger.lines.for(item));
  if ("unserved" in wanted) return rejection(ledger, wanted.unserved);
  const quota = ledger.owners === undefined ? undefined : overQuota(ledger.owners, order, thingsOf(items));
  // What is free at once needs no waiting.
  const isServed =
    quota?.quota === "maxWaiting" && !startsLater(ledger, order) && areAtHand(ledger, wanted.wants, order);
  return quota === undefined || isServed ? enqueueParty(ledger, wanted.wants, order) : quota;
}

function rejection(ledger: Ledger, item: TicketItem): Rejection {
  const named = item.pool === undefined ? undefined : ledger.pools.get(item.pool);
  return named === undefined || named.accepts
    ? { rejected: "no-pool", item }
    : { rejected: "draining", item, pool: named.name };
}

/** A lease of a session has the pool's `ttl`, unless it was given another; one of a session elsewhere has some in any case. */
function withTtl(ledger: Ledger, order: TicketOrder, { pools }: Line): TicketOrder {
  if (order.ttlMs !== undefined || order.session === undefined) return order;
  const pool = pools[0] as Pool;
  if (pool.lendsForGood && order.call === undefined) return order;
  const { ttlMs } = pool.policy.lease;
  return ttlMs === undefined && order.call === undefined
    ? order
    : { ...order, ttlMs: ttlMs ?? ledger.self.sessionTtlMs };
}

import type { TicketEnd } from "../model/ticket.js";
import { close } from "./closing.js";
import { explain } from "./explaining.js";
import type { Ledger } from "./ledger.js";
import { grant } from "./lending.js";
import type { Line, Rank } from "./line.js";
import { checksFirst, mayLend } from "./matching.js";
import { enterLine, excessOf, giveUpShares, type Want } from "./party.js";
import { pick, pickBound } from "./picking.js";
import type { Pool } from "./pool.js";
import type { Resource } from "./resource.js";
import { postpone, startsLater } from "./starting.js";
import { toReady } from "./tending.js";
import { Ticket, type TicketOrder } from "./ticket.js";

/** Gives a new ticket what is at hand for it, or puts it into its line. It is matched before the input is done. */
export function enqueue(ledger: Ledger, line: Line, order: TicketOrder): Ticket {
  const ticket = new Ticket(ledger.counters.ticket++, order, ledger.now);
  ledger.addTicket(ticket);
  ledger.changeTicket(ticket);
  const later = startsLater(ledger, order);
  const resource = later ? undefined : atHand(ledger, line, order);
  if (resource !== undefined) {
    grant(ledger, ticket, resource);
    return ticket;
  }
  if (ledger.owners !== undefined) ledger.owners.waits(order.owner, +1);
  if (later) postpone(ledger, ticket);
  else ledger.lineUp(ticket, line);
  return ticket;
}

/** Puts a new party into line: whatever it wants, others may wait for. It is matched before the input is done. */
export function enqueueParty(ledger: Ledger, wants: readonly Want[], order: TicketOrder): Ticket {
  const ticket = new Ticket(ledger.counters.ticket++, order, ledger.now);
  ledger.addTicket(ticket);
  ledger.changeTicket(ticket);
  ledger.owners?.waits(order.owner, +1);
  const later = startsLater(ledger, order) && excessOf(wants) === undefined;
  if (later) postpone(ledger, ticket);
  else enterLine(ledger, ticket, wants);
  return ticket;
}

/** What may be lent to a newcomer at once, because nobody else waits for it. */
export function atHand(ledger: Ledger, line: Line, order: TicketOrder): Resource | undefined {
  if (ledger.owners !== undefined && ledger.owners.room(order.owner) === 0) return undefined;
  const { pools } = line;
  if (pools.length > 1) return atHandInSome(ledger, line, order);
  const pool = pools[0] as Pool;
  const resource = pick(pool, order, ledger.nowMs);
  return resource !== undefined && mayLend(ledger, pool) && isFree(ledger, resource) ? resource : undefined;
}

/** Nobody waits for it, and nothing has to be done with it first. */
function isFree(ledger: Ledger, resource: Resource): boolean {
  return resource.pool.waiting === 0 && !checksFirst(ledger, resource);
}

/** The first pool that has something decides. Where there is but one, what was used before comes first by itself. */
function atHandInSome(ledger: Ledger, line: Line, order: TicketOrder): Resource | undefined {
  const own = usedBefore(ledger, line, order);
  if (own !== undefined) return own;
  for (const pool of line.pools) {
    const resource = pick(pool, order, ledger.nowMs);
    if (resource === undefined || !mayLend(ledger, pool)) continue;
    return isFree(ledger, resource) ? resource : undefined;
  }
  return undefined;
}

/** What this sandbox used before, in whatever pool: nobody else can have it. */
function usedBefore(ledger: Ledger, { pools }: Line, order: TicketOrder): Resource | undefined {
  for (const pool of pools) {
    const resource = pool.chooses ? pickBound(pool, order, ledger.nowMs) : undefined;
    // Who waits for the same, or for a place under the cap, comes first.
    if (resource !== undefined && pool.waiting === 0 && mayLend(ledger, pool) && !checksFirst(ledger, resource))
      return resource;
  }
  return undefined;
}

/** The ticket is still in line after matching: its wait has an end. */
export function settleIn(ledger: Ledger, ticket: Ticket): void {
  if (ticket.rank !== undefined) watchWait(ledger, ticket);
  ledger.ticketChanged(ticket, undefined);
}

/** Has a waiting ticket looked at when its wait becomes too long: by its rank's deadline, or by one of its own. */
export function watchWait(ledger: Ledger, ticket: Ticket): void {
  const rank = ticket.rank as Rank;
  ledger.deadlines.arm(isInStep(ledger, rank, ticket) ? rank : ticket, ticket.waitUntilAtMs);
}

/**
 * It comes due in the order of its rank. What was made before this epoch, or before its start, may not be in the order of its
 * times.
 */
function isInStep(ledger: Ledger, rank: Rank, { order, createdAtMs }: Ticket): boolean {
  return rank.waitMs === order.waitMs && createdAtMs >= ledger.startedAtMs && order.startAtMs === undefined;
}

/** Ends the waits of a rank that have become too long. */
export function tendRank(ledger: Ledger, rank: Rank): void {
  for (let ticket = rank.first; ticket !== undefined; ) {
    const { next, waitUntilAtMs } = ticket;
    // The others have a deadline of their own, or wait for ever.
    if (isInStep(ledger, rank, ticket)) {
      if (ledger.nowMs < waitUntilAtMs) return ledger.deadlines.arm(rank, waitUntilAtMs);
      giveUp(ledger, ticket, "timed-out");
    }
    ticket = next;
  }
}

/** Whoever waited stops waiting; a lease that he was not given yet goes back unused. */
export function giveUp(ledger: Ledger, ticket: Ticket, how: "cancelled" | "timed-out", reason?: string): void {
  if (reason !== undefined && ticket.state !== "closed" && !ticket.delivered) ticket.note({ reason });
  if (ticket.state === "waiting") {
    if (how === "timed-out") ticket.note({ explanation: explain(ledger, ticket).text });
    close(ledger, ticket, how);
    ledger.effects.push({ type: "closed", ticket });
  } else if (ticket.state === "granted" && ticket.shares !== undefined) {
    giveUpShares(ledger, ticket, how);
  } else if (ticket.state === "granted" && !ticket.delivered) {
    const resource = ticket.resource as Resource;
    close(ledger, ticket, how);
    putBack(ledger, resource, ticket, how);
    ledger.effects.push({ type: "closed", ticket });
  }
}

/** Nobody has seen what a ticket was granted: it needs no reset, was not used, and is as it was. */
export function putBack(ledger: Ledger, resource: Resource, { order }: Ticket, end: TicketEnd): void {
  const { pool } = resource;
  resource.unuse();
  if (pool.usual !== undefined) resource.condition = order.item.selector?.condition ?? pool.usual;
  if (end === "timed-out") pool.totals.timedOut += 1;
  toReady(ledger, resource, "front");
}

export function refuse(ledger: Ledger, ticket: Ticket, reason: string): void {
  ticket.note({ reason });
  close(ledger, ticket, "refused");
  ledger.effects.push({ type: "closed", ticket });
}

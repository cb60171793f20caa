import { leasesOf, resumeLease, takeAway } from "./lease-time.js";
import type { Ledger } from "./ledger.js";
import { hear } from "./lending.js";
import { Session } from "./session.js";
import type { Ticket } from "./ticket.js";
import { giveUp } from "./waiting.js";

/** Why a ticket was cancelled whose session may still want it. */
export const FELL_SILENT = "its session fell silent";

/** Something arrived from it: it is alive, perhaps again. */
export function heard(ledger: Ledger, id: string, ttlMs: number): Session {
  const session = sessionOf(ledger, id, ttlMs);
  session.ttlMs = ttlMs;
  session.heardAtMs = ledger.nowMs;
  session.over = false;
  ledger.deadlines.arm(session, session.silentAtMs);
  return session;
}

function sessionOf(ledger: Ledger, id: string, ttlMs: number): Session {
  let session = ledger.sessions.get(id);
  if (session === undefined) {
    session = new Session(id, ttlMs, ledger.nowMs);
    ledger.sessions.set(id, session);
  }
  return session;
}

/** Looks at a session whose silence may have become too long. */
export function tendSession(ledger: Ledger, session: Session): void {
  if (ledger.nowMs < session.silentAtMs) return ledger.deadlines.arm(session, session.silentAtMs);
  stopWaiting(ledger, session, FELL_SILENT);
}

/** It ends, by its own word; or, by that of somebody who knows, it is dead: then nobody uses its leases any more, and all end. */
export function endSession(ledger: Ledger, id: string, dead: boolean): void {
  const session = ledger.sessions.get(id);
  if (session === undefined) return;
  session.over = true;
  stopWaiting(ledger, session, dead ? "its process has ended" : "its session has ended");
  if (dead) for (const ticket of [...session.tickets]) takeAway(ledger, ticket, "its process has ended", "expired");
  forgetIfEmpty(ledger, session);
}

function stopWaiting(ledger: Ledger, session: Session, reason: string): void {
  for (const ticket of [...session.tickets]) {
    if (ticket.state === "waiting") giveUp(ledger, ticket, "cancelled", reason);
  }
  forgetIfEmpty(ledger, session);
}

function forgetIfEmpty(ledger: Ledger, session: Session): void {
  if (session.tickets.size > 0) return;
  ledger.deadlines.disarm(session);
  ledger.sessions.delete(session.id);
}

/** Its holder has lost a lease, whoever heard of it: its deadline is now, and its session renews it no more. */
export function lapse(ledger: Ledger, ticket: Ticket): void {
  if (ticket.state !== "granted" || ticket.order.ttlMs === undefined) return;
  ticket.note({ lapsed: true });
  ticket.endsAtMs = ledger.nowMs;
  ledger.deadlines.arm(ticket, ledger.nowMs);
}

/** Its holder renews a lease by hand. */
export function renew(ledger: Ledger, ticket: Ticket): void {
  if (ticket.resource?.pool.usual !== undefined) hear(ledger, ticket.resource);
  resumeLease(ledger, ticket);
}

/** Whoever was told of a grant had stopped waiting. */
export function neverTaken(ledger: Ledger, ticket: Ticket, how: "cancelled" | "timed-out"): void {
  ticket.delivered = false;
  giveUp(ledger, ticket, how);
}

/**
 * A session that begins anew has said what it waits for and what it has in hand: the rest has ended for it. Of a grant that
 * it was not told of, nobody knows. Any other it may have had, and heard of an end that was never committed: what it had is
 * treated as after an expired lease.
 */
export function keepOnly(ledger: Ledger, id: string, has: (ticket: Ticket) => boolean): void {
  for (const ticket of [...(ledger.sessions.get(id)?.tickets ?? [])]) {
    if (ticket.state === "granted" && ticket.delivered) {
      for (const one of leasesOf(ticket)) if (!has(one)) takeAway(ledger, one, "its session does not have it any more");
    } else if (!has(ticket)) neverTaken(ledger, ticket, "cancelled");
  }
}

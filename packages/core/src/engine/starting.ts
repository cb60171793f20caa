import { lineUp } from "./configuring.js";
import { poolNamesOf } from "./event-ids.js";
import type { Ledger } from "./ledger.js";
import type { Ticket } from "./ticket.js";

/** Whether a ticket that comes now starts later: until then it stands in no line, and nothing is made for it. */
export function startsLater({ nowMs }: Ledger, { startAtMs }: { readonly startAtMs: number | undefined }): boolean {
  return startAtMs !== undefined && startAtMs > nowMs;
}

/** Keeps a ticket until its start. */
export function postpone(ledger: Ledger, ticket: Ticket): void {
  ledger.early.add(ticket);
  ledger.deadlines.arm(ticket, ticket.waitsSinceMs);
}

/** Puts a ticket into line if its start has come: behind all who came before that. */
export function start(ledger: Ledger, ticket: Ticket): void {
  if (startsLater(ledger, ticket.order)) return postpone(ledger, ticket);
  ledger.early.delete(ticket);
  ticket.note({ place: ledger.counters.ticket++, cameAtMs: ledger.nowMs });
  ledger.changeTicket(ticket);
  lineUp(ledger, ticket);
  if (ticket.state === "waiting") ledger.event("ticket.started", { pools: poolNamesOf(ticket) }, ticket);
}

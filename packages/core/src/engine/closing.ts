import type { TicketEnd } from "../model/ticket.js";
import type { Ledger } from "./ledger.js";
import { closeShare, leaveLine } from "./party.js";
import type { Resource } from "./resource.js";
import type { Ticket } from "./ticket.js";

/** Ends a ticket, once. */
export function close(ledger: Ledger, ticket: Ticket, end: TicketEnd): void {
  if (ticket.party !== undefined) return closeShare(ledger, ticket, ticket.party, end);
  const { state: from, resource } = ticket;
  if (resource !== undefined) giveBack(ledger, ticket, resource, end);
  else if (from === "waiting") leaveUnserved(ledger, ticket, end);
  if (ticket.order.group !== undefined) ledger.groups.leave(ticket);
  ticket.state = "closed";
  // Of those who gave a lease of `acquire` back, nobody ever asks how and when.
  if (ticket.durable || end !== "released") noteEnd(ledger, ticket, end);
  ledger.ticketChanged(ticket, from);
  if (resource !== undefined) {
    resource.ticket = undefined;
    ticket.resource = undefined;
  }
  if (ticket.durable) keep(ledger, ticket);
  else ledger.dropTicket(ticket);
}

function noteEnd(ledger: Ledger, ticket: Ticket, end: TicketEnd): void {
  ticket.note({ end, endedAtMs: ledger.nowMs });
}

function giveBack(ledger: Ledger, ticket: Ticket, resource: Resource, end: TicketEnd): void {
  const { pool } = resource;
  if (ticket.durable && ticket.delivered) keepOutput(ticket, resource);
  if (end === "released") pool.totals.released += 1;
  if (ledger.owners !== undefined) ledger.lent(ticket.owner, -1);
}

function keepOutput(ticket: Ticket, { pool, data }: Resource): void {
  ticket.note({ output: [{ pool: pool.name, data }] });
}

function leaveUnserved(ledger: Ledger, ticket: Ticket, end: TicketEnd): void {
  const { line } = ticket;
  if (line === undefined) ledger.early.delete(ticket);
  else {
    for (const pool of leaveLine(ledger, ticket, line)) {
      ledger.touch(pool);
      if (end === "timed-out") pool.totals.timedOut += 1;
    }
  }
  ledger.owners?.waits(ticket.owner, -1);
}

/** Those who asked for it may ask what became of it. */
function keep(ledger: Ledger, ticket: Ticket): void {
  ledger.deadlines.disarm(ticket);
  ledger.deadlines.arm(ticket, keptUntilAtMs(ledger, ticket));
  ledger.changeTicket(ticket);
}

/** A closed ticket can be asked about until then. */
export function keptUntilAtMs(ledger: Ledger, { endedAtMs = ledger.nowMs }: Ticket): number {
  return endedAtMs + ledger.self.keepClosedMs;
}

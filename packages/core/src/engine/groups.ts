import { leasesOf, takeAway } from "./lease-time.js";
import type { Ledger } from "./ledger.js";
import type { Ticket } from "./ticket.js";
import { giveUp } from "./waiting.js";

/** What the end of a group ended. */
export interface GroupEnd {
  /** Leases that were held. */
  readonly leases: number;
  /** Tickets that waited. */
  readonly waiting: number;
}

/** The open tickets of each group. */
export class Groups {
  readonly #tickets = new Map<string, Set<Ticket>>();

  enter(ticket: Ticket): void {
    const { group } = ticket.order;
    if (group === undefined) return;
    const tickets = this.#tickets.get(group);
    if (tickets === undefined) this.#tickets.set(group, new Set([ticket]));
    else tickets.add(ticket);
  }

  leave(ticket: Ticket): void {
    const { group } = ticket.order;
    if (group === undefined) return;
    const tickets = this.#tickets.get(group);
    tickets?.delete(ticket);
    if (tickets?.size === 0) this.#tickets.delete(group);
  }

  of(group: string): readonly Ticket[] {
    return [...(this.#tickets.get(group) ?? [])];
  }
}

/**
 * Ends all that a group has: its waits, and its leases, without grace. Their holders are told, but may be at work still:
 * what they had is treated as after an expired lease.
 */
export function endGroup(ledger: Ledger, group: string): GroupEnd {
  const reason = `its group "${group}" was ended`;
  const tickets = ledger.groups.of(group);
  const waiting = tickets.filter(({ state }) => state === "waiting");
  // First: what the leases leave free is not for those who go as well.
  for (const ticket of waiting) giveUp(ledger, ticket, "cancelled", reason);
  const granted = tickets.filter(({ state }) => state === "granted");
  const leases = granted.reduce((sum, ticket) => sum + leasesOf(ticket).length, 0);
  for (const ticket of granted) {
    // A session elsewhere may have what it was granted before anybody hears of it here.
    const mayHaveIt = ticket.order.call !== undefined && !ticket.durable;
    if (ticket.delivered || mayHaveIt) takeAway(ledger, ticket, reason);
    else giveUp(ledger, ticket, "cancelled", reason);
  }
  return { leases, waiting: waiting.length };
}

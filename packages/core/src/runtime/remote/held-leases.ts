import type { Timer } from "../clock.js";
import type { Contact } from "./contact.js";
import type { RemoteTicket } from "./remote-ticket.js";

/** Leases are looked at at least so often: in a suspended machine, timers stand still. Milliseconds. */
const LOOK_MS = 1_000;

/**
 * How long the leases of this process are certainly their holders'. One that the session renews counts from when the newest
 * letter was sent that a leader has heard; any from when its holder asked for its renewal.
 */
export class HeldLeases {
  readonly #contact: Contact;
  readonly #all: () => Iterable<RemoteTicket>;
  readonly #after: (ms: number, run: () => void) => Timer;
  #timer: Timer | undefined;
  /** When that runs, by the contact's monotonic clock. */
  #dueAtMs = Number.POSITIVE_INFINITY;
  #over = false;

  constructor(contact: Contact, all: () => Iterable<RemoteTicket>, after: (ms: number, run: () => void) => Timer) {
    this.#contact = contact;
    this.#all = all;
    this.#after = after;
  }

  /** `Infinity`: nothing but its holder ends it. */
  leftMs(ticket: RemoteTicket): number {
    const { lifespan } = ticket;
    const leftMs = this.#renewedForMs(ticket);
    return lifespan === undefined ? leftMs : Math.min(leftMs, lifespan.leftMs - this.#contact.sinceMs(lifespan.since));
  }

  #renewedForMs(ticket: RemoteTicket): number {
    const { ends, ttlMs } = ticket;
    if (ends === undefined) return Number.POSITIVE_INFINITY;
    const leftMs = ends.leftMs - this.#contact.sinceMs(ends.since);
    const { confirmedAt } = this.#contact;
    if (!ticket.isRenewed || ttlMs === undefined || confirmedAt === undefined) return leftMs;
    return Math.max(leftMs, ttlMs - this.#contact.sinceMs(confirmedAt));
  }

  /** Ends those whose deadline has passed here, and looks again before the next one's does. */
  look(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#over) return;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const ticket of [...this.#all()]) {
      if (!ticket.isHeld || ticket.lapsed || ticket.untaken) continue;
      const leftMs = this.leftMs(ticket);
      if (leftMs <= 0) this.lapse(ticket);
      else nextMs = Math.min(nextMs, leftMs);
    }
    this.#lookIn(nextMs);
  }

  /** As `look`, at those that have just begun or were renewed: where many are held, each of them would be looked at for each. */
  heed(leases: Iterable<RemoteTicket>): void {
    if (this.#over) return;
    for (const ticket of leases) {
      if (!ticket.isHeld || ticket.lapsed || ticket.untaken) continue;
      const leftMs = this.leftMs(ticket);
      if (leftMs <= 0) this.lapse(ticket);
      else this.#lookIn(leftMs);
    }
  }

  #lookIn(leftMs: number): void {
    if (leftMs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.min(leftMs, LOOK_MS);
    const dueAtMs = this.#contact.now()[0] + waitMs;
    if (this.#timer !== undefined && this.#dueAtMs <= dueAtMs) return;
    this.#timer?.cancel();
    this.#dueAtMs = dueAtMs;
    this.#timer = this.#after(waitMs, () => this.look());
  }

  /** Its holder loses it. One that the session renews would have no end otherwise. */
  lapse(ticket: RemoteTicket): void {
    const { isRenewed } = ticket;
    ticket.lapsed = true;
    if (isRenewed) this.#contact.say({ type: "lapse", lease: [ticket.id, ticket.token] });
    ticket.handle?.overdue();
  }

  /** The shortest `ttl` that heartbeats are to renew, or will once it is granted. */
  shortestTtlMs(): number {
    let shortestMs = Number.POSITIVE_INFINITY;
    for (const { kind, ttlMs = Number.POSITIVE_INFINITY, order } of this.#all()) {
      if (kind === "acquire" && order.renewal === "session") shortestMs = Math.min(shortestMs, ttlMs);
    }
    return shortestMs;
  }

  end(): void {
    this.#over = true;
    this.#timer?.cancel();
  }
}

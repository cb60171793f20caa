import type { Due } from "./deadlines.js";
import type { Ticket, TicketOrder } from "./ticket.js";

/**
 * Somebody elsewhere who has tickets here: another process, or a connection to one. Its story:
 *
 * - Whatever arrives from it is a heartbeat. One renews all its leases, and nothing is done for any of them: a lease that
 *   comes due looks at when its session was heard.
 * - Silent for its whole `ttl`: its waiting tickets are cancelled. Its leases run to their own deadlines, then their grace.
 *   It may come back, by the same id, and go on with whatever it has left.
 * - Ended by itself: its waiting tickets are cancelled at once, and its leases are renewed no more.
 * - Dead, by the word of somebody who knows: the same, and its leases end at once, without grace: nobody is left to stop.
 * - A new epoch takes it for heard when it begins: nobody is judged for a silence that nobody listened to.
 */
export class Session implements Due {
  readonly id: string;
  /** How long it may be silent. */
  ttlMs: number;
  heardAtMs: number;
  /** It has said, or somebody has, that nothing more is to come of it. */
  over = false;
  /** What waits for it, and the leases that it renews. */
  readonly tickets = new Set<Ticket>();
  heapIndex = -1;

  constructor(id: string, ttlMs: number, heardAtMs: number) {
    this.id = id;
    this.ttlMs = ttlMs;
    this.heardAtMs = heardAtMs;
  }

  get kind(): "session" {
    return "session";
  }

  /** From when on it is taken for silent, unless it is heard. */
  get silentAtMs(): number {
    return this.heardAtMs + this.ttlMs;
  }
}

/** Until when a session's being heard renews a lease of that `ttl`. Not at all, once it is over. */
export function renewedUntilMs({ over, heardAtMs }: Pick<Session, "over" | "heardAtMs">, ttlMs: number): number {
  return over ? Number.NEGATIVE_INFINITY : heardAtMs + ttlMs;
}

/**
 * Whether it lives for as long as this process leads, so that nothing need be heard of it. Where processes share a store,
 * a leader's own holders outlive its leading: they are told what all others are told, and heard as all others are.
 */
export function isAtHome({ session, call }: TicketOrder, self: { readonly session: string }): boolean {
  return session === self.session && call === undefined;
}

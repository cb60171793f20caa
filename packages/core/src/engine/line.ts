import type { Due } from "./deadlines.js";
import type { Needs } from "./needs.js";
import type { Pool } from "./pool.js";
import type { Ticket } from "./ticket.js";

/**
 * Tickets of one priority in a line, in order of arrival. Those that are to wait equally long also come due in that order:
 * one deadline, the rank's, serves them all.
 */
export class Rank implements Due {
  readonly kind = "rank";
  readonly line: Line;
  readonly priority: number;
  first: Ticket | undefined;
  last: Ticket | undefined;
  /** How long those wait whom its deadline serves; others have one of their own. */
  waitMs = Number.POSITIVE_INFINITY;
  heapIndex = -1;

  constructor(line: Line, priority: number) {
    this.line = line;
    this.priority = priority;
  }
}

/**
 * The tickets that the same resources of the same pools can serve, in order: by priority, then by arrival. Tickets with different tags stand in
 * one line when these tags lead to the same pools, so there are few lines however many tags users think of.
 */
export class Line {
  /** Who can serve it, preferred ones first. */
  readonly pools: readonly Pool[];
  /** What not every resource of these pools can serve. */
  readonly needs: Needs | undefined;
  size = 0;
  /** The one in which orders remember it: see `Lines`. */
  era: object | undefined;
  /** Highest priority first. Ranks stay when empty: priorities are few. */
  readonly #ranks: Rank[] = [];

  constructor(pools: readonly Pool[], needs?: Needs) {
    this.pools = pools;
    this.needs = needs;
  }

  get first(): Ticket | undefined {
    if (this.size === 0) return undefined;
    for (const rank of this.#ranks) if (rank.first !== undefined) return rank.first;
    return undefined;
  }

  push(ticket: Ticket): void {
    const rank = this.#rank(ticket.order.priority);
    ticket.rank = rank;
    ticket.prev = rank.last;
    if (rank.last === undefined) {
      rank.first = ticket;
      rank.waitMs = ticket.order.waitMs;
    } else {
      rank.last.next = ticket;
    }
    rank.last = ticket;
    this.size += 1;
    const { pools } = this;
    for (let at = 0; at < pools.length; at++) (pools[at] as Pool).expect(ticket);
  }

  remove(ticket: Ticket): void {
    const { prev, next } = ticket;
    const rank = ticket.rank as Rank;
    if (prev === undefined) rank.first = next;
    else prev.next = next;
    if (next === undefined) rank.last = prev;
    else next.prev = prev;
    ticket.rank = undefined;
    ticket.prev = undefined;
    ticket.next = undefined;
    this.size -= 1;
    const { pools } = this;
    for (let at = 0; at < pools.length; at++) (pools[at] as Pool).waiting -= 1;
  }

  *[Symbol.iterator](): Iterator<Ticket> {
    for (const rank of this.#ranks) {
      for (let ticket = rank.first; ticket !== undefined; ) {
        // Read first: the ticket may leave the line while the caller has it.
        const following: Ticket | undefined = ticket.next;
        yield ticket;
        ticket = following;
      }
    }
  }

  #rank(priority: number): Rank {
    const ranks = this.#ranks;
    let at = 0;
    for (; at < ranks.length; at++) {
      const rank = ranks[at] as Rank;
      if (rank.priority === priority) return rank;
      if (rank.priority < priority) break;
    }
    const rank = new Rank(this, priority);
    ranks.splice(at, 0, rank);
    return rank;
  }
}

/** The one total order of tickets: priority, then arrival. */
export function goesBefore(a: Ticket, b: Ticket): boolean {
  const [first, second] = [a.order.priority, b.order.priority];
  return first !== second ? first > second : a.place < b.place;
}

import type { Due } from "./deadlines.js";
import type { Needs } from "./needs.js";
import { OwnerTurns } from "./owner-turns.js";
import type { Owners } from "./owners.js";
import type { Pool } from "./pool.js";
import type { Ticket } from "./ticket.js";

/** What decides who goes first, besides when he came. */
export interface LineTerms {
  /** By so much earlier who came counts as if he came earlier, for each step of priority. `Infinity`: he always goes first. */
  readonly ageingMs: number;
  /** `undefined`: it makes no difference who asks. */
  readonly owners: Owners | undefined;
}

/** Whoever has the higher priority goes first, and it makes no difference who asks. */
export const PLAIN_TERMS: LineTerms = { ageingMs: Number.POSITIVE_INFINITY, owners: undefined };

/**
 * Tickets of one priority in a line, in order of arrival. Those that are to wait equally long also come due in that order:
 * one deadline, the rank's, serves them all.
 */
export class Rank implements Due {
  readonly kind = "rank";
  readonly line: Line;
  readonly priority: number;
  /** By how much its tickets count as older than they are. */
  readonly headStartMs: number;
  /** Whose turn it is, where that is not the first to come. */
  readonly turns: OwnerTurns | undefined;
  first: Ticket | undefined;
  last: Ticket | undefined;
  /** How long those wait whom its deadline serves; others have one of their own. */
  waitMs = Number.POSITIVE_INFINITY;
  heapIndex = -1;

  constructor(line: Line, priority: number, { ageingMs, owners }: LineTerms) {
    this.line = line;
    this.priority = priority;
    this.headStartMs = priority === 0 ? 0 : priority * ageingMs;
    if (owners === undefined) return;
    this.turns = new OwnerTurns(owners, ({ rank }) => rank === this, {
      pools: line.pools,
      barred: (by) => line.bar(by),
    });
  }

  /** Who may be served next. */
  get next(): Ticket | undefined {
    return this.turns === undefined ? this.first : this.turns.next;
  }
}

/**
 * The tickets that the same resources of the same pools can serve, in order: by arrival, where a higher priority counts as
 * having come earlier. Tickets with different tags stand in one line when these tags lead to the same pools, so there are
 * few lines however many tags users think of.
 */
export class Line {
  /** Who can serve it, preferred ones first. */
  readonly pools: readonly Pool[];
  /** What not every resource of these pools can serve. */
  readonly needs: Needs | undefined;
  size = 0;
  /** Of these, how many nothing keeps waiting but what their owners have already. */
  barred = 0;
  /** The one in which orders remember it: see `Lines`. */
  era: object | undefined;
  readonly #terms: LineTerms;
  /** Highest priority first. Ranks stay when empty: priorities are few. */
  readonly #ranks: Rank[] = [];

  constructor(pools: readonly Pool[], terms = PLAIN_TERMS, needs?: Needs) {
    this.pools = pools;
    this.#terms = terms;
    this.needs = needs;
  }

  /** Who may be served next. */
  get first(): Ticket | undefined {
    if (this.size === 0) return undefined;
    const ranks = this.#ranks;
    return ranks.length === 1 ? (ranks[0] as Rank).next : firstOf(ranks);
  }

  /** Its preferred pool accepts tickets. */
  get accepts(): boolean {
    return (this.pools[0] as Pool).accepts;
  }

  /** How many could be served if there was enough for everybody. */
  get waiting(): number {
    return this.size - this.barred;
  }

  /** Puts one into line who came after those who are there: see `arrivals.ts`. */
  push(ticket: Ticket): void {
    const { priority } = ticket.order;
    const highest = this.#ranks[0];
    const rank = highest?.priority === priority ? highest : this.#rank(priority);
    const { last } = rank;
    ticket.rank = rank;
    ticket.prev = last;
    if (last === undefined) {
      rank.first = ticket;
      rank.waitMs = ticket.order.waitMs;
    } else {
      last.next = ticket;
    }
    rank.last = ticket;
    this.size += 1;
    rank.turns?.push(ticket);
    const { pools } = this;
    for (let at = 0; at < pools.length; at++) (pools[at] as Pool).expect(ticket);
  }

  remove(ticket: Ticket, granted = false): void {
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
    rank.turns?.remove(ticket, granted);
  }

  /** So many more, or fewer, are kept waiting by what their owners have already. */
  bar(by: number): void {
    this.barred += by;
    for (const pool of this.pools) pool.waiting -= by;
  }

  /** How many go before one of its tickets, as far as its own line is concerned. */
  ahead(ticket: Ticket): number {
    let ahead = 0;
    for (const rank of this.#ranks) {
      if (rank === ticket.rank && rank.turns !== undefined) ahead += rank.turns.ahead(ticket);
      else ahead += aheadIn(rank, ticket);
    }
    return ahead;
  }

  /** In the order of arrival and priority, whosever turn it is. */
  *[Symbol.iterator](): Iterator<Ticket> {
    const nexts = this.#ranks.map(({ first }) => first).filter((first) => first !== undefined);
    while (nexts.length > 0) {
      let at = 0;
      for (let n = 1; n < nexts.length; n++) if (goesBefore(nexts[n] as Ticket, nexts[at] as Ticket)) at = n;
      const ticket = nexts[at] as Ticket;
      // Read first: the ticket may leave the line while the caller has it.
      if (ticket.next === undefined) nexts.splice(at, 1);
      else nexts[at] = ticket.next;
      yield ticket;
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
    const rank = new Rank(this, priority, this.#terms);
    ranks.splice(at, 0, rank);
    return rank;
  }
}

function firstOf(ranks: readonly Rank[]): Ticket | undefined {
  let first: Ticket | undefined;
  for (const { next } of ranks) {
    if (next !== undefined && (first === undefined || goesBefore(next, first))) first = next;
  }
  return first;
}

function aheadIn(rank: Rank, ticket: Ticket): number {
  let ahead = 0;
  for (let other = rank.first; other !== undefined && other !== ticket; other = other.next) {
    if (!goesBefore(other, ticket)) break;
    ahead += 1;
  }
  return ahead;
}

/**
 * The one total order of tickets: who came first, where each step of priority counts as having come earlier by the same
 * time. It never changes while they wait, so nobody has to be moved.
 */
export function goesBefore(a: Ticket, b: Ticket): boolean {
  const [first, second] = [a.order.priority, b.order.priority];
  if (first === second) return a.place < b.place;
  const [one, other] = [countsFromMs(a), countsFromMs(b)];
  return one !== other ? one < other : first > second;
}

function countsFromMs({ cameAtMs, rank, order }: Ticket): number {
  return cameAtMs - (rank?.headStartMs ?? (order.priority === 0 ? 0 : order.priority * Number.POSITIVE_INFINITY));
}

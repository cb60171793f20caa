import { Deadlines, type Due } from "./deadlines.js";
import type { Owner, Owners } from "./owners.js";
import type { Pool } from "./pool.js";
import type { Ticket } from "./ticket.js";

/** Of those whose turn it is at the same time, whoever came first: too little to change any other order. */
const TIE = 2 ** -30;

/** What the tickets of one owner in a rank tell those around them. */
interface Surroundings {
  /** Who can serve them. */
  readonly pools: readonly Pool[];
  /** The queue has another first, or may be served now where it could not before, or the other way round. */
  placed(queue: Queue): void;
  /** So many more tickets, or fewer, are kept waiting by nothing but what their owner has already. */
  barred(by: number): void;
}

/** The tickets of one owner in a rank, in order of arrival. Those that left from the middle are passed over when they come first. */
export class Queue implements Due {
  readonly owner: Owner;
  size = 0;
  /** When its first is due by the virtual time of its rank. */
  startAt = 0;
  heapIndex = -1;
  readonly #around: Surroundings;
  #tickets: Ticket[] = [];
  #at = 0;
  #barred = 0;

  constructor(owner: Owner, around: Surroundings) {
    this.owner = owner;
    this.#around = around;
  }

  get pools(): readonly Pool[] {
    return this.#around.pools;
  }

  get first(): Ticket | undefined {
    return this.#tickets[this.#at];
  }

  push(ticket: Ticket): void {
    this.#tickets.push(ticket);
    this.size += 1;
    this.refresh();
  }

  /** One of its tickets left the rank. */
  left(isHere: (ticket: Ticket) => boolean): void {
    this.size -= 1;
    if (this.#tickets.length - this.#at > 2 * this.size + 32) {
      this.#tickets = this.#tickets.slice(this.#at).filter(isHere);
      this.#at = 0;
    }
    while (this.first !== undefined && !isHere(this.first)) this.#at += 1;
    if (this.#at > 1_000 && this.#at * 2 > this.#tickets.length) {
      this.#tickets = this.#tickets.slice(this.#at);
      this.#at = 0;
    }
    this.refresh();
  }

  /** Tickets that go before one of its own. */
  *before(ticket: Ticket, isHere: (ticket: Ticket) => boolean): Iterable<Ticket> {
    for (let at = this.#at; at < this.#tickets.length && this.#tickets[at] !== ticket; at++) {
      const other = this.#tickets[at] as Ticket;
      if (isHere(other)) yield other;
    }
  }

  /** Its owner may have more or fewer than before, or it has more or fewer tickets. */
  refresh(): void {
    const barred = Math.max(0, this.size - this.owner.room);
    if (barred !== this.#barred) {
      this.#around.barred(barred - this.#barred);
      this.#barred = barred;
    }
    this.#around.placed(this);
  }
}

/**
 * Whose turn it is in a rank where owners matter: whoever has as many resources as he may is passed over, and comes back when
 * he may have another one; among the others the first to come goes first, or with fairness the one who is furthest behind.
 *
 * Fairness is start-time fair queueing. Time here is virtual: what one of weight 1 is granted takes as long as it. Whoever
 * comes anew begins at the present; each grant moves his next ticket back by 1/weight. Each step takes a time that grows
 * with the logarithm of how many owners wait, and not with how many tickets.
 */
export class OwnerTurns {
  readonly #owners: Owners;
  readonly #around: Pick<Surroundings, "pools" | "barred">;
  readonly #isHere: (ticket: Ticket) => boolean;
  readonly #queues = new Map<string, Queue>();
  /** Those who may be served, by their turn. */
  readonly #heap = new Deadlines<Queue>();
  /** The turn of whoever was served last. */
  #presentAt = 0;
  /** Where those who have left would go on. */
  readonly #leftAt = new Map<string, number>();

  constructor(
    owners: Owners,
    isHere: (ticket: Ticket) => boolean,
    around: { readonly pools: readonly Pool[]; readonly barred: (by: number) => void },
  ) {
    this.#owners = owners;
    this.#isHere = isHere;
    this.#around = around;
  }

  get next(): Ticket | undefined {
    return this.#heap.first?.first;
  }

  push(ticket: Ticket): void {
    this.#queueOf(ticket).push(ticket);
  }

  #queueOf({ owner: name }: Ticket): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = new Queue(this.#owners.of(name), { ...this.#around, placed: (one) => this.#place(one) });
    queue.startAt = Math.max(this.#presentAt, this.#leftAt.get(name) ?? 0);
    this.#leftAt.delete(name);
    queue.owner.queues.add(queue);
    this.#queues.set(name, queue);
    return queue;
  }

  /** A ticket has left the rank, because it was granted or for another reason. */
  remove(ticket: Ticket, granted: boolean): void {
    const queue = this.#queues.get(ticket.owner) as Queue;
    if (granted) {
      this.#presentAt = Math.max(this.#presentAt, queue.startAt);
      queue.startAt += 1 / queue.owner.policy.weight;
    }
    queue.left(this.#isHere);
    if (queue.size > 0) return;
    this.#heap.disarm(queue);
    this.#queues.delete(ticket.owner);
    queue.owner.queues.delete(queue);
    this.#remember(ticket.owner, queue.startAt);
  }

  /** Whoever comes back soon has no turn before those who stayed. */
  #remember(owner: string, startAt: number): void {
    if (startAt <= this.#presentAt) return;
    this.#leftAt.set(owner, startAt);
    if (this.#leftAt.size <= 2 * this.#queues.size + 64) return;
    for (const [name, at] of this.#leftAt) if (at <= this.#presentAt) this.#leftAt.delete(name);
  }

  #place(queue: Queue): void {
    const { first, owner } = queue;
    if (first === undefined || owner.room === 0) return this.#heap.disarm(queue);
    // What he could not have while he had enough, he does not catch up on.
    if (queue.heapIndex === -1) queue.startAt = Math.max(queue.startAt, this.#presentAt);
    const turnAt = this.#owners.terms.fair ? queue.startAt + first.place * TIE : first.place;
    if (this.#heap.dueAtMs(queue) === turnAt) return;
    this.#heap.disarm(queue);
    this.#heap.arm(queue, turnAt);
  }

  /** How many go before a ticket, if nobody comes or leaves but by being served. */
  ahead(ticket: Ticket): number {
    const own = this.#queues.get(ticket.owner);
    if (own === undefined) return 0;
    const before = [...own.before(ticket, this.#isHere)].length;
    if (!this.#owners.terms.fair) return this.#aheadByArrival(ticket, before);
    const turnAt = own.startAt + before / own.owner.policy.weight;
    let ahead = before;
    for (const queue of this.#queues.values()) {
      if (queue === own || queue.owner.room === 0) continue;
      // Those of its tickets whose turn comes earlier.
      const earlier = Math.ceil((turnAt - queue.startAt) * queue.owner.policy.weight);
      ahead += Math.min(queue.size, queue.owner.room, Math.max(0, earlier));
    }
    return ahead;
  }

  #aheadByArrival(ticket: Ticket, before: number): number {
    let ahead = before;
    for (const queue of this.#queues.values()) {
      if (queue.owner.name === ticket.owner || queue.owner.room === 0) continue;
      let earlier = 0;
      for (const other of queue.before(ticket, this.#isHere)) {
        if (other.place > ticket.place) break;
        earlier += 1;
      }
      ahead += Math.min(earlier, queue.owner.room);
    }
    return ahead;
  }
}

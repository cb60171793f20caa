import type { Ticket } from "./ticket.js";

/**
 * Who waits in a pool for what may be bound to him, by binding: those of one sandbox share what it used. They stand in a
 * line like all others, and here besides, so that what only they may have finds them however many wait.
 */
export class Mates {
  readonly #queues = new Map<string, Queue[]>();
  #sweptAt = 1_000;
  /** Bindings of which somebody waits and something may be free: to be matched. */
  readonly met = new Set<string>();

  add(binding: string, ticket: Ticket): void {
    let queues = this.#queues.get(binding);
    if (queues === undefined) {
      this.#sweep();
      queues = [];
      this.#queues.set(binding, queues);
    }
    const { priority } = ticket.order;
    let queue = queues.find((each) => each.priority === priority);
    if (queue === undefined) {
      queue = new Queue(priority);
      queues.push(queue);
      queues.sort((a, b) => b.priority - a.priority);
    }
    queue.push(ticket);
  }

  /** Who goes first of those that share a binding and may have something. */
  first(binding: string, mayHave: (ticket: Ticket) => boolean = () => true): Ticket | undefined {
    const queues = this.#queues.get(binding);
    if (queues === undefined) return undefined;
    for (const queue of queues) {
      const first = queue.find(mayHave);
      if (first !== undefined) return first;
    }
    if (queues.some(({ first }) => first !== undefined)) return undefined;
    this.#queues.delete(binding);
    return undefined;
  }

  /** Everybody is put into line anew. */
  clear(): void {
    this.#queues.clear();
    this.met.clear();
  }

  /** Those whose tickets have all left are forgotten now and then. */
  #sweep(): void {
    if (this.#queues.size < this.#sweptAt) return;
    for (const binding of [...this.#queues.keys()]) this.first(binding);
    this.#sweptAt = Math.max(1_000, 2 * this.#queues.size);
  }
}

/** Tickets of one priority in order of arrival; those that wait no more are passed over when they come first. */
class Queue {
  readonly priority: number;
  #tickets: Ticket[] = [];
  #at = 0;

  constructor(priority: number) {
    this.priority = priority;
  }

  push(ticket: Ticket): void {
    if (this.#at > 100 && this.#at * 2 > this.#tickets.length) {
      this.#tickets = this.#tickets.slice(this.#at);
      this.#at = 0;
    }
    this.#tickets.push(ticket);
  }

  find(mayHave: (ticket: Ticket) => boolean): Ticket | undefined {
    const { first } = this;
    if (first === undefined || mayHave(first)) return first;
    for (let at = this.#at + 1; at < this.#tickets.length; at++) {
      const ticket = this.#tickets[at] as Ticket;
      if (ticket.state === "waiting" && mayHave(ticket)) return ticket;
    }
    return undefined;
  }

  get first(): Ticket | undefined {
    for (; this.#at < this.#tickets.length; this.#at++) {
      const ticket = this.#tickets[this.#at] as Ticket;
      if (ticket.state === "waiting") return ticket;
    }
    return undefined;
  }
}

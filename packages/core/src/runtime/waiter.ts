import type { RequestOrder } from "../engine/engine.js";
import type { Resource } from "../engine/resource.js";
import type { Ticket } from "../engine/ticket.js";
import type { WarmpoolError } from "../model/error.js";
import type { Desk } from "./desk.js";
import type { Handle } from "./handle.js";
import { type Lease, LiveLease } from "./lease.js";

/** One `acquire` that waits for its lease. */
export class Waiter implements Handle {
  readonly #desk: Desk;
  readonly #order: RequestOrder;
  readonly #resolve: (lease: Lease) => void;
  readonly #reject: (error: WarmpoolError) => void;
  readonly #signal: AbortSignal | undefined;
  #ticket!: Ticket;
  #entered = false;
  /** It has its lease or its error: whatever comes later comes too late. */
  settled = false;

  constructor(
    desk: Desk,
    order: RequestOrder,
    signal: AbortSignal | undefined,
    resolve: (lease: Lease) => void,
    reject: (error: WarmpoolError) => void,
  ) {
    this.#desk = desk;
    this.#order = order;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  wait(ticket: Ticket): void {
    this.#ticket = ticket;
    ticket.handle = this;
    if (!this.#entered) this.#desk.waiterEntered(this);
    this.#entered = true;
    if (this.#signal !== undefined && ticket.state === "waiting")
      this.#signal.addEventListener("abort", this.#abort, { once: true });
  }

  readonly #abort = () => {
    this.#desk.giveUp(this.#ticket, "cancelled");
  };

  granted(resource: Resource): void {
    // It gave up while the grant was being committed: the lease has gone back already.
    if (this.settled) return;
    this.#settle();
    const lease = new LiveLease(this.#desk, this.#ticket, resource);
    this.#ticket.handle = lease;
    this.#desk.leaseBegan(lease, this.#ticket);
    this.#resolve(lease);
  }

  overdue(): void {}

  closed(): void {
    if (this.settled) return;
    this.#settle();
    this.#reject(this.#desk.errorOf(this.#ticket, this.#signal));
  }

  reloaded(find: (before: Ticket) => Ticket | undefined): void {
    if (this.settled) return;
    const ticket = find(this.#ticket);
    if (ticket === undefined) return this.#desk.enter(this.#order, this);
    this.wait(ticket);
    if (ticket.state === "granted") this.granted(ticket.resource as Resource);
    else if (ticket.state === "closed") this.closed();
  }

  failed(error: WarmpoolError): void {
    if (this.settled) return;
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.settled = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    if (this.#entered) this.#desk.waiterSettled(this);
  }
}

import type { Resource } from "../engine/resource.js";
import type { Ticket } from "../engine/ticket.js";
import type { WarmpoolError } from "../model/error.js";
import type { AcquireOrder } from "./acquire-options.js";
import type { Timer } from "./clock.js";
import type { Desk } from "./desk.js";
import { abortError, acquireTimeout } from "./errors.js";
import type { Handle } from "./handle.js";
import { type Lease, LiveLease } from "./lease.js";

/** One `acquire` that waits for its lease. */
export class Waiter implements Handle {
  readonly #desk: Desk;
  readonly #order: AcquireOrder;
  readonly #resolve: (lease: Lease) => void;
  readonly #reject: (error: WarmpoolError) => void;
  readonly #signal: AbortSignal | undefined;
  #ticket: Ticket | undefined;
  #entered = false;
  /** Ends its wait while there is no engine to do so. */
  #timer: Timer | undefined;
  /** It has its lease or its error: whatever comes later comes too late. */
  settled = false;

  constructor(
    desk: Desk,
    order: AcquireOrder,
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
    this.#enter();
  }

  suspended(): void {
    this.#enter();
    const { waitUntilAtMs, atOnce } = this.#order;
    const leftMs = atOnce ? 0 : Math.max(0, waitUntilAtMs - this.#desk.nowMs);
    this.#timer = this.#desk.after(leftMs, () =>
      this.failed(acquireTimeout(this.#ticket?.id, leftMs, "The store is still being opened.", undefined)),
    );
  }

  #enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    this.#desk.waiterEntered(this);
    this.#signal?.addEventListener("abort", this.#abort, { once: true });
  }

  readonly #abort = () => {
    const told = this.#ticket !== undefined && this.#desk.giveUp(this.#ticket, "cancelled");
    if (!told) this.failed(abortError(this.#ticket?.id, this.#signal));
  };

  granted(resource: Resource): void {
    const ticket = this.#ticket;
    // It gave up while the grant was being committed: the lease has gone back already.
    if (this.settled || ticket?.state !== "granted") return;
    this.#settle();
    const lease = new LiveLease(this.#desk, ticket, resource);
    ticket.handle = lease;
    this.#desk.leaseBegan(lease, ticket);
    this.#resolve(lease);
  }

  overdue(): void {}

  closed(): void {
    const ticket = this.#ticket;
    if (this.settled || ticket === undefined) return;
    if (ticket.end === "lost" || ticket.end === "expired") {
      // Its resource died before anybody had it: it asks for another. Not from within an effect: others follow.
      this.#ticket = undefined;
      return queueMicrotask(() => {
        if (!this.settled) this.#desk.enter(this.#order, this);
      });
    }
    this.#settle();
    this.#reject(this.#desk.errorOf(ticket, this.#signal));
  }

  reloaded(find: (before: Ticket) => Ticket | undefined): void {
    this.#timer?.cancel();
    if (this.settled) return;
    const ticket = this.#ticket && find(this.#ticket);
    if (ticket === undefined) return this.#desk.enter(this.#order, this);
    this.wait(ticket);
    if (ticket.state === "granted") this.granted(ticket.resource as Resource);
    else if (ticket.state === "closed") this.closed();
  }

  stopWaiting(error: WarmpoolError): void {
    this.failed(error);
  }

  failed(error: WarmpoolError): void {
    if (this.settled) return;
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.settled = true;
    this.#timer?.cancel();
    this.#signal?.removeEventListener("abort", this.#abort);
    if (this.#entered) this.#desk.waiterSettled(this);
  }
}

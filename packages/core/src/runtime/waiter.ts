import type { WarmpoolError } from "../model/error.js";
import type { AcquireOrder } from "./acquire-options.js";
import type { Timer } from "./clock.js";
import { abortError, acquireTimeout } from "./errors.js";
import type { Handle } from "./handle.js";
import type { HeldTicket, HolderDesk, LentResource } from "./holder-desk.js";
import { type Lent, LiveGroup } from "./lease-group.js";
import { LiveLease } from "./live-lease.js";

/** What only some of those who wait have. */
interface Extras {
  /** Stops the wait; and the listener to be taken off it again. */
  signal?: AbortSignal | undefined;
  abort?: () => void;
  /** Ends the wait while there is no engine to do so. */
  timer?: Timer;
  /** When the wait ends, if it had to ask more than once. */
  untilAtMs?: number;
}

function stop({ signal, abort, timer }: Extras): void {
  timer?.cancel();
  if (abort !== undefined) signal?.removeEventListener("abort", abort);
}

/** One `acquire` that waits for its lease. There may be a hundred thousand of them: each field is paid for as often, and a `#method` is one. */
export class Waiter implements Handle {
  readonly #desk: HolderDesk;
  readonly #order: AcquireOrder;
  readonly #resolve: (lent: Lent | Promise<never>) => void;
  #ticket: HeldTicket | undefined;
  #state: "new" | "waiting" | "settled" = "new";
  #extras: Extras | undefined;

  constructor(
    desk: HolderDesk,
    order: AcquireOrder,
    signal: AbortSignal | undefined,
    resolve: (lent: Lent | Promise<never>) => void,
  ) {
    this.#desk = desk;
    this.#order = order;
    this.#resolve = resolve;
    if (signal !== undefined) this.#extras = { signal };
  }

  wait(ticket: HeldTicket): void {
    this.#ticket = ticket;
    ticket.handle = this;
    this.enter();
  }

  suspended(): void {
    this.enter();
    const leftMs = this.#order.atOnce ? 0 : Math.max(0, this.untilAtMs() - this.#desk.nowMs);
    this.extra.timer = this.#desk.after(leftMs, () =>
      this.failed(acquireTimeout(this.#ticket?.id, leftMs, "The store is still being opened.", undefined)),
    );
  }

  private get extra(): Extras {
    this.#extras ??= {};
    return this.#extras;
  }

  private untilAtMs(): number {
    const extra = this.extra;
    extra.untilAtMs ??= this.#ticket?.waitUntilAtMs ?? this.startMs() + this.#order.waitMs;
    return extra.untilAtMs;
  }

  /** From when it waits, or goes on waiting. */
  private startMs(): number {
    const { startAtMs } = this.#order;
    const { nowMs } = this.#desk;
    return startAtMs === undefined ? nowMs : Math.max(startAtMs, nowMs);
  }

  private enter(): void {
    if (this.#state !== "new") return;
    this.#state = "waiting";
    this.#desk.waiterEntered(this);
    const signal = this.#extras?.signal;
    if (signal !== undefined) this.stopOn(signal);
  }

  private stopOn(signal: AbortSignal): void {
    const abort = () => {
      const told = this.#ticket !== undefined && this.#desk.giveUp(this.#ticket, "cancelled");
      if (!told) this.failed(abortError(this.#ticket?.id, signal));
    };
    this.extra.abort = abort;
    signal.addEventListener("abort", abort, { once: true });
  }

  granted(resource: LentResource): void {
    const ticket = this.#ticket;
    // It gave up while the grant was being committed: the lease has gone back already.
    if (this.#state === "settled" || ticket?.state !== "granted") return;
    this.settle();
    if (ticket.isParty) return this.grantedAll(ticket);
    const lease = new LiveLease(this.#desk, ticket, resource);
    ticket.handle = lease;
    this.#desk.leaseBegan(lease, ticket);
    this.#resolve(lease);
  }

  private grantedAll(ticket: HeldTicket): void {
    const group = new LiveGroup(this.#desk, ticket);
    ticket.handle = group;
    this.#desk.leaseBegan(group, ticket);
    this.#resolve(group.leases);
  }

  overdue(): void {}

  closed(): void {
    const ticket = this.#ticket;
    if (this.#state === "settled" || ticket === undefined) return;
    if (ticket.end === "lost" || ticket.end === "expired") {
      // Its resource died before anybody had it: it asks for another. Not from within an effect: others follow.
      this.untilAtMs();
      this.#ticket = undefined;
      // Its grant may still wait for its commit: it is nobody's any more, and must not be taken for that of the next ticket.
      ticket.handle = undefined;
      return queueMicrotask(() => this.askAgain());
    }
    this.failed(this.#desk.errorOf(ticket, this.#extras?.signal));
  }

  /** For what is left of its wait. */
  private askAgain(): void {
    if (this.#state === "settled") return;
    const waitMs = Math.max(0, this.untilAtMs() - this.startMs());
    this.#desk.enter({ ...this.#order, waitMs }, this);
  }

  reloaded(find: (before: HeldTicket) => HeldTicket | undefined): void {
    this.#extras?.timer?.cancel();
    if (this.#state === "settled") return;
    const ticket = this.#ticket && find(this.#ticket);
    if (ticket === undefined) return this.askAgain();
    this.wait(ticket);
    if (ticket.state === "granted") this.granted(ticket.resource as LentResource);
    else if (ticket.state === "closed") this.closed();
  }

  stopWaiting(error: WarmpoolError): void {
    this.failed(error);
  }

  failed(error: WarmpoolError): void {
    if (this.#state === "settled") return;
    this.settle();
    // Nobody needs a second function for what rarely happens: a crowd that waits is smaller without.
    this.#resolve(Promise.reject(error));
  }

  private settle(): void {
    if (this.#state === "waiting") this.#desk.waiterSettled(this);
    this.#state = "settled";
    if (this.#extras !== undefined) stop(this.#extras);
  }
}

import type { RequestOrder } from "../engine/engine.js";
import type { Explanation } from "../engine/explaining.js";
import type { Resource } from "../engine/resource.js";
import { Ticket } from "../engine/ticket.js";
import type { WarmpoolError } from "../model/error.js";
import type { TicketRecord, Verdict } from "../model/ticket.js";
import type { Timer } from "./clock.js";
import {
  abortError,
  acquireTimeout,
  endOf,
  noSuchTicket,
  notReady,
  poolClosed,
  rejection,
  requestConflict,
  sameRequest,
  storeBusy,
} from "./errors.js";
import type { Handle } from "./handle.js";
import { type Lease, LiveLease } from "./lease.js";
import type { Life } from "./life.js";
import type { Runtime } from "./runtime.js";
import { LiveTicket } from "./ticket-handle.js";
import { Waiter } from "./waiter.js";

/** Where tickets are taken and leases given back: what holders ask for becomes an input of the engine. */
export class Desk {
  readonly #runtime: Runtime;
  /** Everyone who must be told when the engine is loaded anew, or will not be any more. */
  readonly #handles = new Set<Handle>();
  readonly #durable: boolean;
  /** Calls of `acquire` whose tickets are in the engine and who have no answer yet. */
  waiters = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#durable = runtime.options.store.durable;
  }

  get nowMs(): number {
    return this.#runtime.nowMs;
  }

  get isClosed(): boolean {
    return this.#runtime.isClosed;
  }

  after(ms: number, run: () => void): Timer {
    return this.#runtime.options.clock.after(ms, run);
  }

  // ── Asking ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  acquire(order: RequestOrder, signal: AbortSignal | undefined): Promise<Lease> {
    if (signal?.aborted === true) return Promise.reject(abortError(undefined, signal));
    const { life } = this.#runtime;
    if (life === undefined) {
      return new Promise((resolve, reject) => {
        this.#enterWhenOpen(order, new Waiter(this, order, signal, resolve, reject), signal);
      });
    }
    const ticket = this.#ask(life, order);
    if (!(ticket instanceof Ticket)) return Promise.reject(ticket);
    if (!this.#durable && ticket.state === "granted") {
      // Nothing has to be written down, and nobody has to wait.
      const lease = new LiveLease(this, ticket, ticket.resource as Resource);
      ticket.handle = lease;
      this.#runtime.after(life);
      return Promise.resolve(lease);
    }
    return new Promise((resolve, reject) => {
      new Waiter(this, order, signal, resolve, reject).wait(ticket);
      this.#runtime.after(life);
    });
  }

  /** Puts a waiter into line, once there is one, or again after the engine was loaded anew. */
  enter(order: RequestOrder, waiter: Waiter): void {
    const { life } = this.#runtime;
    if (life === undefined) return waiter.failed(this.#problem(order) ?? notReady("acquire"));
    const ticket = this.#ask(life, order);
    if (!(ticket instanceof Ticket)) return waiter.failed(ticket);
    waiter.wait(ticket);
    this.#runtime.after(life);
  }

  #ask(life: Life, order: RequestOrder): Ticket | WarmpoolError {
    const problem = this.#problem(order) ?? this.#overloaded(life);
    if (problem !== undefined) return problem;
    const { engine } = life;
    const ticket = engine.request(order, this.#runtime.options.clock.turn());
    return ticket instanceof Ticket ? ticket : rejection(ticket, order, engine.ledger);
  }

  #enterWhenOpen(order: RequestOrder, waiter: Waiter, signal: AbortSignal | undefined): void {
    const abort = () => waiter.failed(abortError(undefined, signal));
    const waitMs = order.waitUntilAtMs - this.nowMs;
    const tooLong = () =>
      waiter.failed(acquireTimeout(undefined, waitMs, "The store is still being opened.", undefined));
    const timer = Number.isFinite(waitMs) ? this.after(Math.max(waitMs, 0), tooLong) : undefined;
    signal?.addEventListener("abort", abort, { once: true });
    const done = () => {
      timer?.cancel();
      signal?.removeEventListener("abort", abort);
    };
    this.#runtime.opened.then(
      () => {
        done();
        if (!waiter.settled) this.enter(order, waiter);
      },
      (error: WarmpoolError) => {
        done();
        waiter.failed(error);
      },
    );
  }

  /** A durable ticket, once it is committed. */
  async request(order: RequestOrder): Promise<LiveTicket> {
    await this.#runtime.opened;
    for (;;) {
      const life = this.#runtime.alive("request");
      const ticket = this.#ask(life, order);
      if (!(ticket instanceof Ticket)) throw ticket;
      if (!sameRequest(ticket, order)) throw requestConflict(ticket);
      const handle = this.#handleOf(ticket);
      this.#runtime.after(life);
      await life.committer.committed();
      // Loaded anew in between: the handle was told whether it was committed; if not, it is asked for again.
      if (this.#runtime.life === life || handle.isKnown) return handle;
    }
  }

  #problem(order: RequestOrder): WarmpoolError | undefined {
    const { failure, isClosed, options } = this.#runtime;
    if (failure !== undefined) return failure;
    return isClosed ? poolClosed(order.item.pool ?? options.namespace) : undefined;
  }

  #overloaded({ committer }: Life): WarmpoolError | undefined {
    const { backlog } = this.#runtime.options;
    return committer.waiting < backlog ? undefined : storeBusy(committer.waiting, backlog);
  }

  // ── Tickets ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The ticket of that number, if it exists and is committed. */
  ticket(id: number): LiveTicket | undefined {
    const ticket = this.#runtime.alive("ticket").engine.ledger.tickets.get(id);
    if (ticket === undefined || this.ticketRecord(id) === undefined) return undefined;
    // A ticket of `acquire` in this process belongs to whoever called that.
    return ticket.handle instanceof Waiter || ticket.handle instanceof LiveLease ? undefined : this.#handleOf(ticket);
  }

  #handleOf(ticket: Ticket): LiveTicket {
    if (ticket.handle instanceof LiveTicket) return ticket.handle;
    const handle = new LiveTicket(this, ticket);
    this.#handles.add(handle);
    return handle;
  }

  ticketRecord(id: number): TicketRecord | undefined {
    return this.#runtime.records.ticket(id);
  }

  /** Whether a grant has left the process: before, nobody may know of it. */
  isCommitted(ticket: Ticket): boolean {
    return this.ticketRecord(ticket.id)?.state === "granted";
  }

  explain(id: number): Explanation {
    const { engine } = this.#runtime.alive("explain");
    const ticket = engine.ledger.tickets.get(id);
    if (ticket === undefined) throw noSuchTicket(id);
    return engine.explain(ticket);
  }

  /** Withdraws a ticket, or ends its lease when nobody took it. */
  async closeTicket(ticket: Ticket): Promise<void> {
    const life = this.#runtime.alive("close");
    if (ticket.state === "waiting") life.engine.giveUp(ticket, "cancelled", this.nowMs);
    else if (ticket.state === "granted") life.engine.release(ticket, "ok", this.nowMs);
    this.#runtime.after(life);
    await this.#soon(life.committer.committed());
  }

  /** A ticket goes on waiting while one of those who wait for it stopped. */
  waitTimedOut(ticket: Ticket): WarmpoolError {
    return acquireTimeout(ticket.id, this.nowMs - ticket.createdAtMs, this.explain(ticket.id).text, undefined);
  }

  errorOf(ticket: Ticket, signal: AbortSignal | undefined): WarmpoolError {
    return endOf(ticket, signal, this.isClosed, this.#runtime.life?.engine);
  }

  // ── Leases ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  giveUp(ticket: Ticket, how: "cancelled" | "timed-out"): void {
    this.#runtime.input((engine) => engine.giveUp(ticket, how, this.nowMs));
  }

  release(ticket: Ticket, verdict: Verdict): Promise<void> {
    const { life, failure } = this.#runtime;
    if (life === undefined || failure !== undefined) return Promise.reject(failure ?? notReady("release"));
    life.engine.release(ticket, verdict, this.#runtime.options.clock.turn());
    this.#runtime.after(life);
    return this.#soon(life.committer.committed());
  }

  renew(ticket: Ticket): void {
    this.#runtime.input((engine) => engine.renew(ticket, this.nowMs));
  }

  /** A promise, or nothing after `releaseTimeout`: what it waits for goes on behind it. */
  #soon(committed: Promise<void>): Promise<void> {
    if (!this.#durable) return committed;
    return new Promise((resolve) => {
      const timer = this.after(this.#runtime.options.releaseTimeoutMs, resolve);
      void committed.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  leaseBegan(lease: LiveLease, ticket: Ticket): void {
    this.#runtime.life?.engine.delivered(ticket);
    if (this.#durable) this.#handles.add(lease);
  }

  leaseEnded(lease: LiveLease): void {
    this.#handles.delete(lease);
  }

  waiterEntered(waiter: Waiter): void {
    this.waiters += 1;
    if (this.#durable) this.#handles.add(waiter);
  }

  waiterSettled(waiter: Waiter): void {
    this.waiters -= 1;
    this.#handles.delete(waiter);
  }

  // ── Bad news ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The engine was loaded anew: everyone finds out what is left of his ticket. */
  reloaded({ engine }: Life): void {
    // A number may have been given again: what it was given to tells them apart.
    const find = (before: Ticket) => {
      const ticket = engine.ledger.tickets.get(before.id);
      return ticket?.createdAtMs === before.createdAtMs && ticket.owner === before.owner ? ticket : undefined;
    };
    for (const handle of [...this.#handles]) handle.reloaded(find);
  }

  /** The store is lost for good. */
  failed(error: WarmpoolError): void {
    for (const handle of [...this.#handles]) handle.failed(error);
  }

  /** The pool closes: leases end with their resources, or live on in the store; waiting for a ticket ends here. */
  closed(error: WarmpoolError): void {
    for (const handle of [...this.#handles]) if (handle instanceof LiveTicket) handle.failed(error);
  }
}

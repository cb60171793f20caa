import type { Engine } from "../engine/engine.js";
import type { Extension } from "../engine/lease-time.js";
import type { Resource } from "../engine/resource.js";
import { Ticket, type TicketOrder } from "../engine/ticket.js";
import type { WarmpoolError } from "../model/error.js";
import type { TicketRecord, Verdict } from "../model/ticket.js";
import type { AcquireOrder } from "./acquire-options.js";
import type { Timer } from "./clock.js";
import {
  abortError,
  endOf,
  poolClosed,
  rejection,
  requestConflict,
  sameRequest,
  storeBusy,
  waitTimedOut,
} from "./errors.js";
import type { Handle } from "./handle.js";
import type { HeldTicket, HolderDesk } from "./holder-desk.js";
import { type Lent, LiveGroup } from "./lease-group.js";
import type { Life } from "./life.js";
import { LiveLease, type Released } from "./live-lease.js";
import type { Runtime } from "./runtime.js";
import { LiveTicket } from "./ticket-handle.js";
import { Waiter } from "./waiter.js";

/** Where nothing has to be written down, a release is done at once. */
const RELEASED: Released = { verdict: "ok", done: Promise.resolve() };

type Resolve = (lent: Lent | Promise<never>) => void;

let taken: Resolve;
/** One function for all: a crowd that waits would otherwise leave one behind for each. */
const takeResolve = (resolve: Resolve) => {
  taken = resolve;
};

/** Where tickets are taken and leases given back: what holders ask for becomes an input of the engine. */
export class Desk implements HolderDesk {
  readonly #runtime: Runtime;
  /** Everyone who must be told when the engine is loaded anew, or will not be any more. */
  readonly #handles = new Set<Handle>();
  readonly #durable: boolean;
  /** Calls of `acquire` that have no answer yet. */
  #waiters = 0;

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

  /** Why nothing can be asked for any more. */
  get problem(): WarmpoolError | undefined {
    return this.#runtime.problem;
  }

  after(ms: number, run: () => void): Timer {
    return this.#runtime.options.clock.after(ms, run);
  }

  // ── Asking ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  acquire(order: AcquireOrder, signal: AbortSignal | undefined): Promise<Lent> {
    if (signal?.aborted === true) return Promise.reject(abortError(undefined, signal));
    const { life } = this.#runtime;
    if (life === undefined) return this.#acquireWhenOpen(order, signal);
    const ticket = this.#ask(life, order);
    if (!(ticket instanceof Ticket)) return Promise.reject(ticket);
    const lent = !this.#durable && ticket.state === "granted" ? this.#lend(ticket) : this.#await(ticket, order, signal);
    this.#runtime.after(life);
    return lent;
  }

  /** Nothing has to be written down, and nobody has to wait. */
  #lend(ticket: Ticket): Promise<Lent> {
    if (ticket.isParty) return this.#lendAll(ticket);
    const lease = new LiveLease(this, ticket, ticket.resource as Resource);
    ticket.handle = lease;
    return Promise.resolve(lease);
  }

  #lendAll(ticket: Ticket): Promise<Lent> {
    const group = new LiveGroup(this, ticket);
    ticket.handle = group;
    return Promise.resolve(group.leases);
  }

  #await(ticket: Ticket, order: AcquireOrder, signal: AbortSignal | undefined): Promise<Lent> {
    const promise = new Promise<Lent>(takeResolve);
    new Waiter(this, order, signal, taken).wait(ticket);
    return promise;
  }

  #acquireWhenOpen(order: AcquireOrder, signal: AbortSignal | undefined): Promise<Lent> {
    const { backlog } = this.#runtime.options;
    if (this.isClosed) return Promise.reject(this.#closedFor(order));
    const problem = this.problem ?? (this.#waiters < backlog ? undefined : storeBusy(this.#waiters, backlog));
    if (problem !== undefined) return Promise.reject(problem);
    return new Promise((resolve) => {
      const waiter = new Waiter(this, order, signal, resolve);
      waiter.suspended();
      this.#handles.add(waiter);
    });
  }

  /** Puts a waiter into line, once there is one, or again after the engine was loaded anew. */
  enter(order: AcquireOrder, waiter: Waiter): void {
    const { life } = this.#runtime;
    if (life === undefined) return waiter.suspended();
    const ticket = this.#ask(life, order);
    if (!(ticket instanceof Ticket)) return waiter.failed(ticket);
    waiter.wait(ticket);
    this.#runtime.after(life);
  }

  #ask(life: Life, order: TicketOrder & { atOnce?: boolean }): Ticket | WarmpoolError {
    if (this.#runtime.isClosed) return this.#closedFor(order);
    const problem = this.#overloaded(life);
    if (problem !== undefined) return problem;
    const { engine } = life;
    const nowMs = this.#runtime.options.clock.turn();
    const ticket = engine.request(order, nowMs);
    if (!(ticket instanceof Ticket)) return rejection(ticket, engine.ledger);
    if (order.atOnce === true && ticket.state === "waiting") engine.giveUp(ticket, "timed-out", nowMs);
    return ticket;
  }

  /** A durable ticket, once it is committed. */
  async request(order: TicketOrder): Promise<LiveTicket> {
    let handle: LiveTicket | undefined;
    for (;;) {
      const life = await this.#runtime.living("request");
      if (this.isClosed) throw this.#closedFor(order);
      // Loaded anew in between: the handle was told whether it was committed; if not, it is asked for again.
      if (handle?.isKnown === true) return handle;
      const ticket = this.#ask(life, order);
      if (!(ticket instanceof Ticket)) throw ticket;
      if (!sameRequest(ticket, order)) throw requestConflict(ticket);
      handle = this.#handleOf(ticket);
      this.#runtime.after(life);
      if (await life.committer.committed()) return handle;
    }
  }

  #closedFor({ item }: TicketOrder): WarmpoolError {
    return poolClosed(item.pool ?? this.#runtime.options.namespace);
  }

  #overloaded({ committer }: Life): WarmpoolError | undefined {
    const { backlog } = this.#runtime.options;
    return committer.waiting < backlog ? undefined : storeBusy(committer.waiting, backlog);
  }

  // ── Tickets ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The ticket of that number, if it exists and is committed. */
  ticket(id: number): LiveTicket | undefined {
    const ticket = this.#runtime.readable("ticket").engine.ledger.ticket(id);
    if (ticket === undefined || this.ticketRecord({ id }) === undefined) return undefined;
    // A ticket of `acquire` in this process belongs to whoever called that.
    const { handle } = ticket;
    const isHeldHere = handle instanceof Waiter || handle instanceof LiveLease || handle instanceof LiveGroup;
    return isHeldHere ? undefined : this.#handleOf(ticket);
  }

  #handleOf(ticket: Ticket): LiveTicket {
    if (ticket.handle instanceof LiveTicket) return ticket.handle;
    const handle = new LiveTicket(this, ticket);
    // Nothing more becomes of a closed one.
    if (ticket.state !== "closed") this.#handles.add(handle);
    return handle;
  }

  ticketRecord({ id }: { readonly id: number }): TicketRecord | undefined {
    return this.#runtime.lastRecords?.ticket(id);
  }

  /** Whether its holder has its lease, or nobody has to come for it. */
  isTaken(ticket: Ticket): boolean {
    return this.ticketRecord(ticket)?.lease?.untaken !== true;
  }

  /** Whether a grant has left the process: before, nobody may know of it. */
  isCommitted(ticket: Ticket): boolean {
    return this.#runtime.life !== undefined && this.ticketRecord(ticket)?.state === "granted";
  }

  /** Withdraws a ticket, or ends its lease when nobody took it. Resolves with `false` if it must be done again. */
  async closeTicket(ticketOf: () => Ticket): Promise<boolean> {
    const life = await this.#runtime.living("close");
    // Not before: a life that had to be waited for has tickets of its own.
    const ticket = ticketOf();
    if (ticket.state === "waiting" || !ticket.delivered) life.engine.giveUp(ticket, "cancelled", this.nowMs);
    else if (ticket.state === "granted") life.engine.release(ticket, "ok", this.nowMs);
    this.#runtime.after(life);
    return await life.committer.committed();
  }

  /** Resolves when everything so far is committed; with `false`, when it never will be: who has a ticket is told by itself. */
  async committed(): Promise<boolean> {
    return (await this.#runtime.life?.committer.committed()) ?? false;
  }

  /** A ticket goes on waiting while one of those who wait for it stopped. */
  waitTimedOut(ticket: Ticket): WarmpoolError {
    return waitTimedOut(ticket, this.nowMs, this.#runtime.life?.engine);
  }

  errorOf(ticket: Ticket, signal: AbortSignal | undefined): WarmpoolError {
    const { life } = this.#runtime;
    return endOf(ticket, signal, this.isClosed, life?.engine, life?.committer.problem);
  }

  /** The holder comes for its lease. Resolves when that is committed; with `false`, when it must be done again. */
  async take(ticket: Ticket): Promise<boolean> {
    const { life } = this.#runtime;
    if (life === undefined) return false;
    life.engine.taken(ticket, this.nowMs);
    this.#runtime.after(life);
    return await life.committer.committed();
  }

  // ── Leases ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Returns whether there is an engine to tell. */
  giveUp(ticket: Ticket, how: "cancelled" | "timed-out"): boolean {
    return this.#runtime.input((engine) => engine.giveUp(ticket, how, this.nowMs));
  }

  release(ticket: Ticket, verdict: Verdict): Released {
    const { life } = this.#runtime;
    if (life !== undefined) {
      life.engine.release(ticket, verdict, this.#runtime.options.clock.turn());
      this.#runtime.after(life);
      if (!this.#durable) return verdict === "ok" ? RELEASED : { verdict, done: RELEASED.done };
    }
    return this.#releaseBehind(ticket, verdict, life);
  }

  #releaseBehind(ticket: Ticket, verdict: Verdict, life: Life | undefined): Released {
    if (life === undefined && this.problem !== undefined) return { verdict, done: Promise.reject(this.problem) };
    return { verdict, done: this.soon(this.#releaseCommitted(ticket, life)) };
  }

  /** If the engine is loaded anew meanwhile, whoever has the lease releases it again. */
  async #releaseCommitted(ticket: Ticket, begun: Life | undefined): Promise<void> {
    let life = begun;
    while (life === undefined || !(await life.committer.committed())) life = await this.reopened("release");
    this.#handles.delete(ticket.handle as Handle);
  }

  /** What was released in an earlier life, and not committed. */
  releaseAgain(ticket: Ticket, verdict: Verdict): void {
    this.#runtime.input((engine) => engine.release(ticket, verdict, this.nowMs));
  }

  /** Returns whether there is an engine to tell, whose word counts: renewals are not committed. */
  renew(ticket: Ticket): boolean {
    if (this.#runtime.hasLapsed()) return false;
    return this.#runtime.input((engine) => engine.renew(ticket, this.nowMs));
  }

  /** Writes user data down; returns `false` if it must be done again. */
  async update(ticket: Ticket, userData: Readonly<Record<string, unknown>>): Promise<boolean> {
    const life = this.#runtime.hasLapsed() ? undefined : this.#runtime.life;
    if (life === undefined) {
      await this.reopened("update");
      return false;
    }
    life.engine.update(ticket, userData, this.nowMs);
    this.#runtime.after(life);
    return await life.committer.committed();
  }

  /** What an extension came to, once it is committed; `undefined`: it must be asked for again. */
  async extend(ticket: Ticket, wish: Parameters<Engine["extend"]>[1]): Promise<Extension | undefined> {
    if (this.#runtime.hasLapsed() || this.#runtime.life === undefined) {
      await this.reopened("extend");
      return undefined;
    }
    const { life } = this.#runtime;
    const extension = life.engine.extend(ticket, wish, this.nowMs);
    this.#runtime.after(life);
    return (await this.hold(life.committer.committed())) ? extension : undefined;
  }

  /** The present life, or the next. */
  reopened(call: string): Promise<Life> {
    return this.#runtime.living(call);
  }

  /** Resolves with `committed`, or after `releaseTimeout`: what it waits for goes on behind it. */
  soon(committed: Promise<void>): Promise<void> {
    return this.#runtime.soon(committed);
  }

  /** Keeps the process alive until a call is answered. */
  hold<T>(call: Promise<T>): Promise<T> {
    return this.#runtime.process.until(call);
  }

  /** The lease of an `acquire`, or all of an `acquireAll`, was handed out. */
  leaseBegan(lease: LiveLease | LiveGroup, ticket: Ticket): void {
    if (!this.#durable) return;
    this.#runtime.life?.engine.delivered(ticket);
    this.#handles.add(lease);
  }

  /** Nothing more becomes of it. */
  ended(handle: Handle): void {
    this.#handles.delete(handle);
  }

  waiterEntered(waiter: Waiter): void {
    this.#waiters += 1;
    this.#runtime.process.waiting(+1);
    if (this.#durable) this.#handles.add(waiter);
  }

  waiterSettled(waiter: Waiter): void {
    this.#waiters -= 1;
    this.#runtime.process.waiting(-1);
    if (this.#handles.size > 0) this.#handles.delete(waiter);
  }

  // ── Bad news ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** There is no engine for a while. */
  suspended(leadsForMs?: number): void {
    for (const handle of [...this.#handles]) handle.suspended(leadsForMs);
  }

  /** The engine was loaded, perhaps anew: everyone finds out what is left of his ticket. */
  reloaded({ engine }: Life): void {
    // Before anyone asks anew: numbers that were not committed are given again.
    const known = new Map(engine.ledger.tickets);
    const find = (before: HeldTicket) => {
      const ticket = known.get(before.id);
      if (ticket?.createdAtMs !== before.createdAtMs || ticket.owner !== before.owner) return undefined;
      return before.party === undefined ? ticket : ticket.shares?.find(({ token }) => token === before.token);
    };
    for (const handle of [...this.#handles]) handle.reloaded(find);
    // Whoever had these stopped waiting, and that was not committed.
    for (const ticket of known.values()) {
      if (ticket.order.session !== this.#runtime.session || ticket.handle !== undefined) continue;
      this.giveUp(ticket, "cancelled");
      if (ticket.state === "granted") this.releaseAgain(ticket, "ok");
    }
  }

  /** The store is lost for good. */
  failed(error: WarmpoolError): void {
    for (const handle of [...this.#handles]) handle.failed(error);
  }

  /** The pool closes: leases end with their resources, or live on in the store; waiting ends here. */
  closed(error: WarmpoolError): void {
    for (const handle of [...this.#handles]) handle.stopWaiting(error);
  }
}

import type { ConfigureResult, PoolOrder } from "../engine/configuring.js";
import type { Effect } from "../engine/effect.js";
import { Engine, type RequestOrder } from "../engine/engine.js";
import type { Explanation } from "../engine/explaining.js";
import type { Ledger } from "../engine/ledger.js";
import type { Resource } from "../engine/resource.js";
import { Ticket } from "../engine/ticket.js";
import type { WarmpoolError } from "../model/error.js";
import type { AnyEvent } from "../model/event.js";
import { parseKey } from "../model/key.js";
import type { Logger } from "../model/logger.js";
import type { TicketRecord, Verdict } from "../model/ticket.js";
import type { Store, StoreSession } from "../store/store.js";
import { Caller } from "./caller.js";
import type { Clock, Timer } from "./clock.js";
import { Committer } from "./committer.js";
import {
  abortError,
  acquireTimeout,
  endOf,
  noSuchResource,
  noSuchTicket,
  notReady,
  poolClosed,
  rejection,
  requestConflict,
  sameRequest,
  storeBusy,
  storeFailed,
} from "./errors.js";
import type { Handle } from "./handle.js";
import type { Ids } from "./ids.js";
import type { Lease, LiveLease } from "./lease.js";
import { load } from "./load.js";
import { Records } from "./records.js";
import { LiveTicket } from "./ticket-handle.js";
import { Waiter } from "./waiter.js";

export interface RuntimeOptions {
  readonly namespace: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly keepClosedMs: number;
  readonly releaseTimeoutMs: number;
  readonly closeTimeoutMs: number;
  /** Inputs that may wait for one commit. */
  readonly backlog: number;
  readonly allowExitOnIdle: boolean;
  /** The pools as configured last. */
  readonly pools: () => readonly PoolOrder[];
  readonly paramsOf: (pool: string) => unknown;
  readonly emit: (event: AnyEvent) => void;
  /** Somebody listens to events. */
  readonly watched: () => boolean;
}

/** One life of the engine: from loading it to discarding it. */
interface Life {
  readonly engine: Engine;
  readonly session: StoreSession;
  readonly committer: Committer;
  readonly caller: Caller;
  readonly records: Records;
}

/**
 * The one shell around the engine: it reads the clock, keeps the store, calls providers, wakes the engine up, and tells
 * holders. Everything it does, it does because of an effect.
 */
export class Runtime {
  readonly opened: Promise<void>;
  readonly #options: RuntimeOptions;
  /** Secret id of this process: its `acquire` tickets die with it. */
  readonly session: string;
  readonly #opening = new AbortController();
  #life: Life | undefined;
  #failure: WarmpoolError | undefined;
  #closing: Promise<void> | undefined;
  #wake: Timer | undefined;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  /** Everyone who must be told when the engine is loaded anew. Only with a store: without one it never is. */
  readonly #handles = new Set<Handle>();
  #waiters = 0;
  /** Called at each change, while somebody waits for one (`drain`). */
  readonly #watchers = new Set<() => void>();
  readonly #keepAlive = setInterval(() => {}, 2 ** 30);

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.session = options.ids.draw(16);
    if (options.allowExitOnIdle) this.#keepAlive.unref();
    this.opened = this.#open().catch((error: unknown) => {
      this.#fail(storeFailed(error, options.store.name));
      throw this.#failure;
    });
    // Every call awaits it and reports its error: nobody has to listen here.
    this.opened.catch(() => {});
  }

  get nowMs(): number {
    return this.#options.clock.now();
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  after(ms: number, run: () => void): Timer {
    return this.#options.clock.after(ms, run);
  }

  /** The ledger, once open. */
  get ledger(): Ledger {
    return this.#alive("read").engine.ledger;
  }

  get records(): Records {
    return this.#alive("read").records;
  }

  /** Whether it is open and not failed: then `ledger` and `records` can be read. */
  get isOpen(): boolean {
    return this.#life !== undefined && this.#failure === undefined;
  }

  // ── Asking for resources ───────────────────────────────────────────────────────────────────────────────────────────

  acquire(order: RequestOrder, signal: AbortSignal | undefined): Promise<Lease> {
    if (signal?.aborted === true) return Promise.reject(abortError(undefined, signal));
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(this, order, signal, resolve, reject);
      if (this.#life === undefined) this.#enterWhenOpen(order, waiter, signal);
      else this.enter(order, waiter);
    });
  }

  /** Puts a waiter's ticket into line. */
  enter(order: RequestOrder, waiter: Waiter): void {
    const life = this.#life;
    if (life === undefined) return waiter.failed(this.#problem(order) ?? notReady("acquire"));
    const problem = this.#problem(order) ?? this.#overloaded(life);
    if (problem !== undefined) return waiter.failed(problem);
    const ticket = life.engine.request(order, this.#options.clock.turn());
    if (!(ticket instanceof Ticket)) return waiter.failed(rejection(ticket, order, life.engine.ledger));
    waiter.wait(ticket);
    this.#after(life);
  }

  #enterWhenOpen(order: RequestOrder, waiter: Waiter, signal: AbortSignal | undefined): void {
    const abort = () => waiter.failed(abortError(undefined, signal as AbortSignal));
    const waitMs = order.waitUntilAtMs - this.nowMs;
    const timer = Number.isFinite(waitMs)
      ? this.after(Math.max(waitMs, 0), () =>
          waiter.failed(acquireTimeout(undefined, waitMs, "The store is still being opened.", undefined)),
        )
      : undefined;
    signal?.addEventListener("abort", abort, { once: true });
    const done = () => {
      timer?.cancel();
      signal?.removeEventListener("abort", abort);
    };
    this.opened.then(
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
    await this.opened;
    for (;;) {
      const life = this.#alive("request");
      const problem = this.#problem(order) ?? this.#overloaded(life);
      if (problem !== undefined) throw problem;
      const ticket = life.engine.request(order, this.nowMs);
      if (!(ticket instanceof Ticket)) throw rejection(ticket, order, life.engine.ledger);
      if (!sameRequest(ticket, order)) throw requestConflict(ticket);
      const handle = this.#handleOf(ticket);
      this.#after(life);
      await life.committer.committed();
      // Loaded anew in between: what was committed of it, the handle was told; otherwise it is asked for again.
      if (this.#life === life || handle.isKnown) return handle;
    }
  }

  /** The ticket of that number, if it exists and is committed. */
  ticket(id: number): LiveTicket | undefined {
    const ticket = this.#alive("ticket").engine.ledger.tickets.get(id);
    if (ticket === undefined || this.ticketRecord(id) === undefined) return undefined;
    return ticket.handle instanceof Waiter ? undefined : this.#handleOf(ticket);
  }

  #handleOf(ticket: Ticket): LiveTicket {
    if (ticket.handle instanceof LiveTicket) return ticket.handle;
    const handle = new LiveTicket(this, ticket);
    this.#handles.add(handle);
    return handle;
  }

  ticketRecord(id: number): TicketRecord | undefined {
    return this.records.ticket(id);
  }

  explain(id: number): Explanation {
    const { engine } = this.#alive("explain");
    const ticket = engine.ledger.tickets.get(id);
    if (ticket === undefined) throw noSuchTicket(id);
    return engine.explain(ticket);
  }

  // ── What holders do ────────────────────────────────────────────────────────────────────────────────────────────────

  giveUp(ticket: Ticket, how: "cancelled" | "timed-out"): void {
    this.#input((engine) => engine.giveUp(ticket, how, this.nowMs));
  }

  release(ticket: Ticket, verdict: Verdict): Promise<void> {
    const life = this.#life;
    if (life === undefined || this.#failure !== undefined) return Promise.reject(this.#failure ?? notReady("release"));
    life.engine.release(ticket, verdict, this.#options.clock.turn());
    this.#after(life);
    return this.#soon(life.committer.committed());
  }

  renew(ticket: Ticket): void {
    this.#input((engine) => engine.renew(ticket, this.nowMs));
  }

  /** Withdraws a ticket, or ends its lease when nobody took it. */
  async closeTicket(ticket: Ticket): Promise<void> {
    const life = this.#alive("close");
    if (ticket.state === "waiting") life.engine.giveUp(ticket, "cancelled", this.nowMs);
    else if (ticket.state === "granted") life.engine.release(ticket, "ok", this.nowMs);
    this.#after(life);
    await this.#soon(life.committer.committed());
  }

  /** A promise, or nothing after `releaseTimeout`: what it waits for goes on behind it. */
  #soon(committed: Promise<void>): Promise<void> {
    if (!this.#options.store.durable) return committed;
    return new Promise((resolve) => {
      const timer = this.after(this.#options.releaseTimeoutMs, resolve);
      void committed.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  leaseBegan(lease: LiveLease, ticket: Ticket): void {
    this.#life?.engine.delivered(ticket);
    if (this.#options.store.durable) this.#handles.add(lease);
  }

  leaseEnded(lease: LiveLease): void {
    this.#handles.delete(lease);
  }

  waiterEntered(waiter: Waiter): void {
    this.#waiters += 1;
    if (this.#options.store.durable) this.#handles.add(waiter);
  }

  waiterSettled(waiter: Waiter): void {
    this.#waiters -= 1;
    this.#handles.delete(waiter);
  }

  errorOf(ticket: Ticket, signal: AbortSignal | undefined): WarmpoolError {
    return endOf(ticket, signal, this.isClosed, this.#life?.engine);
  }

  /** A ticket goes on waiting while one of those who wait for it stopped. */
  waitTimedOut(ticket: Ticket): WarmpoolError {
    return acquireTimeout(ticket.id, this.nowMs - ticket.createdAtMs, this.explain(ticket.id).text, undefined);
  }

  /** Whether a grant has left the process: before, nobody may know of it. */
  isCommitted(ticket: Ticket): boolean {
    return this.ticketRecord(ticket.id)?.state === "granted";
  }

  // ── Steering ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async configure(): Promise<ConfigureResult> {
    await this.opened;
    const life = this.#alive("configure");
    const result = life.engine.configure(this.#options.pools(), this.nowMs);
    this.#after(life);
    await life.committer.committed();
    return result;
  }

  /** Applies a command to the engine, and resolves when it is committed. */
  async command(name: string, apply: (engine: Engine, nowMs: number) => void): Promise<void> {
    await this.opened;
    const life = this.#alive(name);
    apply(life.engine, this.nowMs);
    this.#after(life);
    await life.committer.committed();
  }

  /** Applies a command to one resource. */
  async resourceCommand(
    name: string,
    id: number,
    apply: (engine: Engine, resource: Resource, nowMs: number) => void,
  ): Promise<void> {
    await this.command(name, (engine, nowMs) => {
      const resource = engine.ledger.resources.get(id);
      if (resource === undefined) throw noSuchResource(id);
      apply(engine, resource, nowMs);
    });
  }

  /** Numbers go on above the largest that the provider showed us. */
  async acceptRollback(): Promise<void> {
    await this.command("acceptRollback", (engine, nowMs) => {
      const ids = (engine.ledger.rolledBack ?? []).map((key) => parseKey(key)?.id ?? 0);
      engine.acceptRollback(Math.max(0, ...ids), nowMs);
    });
  }

  /** Resolves when `condition` holds: it is looked at after each change. */
  async until(condition: (ledger: Ledger) => boolean): Promise<void> {
    await this.opened;
    while (!condition(this.#alive("drain").engine.ledger)) {
      await new Promise<void>((resolve) => {
        const watch = () => {
          this.#watchers.delete(watch);
          resolve();
        };
        this.#watchers.add(watch);
      });
    }
    await this.#alive("drain").committer.committed();
  }

  watch(): void {
    if (this.#life !== undefined) this.#life.engine.ledger.watched = this.#options.watched();
  }

  // ── Life and death ─────────────────────────────────────────────────────────────────────────────────────────────────

  async #open(): Promise<void> {
    const { store, namespace, ids } = this.#options;
    const session = await store.open(namespace, { signal: this.#opening.signal, drawId: (length) => ids.draw(length) });
    try {
      await this.#begin(session);
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async #begin(session: StoreSession): Promise<void> {
    const { clock, ids, store, namespace, logger, keepClosedMs, paramsOf } = this.#options;
    const { resources, tickets, counters } = await load(session, store.name);
    this.#opening.signal.throwIfAborted();
    const { installation, epoch } = session;
    const self = {
      namespace,
      installation,
      epoch,
      epochId: ids.draw(6),
      session: this.session,
      durable: store.durable,
      leaderTtlMs: 0,
      keepClosedMs,
      watched: this.#options.watched(),
    };
    const engine = new Engine(self, counters, this.#options.pools(), { resources, tickets }, clock.now());
    const records = new Records(engine.ledger);
    records.take(resources, tickets);
    const caller = new Caller({
      clock,
      ids,
      logger,
      durable: store.durable,
      namespace,
      installation,
      epoch,
      paramsOf,
      answered: (call, answer) => this.#in(life, () => engine.answered(call, answer, clock.now())),
      checkpoint: async (call, data) => {
        this.#in(life, () => engine.checkpoint(call, data, clock.now()));
        await committer.committed();
      },
    });
    const committer = new Committer({
      engine,
      session: store.durable ? session : undefined,
      records,
      clock,
      run: (effect) => this.#run(life, effect),
      repeated: (error, attempt) => logger.warn({ err: error, attempt }, "a commit failed and is repeated"),
      failed: (error) => void this.#reload(life, error),
    });
    const life: Life = { engine, session, committer, caller, records };
    this.#life = life;
    this.#after(life);
    await committer.committed();
  }

  /** The store is somebody else's now, or refused for good: what this engine thinks counts no more. */
  async #reload(life: Life, cause: unknown): Promise<void> {
    if (this.#life !== life || this.isClosed) return;
    const { logger, store } = this.#options;
    logger.error({ err: cause }, "the store refused a commit: loading anew");
    const handles = [...this.#handles];
    this.#life = undefined;
    this.#wake?.cancel();
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    void life.caller.close("the manager lost its store");
    await life.session.close().catch(() => {});
    try {
      await this.#open();
    } catch (error) {
      return this.#fail(storeFailed(error, store.name));
    }
    const { engine } = this.#alive("reload");
    // A number may have been given again: what it was given to tells them apart.
    const find = (before: Ticket) => {
      const ticket = engine.ledger.tickets.get(before.id);
      return ticket?.createdAtMs === before.createdAtMs && ticket.owner === before.owner ? ticket : undefined;
    };
    for (const handle of handles) handle.reloaded(find);
    this.#after(this.#alive("reload"));
  }

  #fail(error: WarmpoolError): void {
    this.#failure = error;
    clearInterval(this.#keepAlive);
    for (const handle of [...this.#handles]) handle.failed(error);
    for (const watch of [...this.#watchers]) watch();
  }

  /**
   * Ends it all: new calls are refused, waiting ones rejected, running provider calls given `closeTimeout`, and the last
   * batch committed.
   */
  close(timeoutMs: number | undefined, resources: "keep" | "delete"): Promise<void> {
    this.#closing ??= this.#close(timeoutMs ?? this.#options.closeTimeoutMs, resources);
    return this.#closing;
  }

  async #close(timeoutMs: number, resources: "keep" | "delete"): Promise<void> {
    // After the first await `isClosed` holds: whoever is refused from here on is told so.
    await undefined;
    this.#opening.abort(new Error("the pool was closed"));
    await this.opened.catch(() => {});
    const life = this.#life;
    if (life !== undefined && this.#failure === undefined) {
      const deadline = new Promise<void>((resolve) => this.after(timeoutMs, resolve));
      const { engine } = life;
      for (const ticket of [...engine.ledger.tickets.values()]) {
        if (ticket.session === this.session) engine.giveUp(ticket, "cancelled", this.nowMs);
      }
      engine.retire(resources, this.nowMs);
      for (const handle of this.#handles)
        if (handle instanceof LiveTicket) handle.failed(poolClosed(this.#options.namespace));
      this.#after(life);
      if (resources === "delete") await Promise.race([this.until(({ resources: left }) => left.size === 0), deadline]);
      await Promise.race([life.caller.close("the pool is being closed"), deadline]);
      this.#after(life);
      await Promise.race([life.committer.committed(), deadline]);
      life.committer.stop();
      await life.session.close();
    }
    this.#wake?.cancel();
    this.#life = undefined;
    clearInterval(this.#keepAlive);
  }

  // ── The cycle: an input, its effects, the next waking ──────────────────────────────────────────────────────────────

  #input(apply: (engine: Engine) => void): void {
    const life = this.#life;
    if (life === undefined || this.#failure !== undefined) return;
    apply(life.engine);
    this.#after(life);
  }

  /** An answer to something that this life asked for: a later life has forgotten the question. */
  #in(life: Life, apply: () => void): void {
    if (this.#life !== life) return;
    apply();
    this.#after(life);
  }

  #after(life: Life): void {
    life.committer.gather();
    const { wakeAtMs } = life.engine;
    if (wakeAtMs < this.#wakeAtMs) this.#wakeUpAt(life, wakeAtMs);
    if (this.#watchers.size > 0) for (const watch of [...this.#watchers]) watch();
    if (this.#options.allowExitOnIdle) this.#hold();
  }

  #wakeUpAt(life: Life, atMs: number): void {
    this.#wake?.cancel();
    this.#wakeAtMs = atMs;
    const { clock } = this.#options;
    this.#wake = clock.after(atMs - clock.now(), () => {
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.#in(life, () => life.engine.tick(clock.now()));
    });
  }

  /** A process that may exit when idle must not while somebody waits. */
  #hold(): void {
    if (this.#waiters > 0) this.#keepAlive.ref();
    else this.#keepAlive.unref();
  }

  #run(life: Life, effect: Effect): void {
    switch (effect.type) {
      case "granted":
        (effect.ticket.handle as Handle | undefined)?.granted(effect.resource);
        return;
      case "closed":
        (effect.ticket.handle as Handle | undefined)?.closed();
        return;
      case "overdue":
        (effect.ticket.handle as Handle | undefined)?.overdue();
        return;
      case "call":
        return life.caller.start(effect.call);
      case "abort":
        return life.caller.abort(effect.call);
      case "event":
        return this.#options.emit(effect.event);
    }
  }

  #alive(call: string): Life {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#life === undefined) throw this.isClosed ? poolClosed(this.#options.namespace) : notReady(call);
    return this.#life;
  }

  #problem(order: RequestOrder): WarmpoolError | undefined {
    if (this.#failure !== undefined) return this.#failure;
    return this.isClosed ? poolClosed(order.item.pool ?? this.#options.namespace) : undefined;
  }

  #overloaded({ committer }: Life): WarmpoolError | undefined {
    const { backlog } = this.#options;
    return committer.waiting < backlog ? undefined : storeBusy(committer.waiting, backlog);
  }
}

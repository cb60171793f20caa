import type { ConfigureResult, PoolOrder } from "../engine/configuring.js";
import type { Effect } from "../engine/effect.js";
import type { Engine } from "../engine/engine.js";
import type { Ledger } from "../engine/ledger.js";
import type { Resource } from "../engine/resource.js";
import type { WarmpoolError } from "../model/error.js";
import type { AnyEvent } from "../model/event.js";
import { parseKey } from "../model/key.js";
import type { Logger } from "../model/logger.js";
import type { Store } from "../store/store.js";
import type { Clock, Timer } from "./clock.js";
import { Desk } from "./desk.js";
import { noSuchResource, notReady, poolClosed, storeFailed } from "./errors.js";
import type { Handle } from "./handle.js";
import type { Ids } from "./ids.js";
import { beginLife, type Life } from "./life.js";
import type { Records } from "./records.js";

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

/**
 * The one shell around the engine: it reads the clock, keeps the store, calls providers, wakes the engine up, and tells
 * holders. Everything it does, it does because of an effect.
 */
export class Runtime {
  readonly opened: Promise<void>;
  readonly options: RuntimeOptions;
  readonly desk: Desk;
  /** Secret id of this process: its `acquire` tickets die with it. */
  readonly session: string;
  readonly #opening = new AbortController();
  #life: Life | undefined;
  #failure: WarmpoolError | undefined;
  #closing: Promise<void> | undefined;
  #wake: Timer | undefined;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  /** Called at each change, while somebody waits for one (`drain`). */
  readonly #watchers = new Set<() => void>();
  readonly #keepAlive = setInterval(() => {}, 2 ** 30);

  constructor(options: RuntimeOptions) {
    this.options = options;
    this.desk = new Desk(this);
    this.session = options.ids.draw(16);
    if (options.allowExitOnIdle) this.#keepAlive.unref();
    this.opened = this.#open().catch((error: unknown) => {
      this.#fail(this.isClosed ? poolClosed(options.namespace) : storeFailed(error, options.store.name));
      throw this.#failure;
    });
    // Every call awaits it and reports its error: nobody has to listen here.
    this.opened.catch(() => {});
  }

  get nowMs(): number {
    return this.options.clock.now();
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  get life(): Life | undefined {
    return this.#life;
  }

  /** Why it can do nothing any more. */
  get failure(): WarmpoolError | undefined {
    return this.#failure;
  }

  /** The ledger, once open. */
  get ledger(): Ledger {
    return this.alive("read").engine.ledger;
  }

  get records(): Records {
    return this.alive("read").records;
  }

  // ── Steering ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async configure(): Promise<ConfigureResult> {
    await this.opened;
    const life = this.alive("configure");
    const result = life.engine.configure(this.options.pools(), this.nowMs);
    this.after(life);
    await life.committer.committed();
    return result;
  }

  /** Applies a command to the engine, and resolves when it is committed. */
  async command(name: string, apply: (engine: Engine, nowMs: number) => void): Promise<void> {
    await this.opened;
    const life = this.alive(name);
    apply(life.engine, this.nowMs);
    this.after(life);
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
    while (!condition(this.alive("drain").engine.ledger)) {
      await new Promise<void>((resolve) => {
        const watch = () => {
          this.#watchers.delete(watch);
          resolve();
        };
        this.#watchers.add(watch);
      });
    }
    await this.alive("drain").committer.committed();
  }

  watch(): void {
    if (this.#life !== undefined) this.#life.engine.ledger.watched = this.options.watched();
  }

  // ── Life and death ─────────────────────────────────────────────────────────────────────────────────────────────────

  async #open(): Promise<void> {
    const { store, namespace, ids } = this.options;
    const session = await store.open(namespace, { signal: this.#opening.signal, drawId: (length) => ids.draw(length) });
    try {
      const life = await beginLife(this, session);
      this.#opening.signal.throwIfAborted();
      this.#life = life;
      this.after(life);
      await life.committer.committed();
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** The store is somebody else's now, or refused for good: what this engine thinks counts no more. */
  async reload(life: Life, cause: unknown): Promise<void> {
    if (this.#life !== life || this.isClosed) return;
    const { logger, store } = this.options;
    logger.error({ err: cause }, "the store refused a commit: loading anew");
    this.#life = undefined;
    this.#wake?.cancel();
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    life.caller.abortAll("the manager lost its store");
    await life.session.close().catch(() => {});
    try {
      await this.#open();
    } catch (error) {
      return this.#fail(storeFailed(error, store.name));
    }
    this.desk.reloaded(this.alive("reload"));
    this.after(this.alive("reload"));
  }

  #fail(error: WarmpoolError): void {
    this.#failure = error;
    clearInterval(this.#keepAlive);
    this.desk.failed(error);
    for (const watch of [...this.#watchers]) watch();
  }

  /**
   * Ends it all: new calls are refused, waiting ones rejected, running provider calls given `closeTimeout`, and the last
   * batch committed.
   */
  close(timeoutMs: number | undefined, resources: "keep" | "delete"): Promise<void> {
    this.#closing ??= this.#close(timeoutMs ?? this.options.closeTimeoutMs, resources);
    return this.#closing;
  }

  async #close(timeoutMs: number, resources: "keep" | "delete"): Promise<void> {
    // After the first await `isClosed` holds: whoever is refused from here on is told so.
    await undefined;
    this.#opening.abort(new Error("the pool was closed"));
    await this.opened.catch(() => {});
    const life = this.#life;
    if (life !== undefined && this.#failure === undefined) {
      const deadline = new Promise<void>((resolve) => this.options.clock.after(timeoutMs, resolve));
      const { engine } = life;
      for (const ticket of [...engine.ledger.tickets.values()]) {
        if (ticket.session === this.session) engine.giveUp(ticket, "cancelled", this.nowMs);
      }
      engine.retire(resources, this.nowMs);
      this.desk.closed(poolClosed(this.options.namespace));
      this.after(life);
      if (resources === "delete") await Promise.race([this.until(({ resources: left }) => left.size === 0), deadline]);
      await life.caller.finish("the pool is being closed", deadline);
      this.after(life);
      await Promise.race([life.committer.committed(), deadline]);
      life.committer.stop();
      await life.session.close();
    }
    this.#wake?.cancel();
    this.#life = undefined;
    clearInterval(this.#keepAlive);
  }

  // ── The cycle: an input, its effects, the next waking ──────────────────────────────────────────────────────────────

  input(apply: (engine: Engine) => void): void {
    const life = this.#life;
    if (life === undefined || this.#failure !== undefined) return;
    apply(life.engine);
    this.after(life);
  }

  /** An answer to something that this life asked for: a later life has forgotten the question. */
  inputOf(life: Life, apply: () => void): void {
    if (this.#life !== life) return;
    apply();
    this.after(life);
  }

  /** After each input: its effects leave, and the next waking is set. */
  after(life: Life): void {
    life.committer.gather();
    const { wakeAtMs } = life.engine;
    if (wakeAtMs < this.#wakeAtMs) this.#wakeUpAt(life, wakeAtMs);
    if (this.#watchers.size > 0) for (const watch of [...this.#watchers]) watch();
    if (this.options.allowExitOnIdle) this.#hold();
  }

  /** The store failed a commit; the same batch is repeated. */
  commitRepeated(error: unknown, attempt: number): void {
    this.options.logger.warn({ err: error, attempt }, "a commit failed and is repeated");
  }

  #wakeUpAt(life: Life, atMs: number): void {
    this.#wake?.cancel();
    this.#wakeAtMs = atMs;
    const { clock } = this.options;
    this.#wake = clock.after(atMs - clock.now(), () => {
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.inputOf(life, () => life.engine.tick(clock.now()));
    });
  }

  /** A process that may exit when idle must not while somebody waits. */
  #hold(): void {
    if (this.desk.waiters > 0) this.#keepAlive.ref();
    else this.#keepAlive.unref();
  }

  run(life: Life, effect: Effect): void {
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
        return this.options.emit(effect.event);
    }
  }

  alive(call: string): Life {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#life === undefined) throw this.isClosed ? poolClosed(this.options.namespace) : notReady(call);
    return this.#life;
  }
}

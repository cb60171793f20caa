import type { Engine } from "../engine/engine.js";
import type { Ledger } from "../engine/ledger.js";
import { isWarmpoolError, type WarmpoolError } from "../model/error.js";
import type { AnyEvent } from "../model/event.js";
import type { PoolMode } from "../model/pool-mode.js";
import { Alarm } from "./alarm.js";
import { Changes } from "./changes.js";
import { Desk } from "./desk.js";
import { notReady, poolClosed, storeFailed } from "./errors.js";
import { KeepAlive } from "./keep-alive.js";
import { beginLife, type Life, leads } from "./life.js";
import { type LocalListener, type LocalPost, listensAlready, openLocalPost } from "./local-listener.js";
import type { Records } from "./records.js";
import type { RemoteDesk } from "./remote/remote-desk.js";
import type { RuntimeOptions } from "./runtime-options.js";
import type { SharingParts } from "./sharing.js";

/** How long whoever leads may take to hear that a process closes, before it goes all the same. Milliseconds. */
const GOODBYE_MS = 1_000;

/** A store that is lost again and again is opened anew after ever longer pauses. Milliseconds. */
const REOPEN = { firstMs: 20, maxMs: 5_000, calmMs: 60_000 };

/**
 * The one shell around the engine: it reads the clock, keeps the store, calls providers, wakes the engine up, and tells
 * holders. Everything it does, it does because of an effect.
 */
export class Runtime {
  /** Resolves when the store is open and everyone who waited for it was told. Another promise while it is opened anew. */
  opened: Promise<void>;
  /** The engine's life; `undefined` before the store is open, while it is opened anew, and at the end. */
  life: Life | undefined;
  readonly options: RuntimeOptions;
  /** Where holders of this process ask: the engine here, or whoever leads. */
  readonly desk: Desk | RemoteDesk;
  /** The same, where several processes share the store. */
  readonly remote: RemoteDesk | undefined;
  readonly process: KeepAlive;
  /** Secret id of this process: its `acquire` tickets die with it. */
  readonly session: string;
  readonly #opening = new AbortController();
  /** As `life`, but from its first decision: its answers count before those who waited for it are told. */
  #current: Life | undefined;
  /** The newest that was told of: what it committed can be read while there is no other. */
  #last: Life | undefined;
  #isOver = false;
  /** Lives in a row that were short. */
  #shortLives = 0;
  #failure: WarmpoolError | undefined;
  #local: LocalPost | undefined;
  #closing: Promise<void> | undefined;
  #stopOpening!: (error: WarmpoolError) => void;
  readonly #stopped = new Promise<never>((_, reject) => {
    this.#stopOpening = reject;
  });
  readonly #alarm: Alarm;
  readonly #changes = new Changes();

  constructor(options: RuntimeOptions) {
    this.options = options;
    this.#alarm = new Alarm(options.clock);
    this.process = new KeepAlive(options.allowExitOnIdle, options.clock);
    this.session = options.ids.draw(16);
    this.remote = (options.store.sharing as SharingParts | undefined)?.desk(this);
    this.desk = this.remote ?? new Desk(this);
    this.#stopped.catch(() => {});
    this.remote?.begin();
    // Who never leads opens nothing.
    this.opened = this.#orStopped(options.leads ? this.#begin(new Map()) : never(this.#opening.signal));
  }

  get nowMs(): number {
    return this.options.clock.now();
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** Why it can do nothing any more. */
  get problem(): WarmpoolError | undefined {
    return this.isClosed ? poolClosed(this.options.namespace) : this.#failure;
  }

  /** For reading: while the store is opened anew, what was there and committed before. */
  readable(call: string): Life {
    const life = this.life ?? (this.problem === undefined ? this.#last : undefined);
    return life ?? this.alive(call);
  }

  /** What was committed last, in whatever state the manager is. */
  get lastRecords(): Records | undefined {
    return this.#last?.records;
  }

  /** The store was open, once; or another process leads, and tells what happens. */
  get hasOpened(): boolean {
    return this.#last !== undefined || this.options.log.hasBegun;
  }

  /** There will be no other life. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The number of the newest event; `undefined` before the store is open. */
  get lastSeq(): number | undefined {
    const life = this.#current ?? this.#last;
    return life === undefined ? undefined : life.engine.ledger.counters.event - 1;
  }

  /** The present life. */
  alive(call: string): Life {
    if (this.life === undefined) throw this.problem ?? notReady(call);
    return this.life;
  }

  /** The present life, or the next one when the store is being opened. */
  async living(call: string): Promise<Life> {
    while (this.life === undefined && this.problem === undefined) await this.opened;
    return this.alive(call);
  }

  // ── Waiting ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Resolves when `condition` holds: it is looked at after each change. */
  async until(condition: (ledger: Ledger) => boolean): Promise<void> {
    for (;;) {
      const life = await this.living("drain");
      const holds = condition(life.engine.ledger);
      if (holds && (await life.committer.committed())) return;
      if (!holds) await this.#changes.next();
    }
  }

  /** Somebody began or ceased to listen to events. */
  watch(): void {
    const watched = this.options.watched();
    this.remote?.listen(watched);
    if (this.#current === undefined) return;
    this.#current.engine.ledger.watched = watched || this.#current.counter?.isWatched === true;
  }

  /** Resolves when calls can be answered. */
  async ready(): Promise<void> {
    if (this.remote === undefined) await this.living("ready");
    else await Promise.race([this.remote.ready, this.#failing(), this.remote.candidacy.hopeless]);
  }

  /** Rejects if the store cannot be opened. */
  async #failing(): Promise<never> {
    await this.opened;
    return await this.#stopped;
  }

  /** Resolves with `committed`, or after `releaseTimeout`: what it waits for goes on behind it. */
  soon(committed: Promise<void>): Promise<void> {
    return this.process.until(
      new Promise((resolve, reject) => {
        const timer = this.options.clock.after(this.options.releaseTimeoutMs, resolve);
        committed.then(resolve, reject).finally(() => timer.cancel());
      }),
    );
  }

  /**
   * Lets other processes of this machine use the pools, through a path.
   *
   * @throws {WarmpoolError} `INVALID_OPTIONS`, `LISTEN_FAILED`, `POOL_CLOSED`.
   */
  async listen(path: string): Promise<LocalListener> {
    const post = await openLocalPost(path, this.remote !== undefined);
    if (this.isClosed || this.#local !== undefined) {
      await post.close();
      throw this.isClosed ? poolClosed(this.options.namespace) : listensAlready(path);
    }
    this.#local = post;
    if (this.life !== undefined) {
      this.#serve(this.life);
      this.life.counter?.begin();
    }
    const close = async () => {
      if (this.#local === post) this.#local = undefined;
      await post.close();
    };
    return { path, close };
  }

  /** Whoever comes by the path that is listened at is served by this life. */
  #serve(life: Life): void {
    if (this.#local !== undefined) life.counter = this.#local.counter(this, life);
  }

  /** Letters to this process's session, from the leader in it. */
  receive(texts: readonly string[]): void {
    this.remote?.receive(texts);
  }

  /** It can be of no use any more. */
  failed(error: unknown): void {
    this.#fail(storeFailed(error, this.options.store.name));
  }

  // ── Life and death ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Opens the store, and tells everyone; or everyone why not. */
  async #begin(modes: ReadonlyMap<string, PoolMode>): Promise<void> {
    try {
      const life = await this.#open(modes);
      if (this.#current === life) {
        this.life = life;
        this.#last = life;
        this.options.log.wake();
        this.desk.reloaded(life);
        this.#serve(life);
        life.counter?.begin();
        this.after(life);
        return;
      }
    } catch (error) {
      // Who closes tells waiters himself; what holders have is theirs all the same.
      if (this.isClosed) throw poolClosed(this.options.namespace);
      if (this.remote !== undefined && isWarmpoolError(error, "CONFIG_DIFFERS")) {
        // Whoever may lead does, and this process follows.
        await this.remote.candidacy.keepOut(error);
        return await this.#begin(modes);
      }
      this.#fail(storeFailed(error, this.options.store.name));
      throw this.#failure;
    }
    if (this.isClosed) throw poolClosed(this.options.namespace);
    // It was lost before anyone was told: the next one tells them.
    await this.opened;
  }

  async #open(modes: ReadonlyMap<string, PoolMode>): Promise<Life> {
    const { store, namespace, ids } = this.options;
    const session = await store.open(namespace, { signal: this.#opening.signal, drawId: (length) => ids.draw(length) });
    try {
      const life = await beginLife(this, session, modes);
      this.#opening.signal.throwIfAborted();
      this.#current = life;
      this.after(life);
      await life.committer.committed();
      void session.leadership?.ended.then(() => this.reload(life, new Error("the leadership has ended"), 1));
      return life;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** The store is somebody else's now, or refused for good: what this engine thinks counts no more. */
  reload(life: Life, cause: unknown, attempt: number): void {
    if (this.#current !== life || this.isClosed) return;
    this.#storeFailed(life, cause, attempt);
    // What it has not sent yet is discarded with it.
    life.committer.stop();
    this.#current = undefined;
    this.life = undefined;
    this.#alarm.cancel();
    life.counter?.end();
    this.desk.suspended(life.session.leadership?.leftMs);
    this.opened = this.#orStopped(this.#reopen(life));
  }

  async #reopen(before: Life): Promise<void> {
    const { closeTimeoutMs } = this.options;
    const lastedMs = this.nowMs - before.engine.ledger.startedAtMs;
    this.#shortLives = lastedMs < REOPEN.calmMs ? this.#shortLives + 1 : 0;
    before.caller.stop("the manager lost its store");
    // One call at a time for a key: the next life may call for the same ones at once.
    await Promise.race([before.caller.allEnded(), this.#pause(closeTimeoutMs)]);
    await Promise.race([before.session.close().catch(() => {}), this.#pause(closeTimeoutMs)]);
    if (this.#shortLives > 1) {
      await this.#pause(Math.min(REOPEN.maxMs, REOPEN.firstMs * 2 ** Math.min(this.#shortLives - 2, 20)));
    }
    const modes = [...before.engine.ledger.pools.values()].map(({ name, mode }) => [name, mode] as const);
    await this.#begin(new Map(modes));
  }

  /** What is being opened, unless `close` gives it up. Every call awaits it and reports its error: nobody has to listen here. */
  #orStopped(opened: Promise<void>): Promise<void> {
    const first = Promise.race([opened, this.#stopped]);
    first.catch(() => {});
    return first;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.options.clock.after(ms, resolve));
  }

  #fail(error: WarmpoolError): void {
    this.#failure ??= error;
    this.#over();
    this.desk.failed(this.#failure);
    this.#changes.tell();
  }

  /** There will be no other life. */
  #over(): void {
    this.#isOver = true;
    this.options.log.wake();
    this.#current = undefined;
    this.life = undefined;
    this.process.end();
  }

  /** Whether another process may lead by now, of which this one has not heard: then its records are loaded anew. */
  hasLapsed(): boolean {
    const { life } = this;
    if (life === undefined || leads(life)) return false;
    this.reload(life, new Error("the leadership has lapsed"), 1);
    return true;
  }

  /** The store failed to commit. */
  #storeFailed({ engine: { ledger }, committer }: Life, error: unknown, attempt: number): void {
    if (!ledger.watched) return;
    const message = error instanceof Error ? error.message : String(error);
    const seq = ledger.counters.event++;
    const event = { v: 1, seq, atMs: this.nowMs, actor: "engine", cause: "commit", ids: {} } as const;
    const failed: AnyEvent = { ...event, type: "store.failed", data: { message, attempt } };
    this.options.emit(failed);
    // Whoever listens is told at once; in the log it has its place behind what is being committed.
    committer.log(failed);
  }

  /** The store failed a commit; the same batch is repeated. */
  commitRepeated(life: Life, error: unknown, attempt: number): void {
    this.#storeFailed(life, error, attempt);
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
    const deadline = this.#pause(timeoutMs);
    const closed = poolClosed(this.options.namespace);
    if (this.remote !== undefined) {
      this.desk.closed(closed);
      await this.remote.leave(closed, Promise.race([deadline, this.#pause(GOODBYE_MS)]));
    }
    // To delete what a store knows, it has to be opened first.
    const opens = resources === "delete" && this.options.store.durable && this.remote === undefined;
    if (!opens) this.#opening.abort(closed);
    this.remote?.candidacy.configured();
    await Promise.race([this.opened.catch(() => {}), deadline]);
    this.#opening.abort(closed);
    const { life } = this;
    if (life !== undefined) await this.#end(life, resources, deadline);
    this.#alarm.cancel();
    this.#over();
    this.desk.closed(closed);
    // What lives on in the store is renewed by nobody any more: who has it is told when its time is over.
    if (this.remote === undefined) this.desk.suspended(0);
    this.#changes.tell();
    this.#stopOpening(closed);
  }

  async #end(life: Life, resources: "keep" | "delete", deadline: Promise<void>): Promise<void> {
    const { engine, caller, committer, session } = life;
    for (const ticket of [...engine.ledger.allTickets()]) {
      if (ticket.order.session === this.session) engine.giveUp(ticket, "cancelled", this.nowMs);
    }
    engine.retire(resources, this.nowMs);
    this.after(life);
    this.desk.closed(poolClosed(this.options.namespace));
    if (resources === "delete") await Promise.race([this.until(({ resources: left }) => left.size === 0), deadline]);
    await caller.finish("the pool is being closed", deadline);
    await Promise.race([committer.committed(), deadline]);
    committer.stop();
    // At once: who waited for a commit finds no life to ask again.
    this.#over();
    await this.#local?.close();
    await Promise.race([session.close(), deadline]);
  }

  // ── The cycle: an input, its effects, the next waking ──────────────────────────────────────────────────────────────

  /** Hands an input to the engine, if there is one. */
  input(apply: (engine: Engine) => void): boolean {
    const { life } = this;
    if (life === undefined) return false;
    apply(life.engine);
    this.after(life);
    return true;
  }

  /** An answer to something that this life asked for: a later life has forgotten the question. */
  inputOf(life: Life, apply: () => void): void {
    if (this.#current !== life) return;
    apply();
    this.after(life);
  }

  /** After each input: its effects leave, and the next waking is set. */
  after(life: Life): void {
    life.committer.gather();
    const { wakeAtMs } = life.engine;
    if (wakeAtMs < this.#alarm.atMs) this.#alarm.set(wakeAtMs, () => this.#tick(life));
    if (this.#changes.areAwaited) this.#changes.tell();
  }

  #tick(life: Life): void {
    this.inputOf(life, () => life.engine.tick(this.nowMs));
  }
}

/** Rejects when it is given up. */
function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

import type { ConfigureResult } from "../engine/configuring.js";
import type { Engine } from "../engine/engine.js";
import { durationMs } from "../model/duration.js";
import type { AnyEvent, EventType } from "../model/event.js";
import { silentLogger } from "../model/logger.js";
import type { Store } from "../store/store.js";
import type {
  AcquireAllOptions,
  AcquireOptions,
  ItemOptions,
  RequestAllOptions,
  RequestOptions,
  Selection,
} from "./acquire-options.js";
import { type CloseOptions, parseClose } from "./close-options.js";
import { Configuration } from "./configuration.js";
import type { LeaseOf, LeasesOf, PoolDefinitions, PoolName, StorablePools } from "./define-pool.js";
import { EventLog } from "./event-log.js";
import type { Lease } from "./lease.js";
import type { LeaseGroup, Lent } from "./lease-group.js";
import { type Listener, Listeners } from "./listeners.js";
import type { LocalListener } from "./local-listener.js";
import { logEvent } from "./log-event.js";
import {
  type ClientOptions,
  type ManagerOptions,
  type ParsedManager,
  parseChange,
  parseManager,
} from "./manager-options.js";
import { Operated, operate } from "./operated.js";
import { type OrderDefaults, Orders } from "./orders.js";
import { defaultOwner } from "./owner.js";
import { OwnerView } from "./owner-view.js";
import { problem } from "./parse.js";
import { Runtime } from "./runtime.js";
import { Steering } from "./steering.js";
import type { Ticket } from "./ticket-handle.js";
import { useLease } from "./use-lease.js";

/**
 * Makes a manager that never leads: it acquires, asks and steers as any other, from pools that other processes have. Its type
 * parameter tells their types: `createManager<typeof pools>({ role: "client", store })`.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function createManager<Pools extends PoolDefinitions>(options: ClientOptions): PoolManager<Pools>;
/**
 * Makes a manager of several pools.
 *
 * It returns at once and opens the store behind: each call waits for that, and `ready()` shows its error.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function createManager<const Pools extends PoolDefinitions, S extends Store = Store<false>>(
  options: ManagerOptions<S> & { readonly pools: Pools & StorablePools<Pools, S> },
): PoolManager<Pools>;
export function createManager(options: ManagerOptions & { readonly pools?: PoolDefinitions }): PoolManager {
  return new PoolManager(options);
}

/** How a manager's only pool acquires, without being looked up by its name each time. */
export let acquirerOf: (
  manager: PoolManager,
  pool: string | undefined,
) => (options: AcquireOptions | undefined) => Promise<Lease>;

/** Owns the pools of one namespace: matches tickets to resources, and keeps the pools filled. */
export class PoolManager<Pools extends PoolDefinitions = PoolDefinitions>
  extends Operated<PoolName<Pools>>
  implements AsyncDisposable
{
  static {
    acquirerOf = (manager, pool) => {
      const orders = manager.#ordersFor(pool);
      return (options) => manager.#acquire(orders, options);
    };
  }

  readonly #options: ParsedManager;
  readonly #configuration: Configuration;
  readonly #runtime: Runtime;
  readonly #listeners: Listeners;
  readonly #defaults: OrderDefaults;
  readonly #ordersOf = new Map<string | undefined, Orders>();
  readonly #logs: boolean;

  /** @param pathOf Where a pool's options stand, for messages. */
  constructor(
    options: ManagerOptions & { readonly pools?: Pools },
    pathOf: (pool: string) => string = (pool) => `pools.${pool}`,
  ) {
    super();
    const { pools: _pools, ...rest } = options;
    this.#options = parseManager(rest);
    this.#configuration = new Configuration(this.#options, options, pathOf);
    this.#logs = this.#options.logger !== silentLogger;
    this.#listeners = new Listeners(this.#options.logger);
    const { events } = this.#options;
    const log = new EventLog(events);
    this.#runtime = new Runtime({
      ...this.#options,
      pools: () => this.#configuration.orders(),
      paramsOf: (name) => this.#configuration.paramsOf(name),
      mark: () => this.#configuration.mark,
      emit: (event) => this.#emit(event),
      log,
      keepEvents: events?.durable === true ? events : undefined,
      watched: () => this.#logs || this.#listeners.any || log.isActive,
      leads: this.#options.role === "auto",
      answer: (question, about) => answer(question, about),
    });
    const answer = operate(this, this.#runtime);
    this.#defaults = {
      owner: this.#options.owner ?? defaultOwner(),
      session: this.#runtime.session,
      acquireTimeoutMs: (pool) => this.#configuration.acquireTimeoutMs(pool),
      confirmMs: this.#options.releaseTimeoutMs,
      nowMs: () => this.#runtime.nowMs,
    };
  }

  /** Resolves when the store is open and its records are loaded; rejects with the reason when that failed. */
  async ready(): Promise<void> {
    await this.#runtime.process.until(this.#runtime.ready().then(() => this.heardStats()));
  }

  /**
   * Leases a warm resource, or waits in line for one.
   *
   * @param options.pool The pool, by name; or
   * @param options.tags any pool that has all of these; or with `alias` any pool behind that.
   * @throws {WarmpoolError} `ACQUIRE_TIMEOUT` (its message says what kept it waiting, its cause is the last provider error),
   * `ABORTED`, `REFUSED`, `NO_SUCH_POOL`, `NO_MATCHING_POOL`, `POOL_DRAINING`, `POOL_CLOSED`, `STORE_BUSY`, `INVALID_OPTIONS`.
   */
  acquire<Name extends PoolName<Pools>>(
    options: AcquireOptions & { readonly pool: Name; readonly tags?: readonly string[] },
  ): Promise<LeaseOf<Pools, Name>>;
  acquire(
    options?: AcquireOptions & {
      readonly tags?: readonly string[];
      readonly alias?: string;
      readonly pool?: never;
    },
  ): Promise<LeaseOf<Pools>>;
  acquire(options?: AcquireOptions & Selection): Promise<never> {
    // The overloads tell its type.
    return this.#acquire(this.#ordersFor(options?.pool), options) as Promise<never>;
  }

  #acquire(orders: Orders, options: (AcquireOptions & Selection) | undefined): Promise<Lease> {
    try {
      return this.#runtime.desk.acquire(orders.toAcquire(options), options?.signal) as Promise<Lease>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Leases several resources together: all of them, or none. Nobody who comes later takes what it still needs.
   *
   * @param items What to lease, in the order of the leases: `[{ pool: "web", count: 2 }, { tags: ["x86_64"] }]`.
   * @throws {WarmpoolError} As `acquire`; `REFUSED` at once when that is more than there may ever be.
   */
  async acquireAll<const Items extends readonly ItemOptions<PoolName<Pools>>[]>(
    items: Items,
    options: AcquireAllOptions = {},
  ): Promise<LeaseGroup<LeasesOf<Pools, Items>>> {
    const order = this.#ordersFor(undefined).toAcquireAll(items, options);
    return (await this.#runtime.desk.acquire(order, options.signal)) as never;
  }

  /**
   * Leases a resource for the time of a function: released when it ends, as failed when it throws.
   *
   * @throws What `acquire` and `fn` throw.
   */
  async use<Result, Name extends PoolName<Pools>>(
    options: AcquireOptions & { readonly pool: Name },
    fn: (lease: LeaseOf<Pools, Name>) => Result | Promise<Result>,
  ): Promise<Result> {
    const lease = await this.acquire(options);
    return await useLease(lease, fn);
  }

  /**
   * Asks for a resource by a durable ticket, which outlives this process on a durable store. Resolves when it is committed.
   *
   * @throws {WarmpoolError} `REQUEST_CONFLICT`, and as `acquire` but for those about waiting.
   */
  request<Name extends PoolName<Pools>>(
    options: RequestOptions & { readonly pool: Name },
  ): Promise<Ticket<LeaseOf<Pools, Name>>>;
  request(options: RequestOptions & { readonly tags: readonly string[] }): Promise<Ticket<LeaseOf<Pools>>>;
  request(
    options: RequestOptions & { readonly alias: string; readonly tags?: readonly string[] },
  ): Promise<Ticket<LeaseOf<Pools>>>;
  request<const Items extends readonly ItemOptions<PoolName<Pools>>[]>(
    options: RequestAllOptions & { readonly items: Items },
  ): Promise<Ticket<LeaseGroup<LeaseOf<Pools>[]>>>;
  async request(options: RequestOptions & Selection & { readonly items?: readonly ItemOptions[] }): Promise<never> {
    const order = this.#ordersFor(options?.pool).toRequest(options);
    return (await this.#runtime.process.until(this.#runtime.desk.request(order))) as never;
  }

  /**
   * The ticket of that number, or `undefined` if there is none, or if it was closed too long ago. One that was asked for by
   * `items` gives all their leases: `manager.ticket<LeaseGroup>(id)`.
   *
   * @throws {WarmpoolError} `NOT_READY` before the store is open.
   */
  ticket<Given extends Lent = LeaseOf<Pools>>(id: number): Ticket<Given> | undefined {
    return this.#runtime.desk.ticket(id) as never;
  }

  /**
   * The manager as somebody may use it: what he asks for is his, and he sees what is his, or what `access` lets him see.
   *
   * @throws {WarmpoolError} `INVALID_OPTIONS`.
   */
  as(owner: string): OwnerView<Pools> {
    if (typeof owner !== "string" || owner === "")
      throw problem([{ path: "owner", problem: "must be a text, and not empty" }]);
    return new OwnerView<Pools>(this as unknown as PoolManager, owner, this.#options.access);
  }

  /**
   * Makes these the pools: adds new ones, changes those that differ (their warm resources are replaced if what they are made
   * from changed), and drains those that are missing. Leases go on.
   *
   * On a store that several processes share it holds from now on if this process leads, else once it does.
   *
   * @param options.revision On such a store: higher than the leader's, unless nothing differs. Default: as before.
   * @throws {WarmpoolError} `INVALID_OPTIONS`, `CONFIG_DIFFERS`; then nothing has changed.
   */
  async configure(options: { readonly pools: PoolDefinitions; readonly revision?: number }): Promise<ConfigureResult> {
    const { revision } = parseChange(options);
    const pools = this.#configuration.parse(options.pools);
    const mark = this.#configuration.markOf(options.pools, revision);
    let result: ConfigureResult | undefined;
    const apply = (engine: Engine | undefined, nowMs: number) => {
      const difference = this.#configuration.difference(pools);
      this.#configuration.replace(pools, mark);
      for (const orders of this.#ordersOf.values()) orders.forget();
      const changes = engine?.configure(this.#configuration.orders(), nowMs) ?? difference;
      // Loaded anew before that was committed: it was loaded with these pools.
      result ??= changes;
    };
    const { remote } = this.#runtime;
    if (mark === undefined || remote === undefined) await new Steering(this.#runtime).command("configure", apply);
    else await remote.candidacy.reconfigure(mark, (engine) => apply(engine, this.#runtime.nowMs));
    return result as unknown as ConfigureResult;
  }

  /**
   * Lets other processes of this machine use the pools: they call `connectPool(path)`. Nobody but this user can connect. A
   * process that dies gives back at once what it had.
   *
   * @param path Of a socket; on Windows a pipe is named after it. A file `PATH.token` beside it lets clients in.
   * @throws {WarmpoolError} `LISTEN_FAILED` when another process listens there, or nobody can; `INVALID_OPTIONS` on a store
   * that processes share.
   */
  listen(path: string): Promise<LocalListener> {
    return this.#runtime.listen(path);
  }

  /**
   * Ends it: new calls are refused with `POOL_CLOSED`, waiting ones rejected with it, running provider calls get `timeout`.
   * Idempotent.
   */
  close(options: CloseOptions = {}): Promise<void> {
    try {
      const { timeout, resources } = parseClose(options);
      const kept = this.#options.store.durable ? "keep" : "delete";
      return this.#runtime.close(timeout === undefined ? undefined : durationMs(timeout, "timeout"), resources ?? kept);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Calls `listener` for each event of a type, or of any (`"event"`), after it was committed; at least once. */
  on<Type extends EventType | "event">(type: Type, listener: Listener<Type>): this {
    this.#listeners.on(type, listener);
    this.#runtime.watch();
    return this;
  }

  /** As `on`, for the next one only. */
  once<Type extends EventType | "event">(type: Type, listener: Listener<Type>): this {
    this.#listeners.once(type, listener);
    this.#runtime.watch();
    return this;
  }

  /** Takes a listener off again, one of `once` too. */
  off<Type extends EventType | "event">(type: Type, listener: Listener<Type>): this {
    this.#listeners.off(type, listener);
    this.#runtime.watch();
    return this;
  }

  #emit(event: AnyEvent): void {
    if (this.#logs) this.#listeners.tell(event, () => logEvent(this.#options.logger, event));
    this.#listeners.emit(event);
  }

  /** How callers ask a pool, or any. */
  #ordersFor(pool: string | undefined): Orders {
    let orders = this.#ordersOf.get(pool);
    if (orders === undefined) {
      orders = new Orders(this.#defaults, pool);
      // Names that nobody configured are not worth remembering.
      if (pool === undefined || this.#configuration.has(pool)) this.#ordersOf.set(pool, orders);
    }
    return orders;
  }
}

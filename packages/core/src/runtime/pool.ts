import type { ConfigureResult } from "../engine/configuring.js";
import type { Explanation } from "../engine/explaining.js";
import type { GroupEnd } from "../engine/groups.js";
import type { AnyEvent, EventType } from "../model/event.js";
import type { ResourceRecord } from "../model/resource.js";
import type { TicketRecord } from "../model/ticket.js";
import type { Store } from "../store/store.js";
import type { AcquireOptions, RequestOptions } from "./acquire-options.js";
import type { CloseOptions } from "./close-options.js";
import type { ParamsOption, PoolDefinition, StorableData } from "./define-pool.js";
import type { EventsOptions } from "./event-stream.js";
import type { Lease } from "./lease.js";
import type { Listener } from "./listeners.js";
import type { GroupListing, LeaseFilter, ResourceFilter, TicketFilter } from "./listing.js";
import type { LocalListener } from "./local-listener.js";
import { acquirerOf, PoolManager } from "./manager.js";
import { type ClientOptions, MANAGER_OPTIONS, type ManagerOptions } from "./manager-options.js";
import { problem, unknownOption } from "./parse.js";
import { POOL_OPTIONS, type PoolOptions } from "./pool-options.js";
import type { ResourceControl } from "./resource-control.js";
import type { Reset, SilentReset } from "./silent-reset.js";
import type { PoolStats } from "./stats.js";
import type { Ticket } from "./ticket-handle.js";
import { useLease } from "./use-lease.js";

/** Options of `createPool`: the pool's own, and those of the manager behind it. */
export type CreatePoolOptions<Data, Params, S extends Store> = Omit<PoolOptions<Data, Params>, "params"> &
  ParamsOption<Params> &
  Omit<ManagerOptions<S>, "namespace"> & {
    /** Name of the pool, and of its namespace in the store. Default: `"pool"`. */
    readonly name?: string;
  };

/**
 * Makes a pool of one kind of resource.
 *
 * ```ts
 * await using pool = createPool({ provider, warm: 3, max: 8 });
 * await using lease = await pool.acquire();
 * ```
 *
 * It returns at once and opens the store behind: each call waits for that, and `ready()` shows its error.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function createPool<Data, Params = void, S extends Store = Store<false>>(
  options: CreatePoolOptions<Data, Params, S> & StorableData<Data, S>,
): Pool<Data>;
/**
 * Makes a pool of one kind of resource that other processes manage: this one never leads, and needs no provider.
 *
 * ```ts
 * const pool = createPool<Server>({ name: "web", role: "client", store });
 * ```
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function createPool<Data>(
  options: Omit<ClientOptions, "namespace"> & {
    /** Name of the pool, and of its namespace in the store. Default: `"pool"`. */
    readonly name?: string;
  },
): Pool<Data>;
export function createPool(options: object): Pool<never> {
  const { name = "pool", ...rest } = options as CreatePoolOptions<unknown, void, Store>;
  const own: Record<string, unknown> = {};
  const managers: Record<string, unknown> = { namespace: name };
  for (const [key, value] of Object.entries(rest)) {
    if (POOL_OPTIONS.includes(key)) own[key] = value;
    else if (key !== "namespace" && MANAGER_OPTIONS.includes(key)) managers[key] = value;
    else {
      const known = [...POOL_OPTIONS, ...MANAGER_OPTIONS, "name"].filter((option) => option !== "namespace");
      const text = key === "namespace" ? "is the pool's name: set name" : unknownOption(key, known);
      throw problem([{ path: key, problem: text }]);
    }
  }
  if (typeof name !== "string" || name === "")
    throw problem([{ path: "name", problem: "must be a text, and not empty" }]);
  // Options of the pool are for those who may lead: `Configuration` says so.
  const isClient = rest.role === "client" && Object.values(own).every((value) => value === undefined);
  const pools = isClient ? {} : { pools: { [name]: own as unknown as PoolDefinition } };
  return new Pool<never>(name, new PoolManager({ ...managers, ...pools }, () => ""));
}

/** A pool of one kind of resource: a manager that has just one. */
export class Pool<Data = unknown> implements AsyncDisposable {
  /** As in its options. */
  readonly name: string;
  readonly #manager: PoolManager;
  readonly #acquire: (options: AcquireOptions | undefined) => Promise<Lease>;
  /** Which pool of the manager it is; `undefined`: the only one, whatever its name. */
  readonly #which: string | undefined;

  /** @param which Absent: of that name. */
  constructor(name: string, manager: PoolManager, which: { readonly pool: string | undefined } = { pool: name }) {
    this.name = name;
    this.#manager = manager;
    this.#which = which.pool;
    this.#acquire = acquirerOf(manager, which.pool);
  }

  /** Resolves when the store is open and its records are loaded; rejects with the reason when that failed. */
  ready(): Promise<void> {
    return this.#manager.ready();
  }

  /**
   * Leases a warm resource, or waits in line for one.
   *
   * @param options.timeout Longest wait. Milliseconds or `"30s"`; `0` fails at once. Default: the pool's `acquireTimeout`.
   * @throws {WarmpoolError} `ACQUIRE_TIMEOUT` (its message says what kept it waiting, its cause is the last provider error),
   * `ABORTED`, `REFUSED`, `POOL_DRAINING`, `POOL_CLOSED`, `STORE_BUSY`, `INVALID_OPTIONS`.
   */
  acquire(options?: AcquireOptions): Promise<Lease<Data>> {
    return this.#acquire(options) as Promise<Lease<Data>>;
  }

  /**
   * Leases a resource for the time of a function: released when it ends, as failed when it throws.
   *
   * @throws What `acquire` and `fn` throw.
   */
  use<Result>(fn: (lease: Lease<Data>) => Result | Promise<Result>): Promise<Result>;
  use<Result>(options: AcquireOptions, fn: (lease: Lease<Data>) => Result | Promise<Result>): Promise<Result>;
  async use<Result>(
    first: AcquireOptions | ((lease: Lease<Data>) => Result | Promise<Result>),
    second?: (lease: Lease<Data>) => Result | Promise<Result>,
  ): Promise<Result> {
    const [options, fn] = typeof first === "function" ? [{}, first] : [first, second];
    if (fn === undefined) throw problem([{ path: "fn", problem: "is required" }]);
    return await useLease(await this.acquire(options), fn);
  }

  /**
   * Asks for a resource by a durable ticket, which outlives this process on a durable store. Resolves when it is committed.
   *
   * @throws {WarmpoolError} `REQUEST_CONFLICT`, and as `acquire` but for those about waiting.
   */
  request(options: RequestOptions = {}): Promise<Ticket<Lease<Data>>> {
    const pool = this.#which;
    return this.#manager.request({ ...options, ...(pool !== undefined && { pool }) } as never) as Promise<
      Ticket<Lease<Data>>
    >;
  }

  /**
   * The ticket of that number, or `undefined` if there is none, or if it was closed too long ago.
   *
   * @throws {WarmpoolError} `NOT_READY` before the store is open.
   */
  ticket(id: number): Ticket<Lease<Data>> | undefined {
    return this.#manager.ticket(id) as Ticket<Lease<Data>> | undefined;
  }

  /** A ticket's place in line, and what keeps the pool from serving it. */
  explain(ticket: number): Promise<Explanation> {
    return this.#manager.explain(ticket);
  }

  /**
   * What the pool has and does, from committed records.
   *
   * @throws {WarmpoolError} `NOT_READY` before the store is open.
   */
  stats(): PoolStats {
    const { pools } = this.#manager.stats();
    return (this.#which === undefined ? Object.values(pools)[0] : pools[this.#which]) as PoolStats;
  }

  /** Committed tickets, closed ones too as long as they are kept. Throws `INVALID_OPTIONS`. */
  tickets(filter: TicketFilter = {}): Promise<TicketRecord[]> {
    return this.#manager.tickets(filter);
  }

  /** Committed resources, whatever their state. Throws `INVALID_OPTIONS`. */
  resources(filter: ResourceFilter = {}): Promise<ResourceRecord[]> {
    return this.#manager.resources(filter);
  }

  /** Committed tickets that hold a lease. Throws `INVALID_OPTIONS`. */
  leases(filter: LeaseFilter = {}): Promise<TicketRecord[]> {
    return this.#manager.leases(filter);
  }

  /** Groups that have open tickets. */
  groups(): Promise<GroupListing[]> {
    return this.#manager.groups();
  }

  /**
   * Ends all leases and waiting tickets that name this group, at once and without grace: their holders' signals abort, their
   * waits reject with `TICKET_CANCELLED`. A group that has nothing is no error. Resolves when it is committed.
   *
   * @returns How many it ended.
   */
  endGroup(group: string): Promise<GroupEnd> {
    return this.#manager.endGroup(group);
  }

  /**
   * What happens, as an async iterable: first what is kept of the past, from any point, then what comes, without a gap and none
   * twice. It ends with the pool, by `break`, or by its signal.
   *
   * @param options.after The `seq` of the last event that is known already; 0: from the very first. Default: from now.
   * @throws {WarmpoolError} `EVENTS_GONE` from reading, when what comes next is not kept any more; `ABORTED` from reading;
   * `INVALID_OPTIONS`.
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<AnyEvent> {
    return this.#manager.events(options);
  }

  /**
   * Takes what is lent in a condition away from holders that were not heard of for so long, and puts it into another
   * condition. (`conditions.silent` does it by itself.)
   *
   * @returns What it was, and who had it, once it is committed.
   * @throws {WarmpoolError} `INVALID_OPTIONS` for a condition that the pool does not have.
   */
  resetSilent(options: SilentReset): Promise<readonly Reset[]> {
    return this.#manager.resetSilent({ ...options, pool: this.#which ?? this.name });
  }

  /** A resource, to be steered. Each command rejects with `NO_SUCH_RESOURCE` if there is none of that number. */
  resource(id: number): ResourceControl {
    return this.#manager.resource(id);
  }

  /**
   * Changes the pool's policy: all of it, what is left out gets its default. Warm resources are replaced if what they are made
   * from changed; leases go on.
   *
   * @throws {WarmpoolError} `INVALID_OPTIONS`; then nothing has changed.
   */
  configure<Params = void>(
    options: Omit<PoolOptions<Data, Params>, "params"> & ParamsOption<Params>,
  ): Promise<ConfigureResult> {
    return this.#manager.configure({ pools: { [this.name]: options as unknown as PoolDefinition } });
  }

  /** Stops lending and making. Leases go on, tickets wait. Not remembered over a restart. */
  pause(): Promise<void> {
    return this.#manager.pause(this.#which);
  }

  /** Undoes `pause` and `drain`. */
  resume(): Promise<void> {
    return this.#manager.resume(this.#which);
  }

  /** Refuses new tickets, serves those that wait, deletes what comes back. Resolves when nothing is left. */
  drain(): Promise<void> {
    return this.#manager.drain(this.#which);
  }

  /** Accepts that the store was restored from an older copy (`STORE_ROLLED_BACK`). */
  acceptRollback(): Promise<void> {
    return this.#manager.acceptRollback();
  }

  /**
   * Lets other processes of this machine use the pool: they call `connectPool(path)`. Nobody but this user can connect. A
   * process that dies gives back at once what it had.
   *
   * @param path Of a socket; on Windows a pipe is named after it. A file `PATH.token` beside it lets clients in.
   * @throws {WarmpoolError} `LISTEN_FAILED` when another process listens there, or nobody can; `INVALID_OPTIONS` on a store
   * that processes share.
   */
  listen(path: string): Promise<LocalListener> {
    return this.#manager.listen(path);
  }

  /**
   * Ends it: new calls are refused with `POOL_CLOSED`, waiting ones rejected with it, running provider calls get `timeout`.
   * Idempotent.
   */
  close(options: CloseOptions = {}): Promise<void> {
    return this.#manager.close(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Calls `listener` for each event of a type, or of any (`"event"`), after it was committed; at least once. */
  on<Type extends EventType | "event">(type: Type, listener: Listener<Type>): this {
    this.#manager.on(type, listener);
    return this;
  }

  /** As `on`, for the next one only. */
  once<Type extends EventType | "event">(type: Type, listener: Listener<Type>): this {
    this.#manager.once(type, listener);
    return this;
  }

  /** Takes a listener off again, one of `once` too. */
  off<Type extends EventType | "event">(type: Type, listener: Listener<Type>): this {
    this.#manager.off(type, listener);
    return this;
  }
}

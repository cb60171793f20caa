import type { Explanation } from "../engine/explaining.js";
import type { Duration } from "../model/duration.js";
import type { TicketRecord } from "../model/ticket.js";
import type {
  AcquireAllOptions,
  AcquireOptions,
  ItemOptions,
  RequestAllOptions,
  RequestOptions,
  Selection,
} from "./acquire-options.js";
import type { LeaseOf, LeasesOf, PoolDefinitions, PoolName } from "./define-pool.js";
import { forbidden, noSuchTicket } from "./errors.js";
import type { LeaseGroup, Lent } from "./lease-group.js";
import type { LeaseFilter, TicketFilter } from "./listing.js";
import type { PoolManager } from "./manager.js";
import { type Access, may, type TicketAction } from "./may.js";
import type { Ticket, TicketStatus } from "./ticket-handle.js";

/**
 * A manager as one owner may use it: whatever he asks for is his, and of tickets he sees those that are his, or that the
 * manager's `access` lets him see. `manager.as(owner)` makes one.
 */
export class OwnerView<Pools extends PoolDefinitions = PoolDefinitions> {
  /** Whose. */
  readonly owner: string;
  /** Of any pools: what it is of, the overloads tell. */
  readonly #manager: PoolManager;
  readonly #access: Access | undefined;

  constructor(manager: PoolManager, owner: string, access: Access | undefined) {
    this.owner = owner;
    this.#manager = manager;
    this.#access = access;
  }

  /**
   * As the manager's: its owner is this one.
   *
   * @throws {WarmpoolError} As the manager's.
   */
  acquire<Name extends PoolName<Pools>>(
    options: Omit<AcquireOptions, "owner"> & { readonly pool: Name; readonly tags?: readonly string[] },
  ): Promise<LeaseOf<Pools, Name>>;
  acquire(
    options?: Omit<AcquireOptions, "owner"> & Omit<Selection, "pool"> & { readonly pool?: never },
  ): Promise<LeaseOf<Pools>>;
  acquire(options: Omit<AcquireOptions, "owner"> & Selection = {}): Promise<never> {
    return this.#manager.acquire({ ...options, owner: this.owner } as never) as Promise<never>;
  }

  /**
   * As the manager's: its owner is this one.
   *
   * @throws {WarmpoolError} As the manager's.
   */
  acquireAll<const Items extends readonly ItemOptions<PoolName<Pools>>[]>(
    items: Items,
    options: Omit<AcquireAllOptions, "owner"> = {},
  ): Promise<LeaseGroup<LeasesOf<Pools, Items>>> {
    return this.#manager.acquireAll(items, { ...options, owner: this.owner }) as never;
  }

  /**
   * As the manager's: its owner is this one.
   *
   * @throws {WarmpoolError} As the manager's.
   */
  request<Name extends PoolName<Pools>>(
    options: Omit<RequestOptions, "owner"> & { readonly pool: Name },
  ): Promise<Ticket<LeaseOf<Pools, Name>>>;
  request(
    options: Omit<RequestOptions, "owner"> & { readonly tags: readonly string[] },
  ): Promise<Ticket<LeaseOf<Pools>>>;
  request(
    options: Omit<RequestOptions, "owner"> & { readonly alias: string; readonly tags?: readonly string[] },
  ): Promise<Ticket<LeaseOf<Pools>>>;
  request(
    options: Omit<RequestAllOptions, "owner"> & { readonly items: readonly ItemOptions<PoolName<Pools>>[] },
  ): Promise<Ticket<LeaseGroup<LeaseOf<Pools>[]>>>;
  request(options: Omit<RequestOptions, "owner"> & Selection): Promise<never> {
    return this.#manager.request({ ...options, owner: this.owner } as never) as Promise<never>;
  }

  /**
   * The ticket of that number. What he may not do with it is `FORBIDDEN`.
   *
   * @returns `undefined` if there is none that he may see.
   * @throws {WarmpoolError} `NOT_READY` before the store is open.
   */
  ticket<Given extends Lent = LeaseOf<Pools>>(id: number): Ticket<Given> | undefined {
    const ticket: Ticket<Given> | undefined = this.#manager.ticket<Given>(id);
    if (ticket === undefined || !this.#may("see", ticket)) return undefined;
    return new GuardedTicket(ticket, (action) => {
      if (!this.#may(action, ticket)) throw forbidden(this.owner, action, id);
    });
  }

  /**
   * Committed tickets that he may see, closed ones too as long as they are kept.
   *
   * @throws {WarmpoolError} `INVALID_OPTIONS`.
   */
  async tickets(filter: TicketFilter = {}): Promise<TicketRecord[]> {
    return (await this.#manager.tickets(filter)).filter((ticket) => this.#may("see", ticket));
  }

  /**
   * Committed tickets that hold a lease and that he may see.
   *
   * @throws {WarmpoolError} `INVALID_OPTIONS`.
   */
  async leases(filter: LeaseFilter = {}): Promise<TicketRecord[]> {
    return (await this.#manager.leases(filter)).filter((ticket) => this.#may("see", ticket));
  }

  /**
   * A ticket's place in line, the pools that could serve it, and what keeps each.
   *
   * @throws {WarmpoolError} `NO_SUCH_TICKET`, also for one that he may not see.
   */
  async explain(ticket: number): Promise<Explanation> {
    const explanation = await this.#manager.explain(ticket);
    if (!this.#may("see", explanation)) throw noSuchTicket(ticket);
    return explanation;
  }

  #may(action: TicketAction, ticket: { readonly owner: string }): boolean {
    return may(this.owner, action, ticket, this.#access);
  }
}

/** A ticket, as far as somebody may use it. */
class GuardedTicket<Given extends Lent> implements Ticket<Given> {
  readonly #ticket: Ticket<Given>;
  readonly #check: (action: TicketAction) => void;

  constructor(ticket: Ticket<Given>, check: (action: TicketAction) => void) {
    this.#ticket = ticket;
    this.#check = check;
  }

  get id(): number {
    return this.#ticket.id;
  }

  get owner(): string {
    return this.#ticket.owner;
  }

  get requestId(): string | undefined {
    return this.#ticket.requestId;
  }

  status(): TicketStatus {
    return this.#ticket.status();
  }

  async wait(options?: { signal?: AbortSignal; timeout?: Duration }): Promise<Given> {
    this.#check("take");
    return await this.#ticket.wait(options);
  }

  async close(): Promise<void> {
    this.#check("end");
    await this.#ticket.close();
  }
}

import type { WarmpoolError } from "../model/error.js";
import type { Verdict } from "../model/ticket.js";
import type { Handle } from "./handle.js";
import type { HeldTicket, HolderDesk, LentResource } from "./holder-desk.js";
import type { Lease } from "./lease.js";
import { LiveLease } from "./live-lease.js";

/**
 * The leases of a ticket for several things, in the order of its items. Each is released, renewed and lost by itself; the
 * ticket is closed with the last of them.
 *
 * `await using leases = await manager.acquireAll(items)` releases all of them at the end of the block.
 */
export type LeaseGroup<Leases extends readonly Lease[] = readonly Lease[]> = Leases &
  AsyncDisposable & {
    /** The ticket that was granted. */
    readonly ticket: number;
    /**
     * Gives back what was not given back before.
     *
     * @throws {WarmpoolError} `LEASE_LOST` when one of them had been taken away; the others are given back all the same.
     */
    release(verdict?: Verdict): Promise<void>;
  };

/** What a granted ticket gives: a lease, or of a list of things all of theirs. */
export type Lent = Lease | LeaseGroup;

/** Tells the leases of one ticket what concerns them all; what becomes of each, it is told itself. */
export class LiveGroup implements Handle {
  readonly leases: LeaseGroup;
  readonly #desk: HolderDesk;
  readonly #all: readonly LiveLease[];
  #live: HeldTicket;

  constructor(desk: HolderDesk, ticket: HeldTicket) {
    this.#desk = desk;
    this.#live = ticket;
    this.#all = (ticket.shares ?? [])
      .filter(({ state }) => state === "granted")
      .map((share) => {
        const lease = new LiveLease(desk, share, share.resource as LentResource);
        share.handle = lease;
        return lease;
      });
    const hidden = { enumerable: false };
    this.leases = Object.defineProperties([...this.#all] as unknown as LeaseGroup, {
      ticket: { value: ticket.id, ...hidden },
      release: { value: (verdict?: Verdict) => this.release(verdict), ...hidden },
      [Symbol.asyncDispose]: { value: () => this.#dispose(), ...hidden },
    });
  }

  get active(): boolean {
    return this.#all.some(({ active }) => active);
  }

  async release(verdict?: Verdict): Promise<void> {
    const releases = this.#all.filter((lease) => !lease.isReleased).map((lease) => lease.release(verdict));
    const failed = (await Promise.allSettled(releases)).find(({ status }) => status === "rejected");
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  }

  async #dispose(): Promise<void> {
    await Promise.all(this.#all.map((lease) => lease[Symbol.asyncDispose]()));
  }

  granted(): void {}

  overdue(): void {}

  /** The last of them has ended, and was told so. */
  closed(): void {
    this.#desk.ended(this);
  }

  suspended(leadsForMs?: number): void {
    for (const lease of this.#all) lease.suspended(leadsForMs);
  }

  reloaded(find: (before: HeldTicket) => HeldTicket | undefined): void {
    const ticket = find(this.#live);
    if (ticket?.state === "granted") {
      ticket.handle = this;
      this.#live = ticket;
    } else {
      this.#desk.ended(this);
    }
    for (const lease of this.#all) lease.reloaded(find);
  }

  stopWaiting(): void {}

  failed(error: WarmpoolError): void {
    for (const lease of this.#all) lease.failed(error);
  }
}

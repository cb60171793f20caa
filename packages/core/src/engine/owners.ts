import type { Queue } from "./owner-turns.js";
import type { Pool } from "./pool.js";

/** What one who asks may have, and how much of what is short is his. */
export interface OwnerPolicy {
  /** His share beside the others': with 2 he gets twice as much as with 1. */
  readonly weight: number;
  /** The most resources he may have at a time. `Infinity`: no limit. */
  readonly maxLeases: number;
  /** The most tickets of his that may wait. `Infinity`: no limit. */
  readonly maxWaiting: number;
}

/** How those who ask are told apart. */
export interface OwnerTerms {
  /** Those of one priority are served in turn, by their weights; otherwise whoever came first. */
  readonly fair: boolean;
  policyOf(owner: string): OwnerPolicy;
}

/** Somebody who holds something or waits. */
export class Owner {
  readonly name: string;
  readonly policy: OwnerPolicy;
  /** Resources that he has. */
  leases = 0;
  /** Tickets of his that wait. */
  waiting = 0;
  /** Where they stand. */
  readonly queues = new Set<Queue>();

  constructor(name: string, policy: OwnerPolicy) {
    this.name = name;
    this.policy = policy;
  }

  /** How many more he may have. */
  get room(): number {
    return Math.max(0, this.policy.maxLeases - this.leases);
  }
}

/** Everyone who holds something or waits, where that makes a difference. Whoever does neither is forgotten. */
export class Owners {
  readonly terms: OwnerTerms;
  readonly #byName = new Map<string, Owner>();

  constructor(terms: OwnerTerms) {
    this.terms = terms;
  }

  of(name: string): Owner {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const owner = new Owner(name, this.terms.policyOf(name));
    this.#byName.set(name, owner);
    return owner;
  }

  get known(): Iterable<string> {
    return this.#byName.keys();
  }

  policyOf(name: string): OwnerPolicy {
    return this.#byName.get(name)?.policy ?? this.terms.policyOf(name);
  }

  /** How many tickets of somebody's wait. */
  waiting(name: string): number {
    return this.#byName.get(name)?.waiting ?? 0;
  }

  /** How many more resources somebody may have. */
  room(name: string): number {
    return this.#byName.get(name)?.room ?? this.terms.policyOf(name).maxLeases;
  }

  /** He has one more resource, or one less; returns the pools where one more of his may be served. */
  lent(name: string, by: 1 | -1): Iterable<Pool> {
    const owner = this.of(name);
    owner.leases += by;
    if (owner.policy.maxLeases !== Number.POSITIVE_INFINITY) for (const queue of owner.queues) queue.refresh();
    this.#forget(owner);
    if (by === 1 || owner.policy.maxLeases === Number.POSITIVE_INFINITY || owner.queues.size === 0) return [];
    return new Set([...owner.queues].flatMap(({ pools }) => pools));
  }

  /** One more ticket of his waits, or one less. */
  waits(name: string, by: 1 | -1): void {
    const owner = this.of(name);
    owner.waiting += by;
    this.#forget(owner);
  }

  #forget(owner: Owner): void {
    if (owner.leases === 0 && owner.waiting === 0 && owner.queues.size === 0) this.#byName.delete(owner.name);
  }
}

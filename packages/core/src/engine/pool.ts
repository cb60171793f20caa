import type { Failure } from "../model/failure.js";
import type { PoolMode } from "../model/pool-mode.js";
import type { ResourceState } from "../model/resource.js";
import { bindingOf, isolates } from "./binding.js";
import type { Due } from "./deadlines.js";
import { Line } from "./line.js";
import { Mates } from "./mates.js";
import type { PoolPolicy } from "./policy.js";
import type { Provider } from "./provider.js";
import type { Resource } from "./resource.js";
import { Shelves } from "./shelves.js";
import { Slots } from "./slots.js";
import type { Ticket } from "./ticket.js";
import { WarmList } from "./warm-list.js";

/** A pool as the engine holds it. */
export class Pool implements Due {
  readonly kind = "pool";
  readonly name: string;
  policy!: PoolPolicy;
  provider: Provider;
  mode: PoolMode = "open";
  /** What is free for everybody. */
  readonly warm = new WarmList();
  /** What is free for those only who used it before. */
  readonly bound = new Shelves();
  /** Who waits for what may be bound to him. */
  readonly mates = new Mates();
  /** Not every resource is for every ticket, or not the next one: each ticket's is looked for. */
  chooses = false;
  readonly slots = new Slots();
  /** The line of tickets that ask for this pool by name. */
  readonly line: Line;
  /** All lines that this pool can serve. */
  readonly lines: Line[] = [];
  /** Tickets in these lines, and things that tickets for several could have from it. */
  waiting = 0;
  readonly counts: Record<ResourceState, number> = {
    allocating: 0,
    unknown: 0,
    ready: 0,
    leased: 0,
    resetting: 0,
    held: 0,
    deleting: 0,
  };
  /** All records, whatever their state. */
  total = 0;
  /** Resources that are reset for those only who used them before. */
  resettingBound = 0;
  /** Of those that wait, the things of tickets for several. */
  wanted = 0;
  /** Resources taken off the warm list for a check before they are lent. */
  vetting = 0;
  /** Resources whose delete has failed or cannot be believed yet: their places are not about to be free. */
  slowDeletes = 0;
  /** Allocations in a row that failed. */
  failures = 0;
  /** No allocation starts before. */
  nextAllocateAtMs = 0;
  lastFailure: { readonly failure: Failure; readonly atMs: number } | undefined;
  /** It failed in a way that only a change can mend. */
  failedForGood = false;
  /** Some of its free resources may be of an older spec. */
  drifted = false;
  /** Running mean of the time an allocation takes; 0: none yet. */
  allocateMs = 0;
  readonly totals: PoolTotals = { made: 0, failed: 0, granted: 0, released: 0, lost: 0, deleted: 0, timedOut: 0 };
  /** Waits to be matched and sized at the end of the input. */
  touched = false;
  nextTouched: Pool | undefined;
  heapIndex = -1;

  constructor(policy: PoolPolicy, provider: Provider) {
    this.name = policy.name;
    this.adopt(policy);
    this.provider = provider;
    this.line = new Line([this]);
    this.lines.push(this.line);
  }

  /** Goes by another policy from now on. What lies on its shelves must be put there anew. */
  adopt(policy: PoolPolicy): void {
    this.policy = policy;
    this.chooses = isolates(policy.reuse) || policy.lend === "oldest" || countsFirstUse(policy);
  }

  /** Somebody waits in one of its lines: perhaps for what may be bound to him. */
  expect(ticket: Ticket): void {
    this.waiting += 1;
    if (!this.chooses) return;
    const binding = bindingOf(this.policy.reuse, ticket.order);
    if (binding === undefined) return;
    this.mates.add(binding, ticket);
    if (this.bound.of(binding) !== undefined) this.mates.met.add(binding);
  }

  /** Puts what is free where those look who may have it. */
  shelve(resource: Resource, where: "front" | "back"): void {
    const end = this.policy.lend === "least-recently-used" ? "back" : where;
    const { boundTo } = resource;
    if (boundTo !== undefined) {
      this.bound.put(boundTo, resource, end);
      if (this.mates.first(boundTo) !== undefined) this.mates.met.add(boundTo);
    } else if (end === "front") this.warm.unshift(resource);
    else this.warm.push(resource);
  }

  unshelve(resource: Resource): void {
    const { shelf } = resource;
    if (shelf === undefined) return;
    if (shelf.home === undefined) shelf.remove(resource);
    else shelf.home.take(shelf, resource);
  }

  /** All that may be lent to somebody. */
  *free(): Iterable<Resource> {
    yield* this.warm;
    yield* this.bound;
  }

  /** It accepts tickets. */
  get accepts(): boolean {
    return this.mode === "open" || this.mode === "paused";
  }

  /** It keeps nothing that is free: nobody is left to serve. */
  get endsWhatIsFree(): boolean {
    return this.mode === "leaving" || (this.mode === "draining" && this.waiting === 0);
  }

  /** Resources on their way to be lendable to anybody. */
  get coming(): number {
    return this.counts.allocating + this.counts.resetting - this.resettingBound + this.vetting;
  }
}

/** `reuse.maxAge` counts from the first lease. */
export function countsFirstUse({ reuse }: PoolPolicy): boolean {
  return reuse !== undefined && reuse.maxAgeMs !== Number.POSITIVE_INFINITY;
}

/** Counts since the engine began. */
export interface PoolTotals {
  /** Resources made. */
  made: number;
  /** Allocations that failed. */
  failed: number;
  /** Leases granted. */
  granted: number;
  /** Leases that their holders gave back. */
  released: number;
  /** Leases whose resource died. */
  lost: number;
  /** Resources that are gone for certain, after a delete. */
  deleted: number;
  /** Tickets whose wait was too long. */
  timedOut: number;
}

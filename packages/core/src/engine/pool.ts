import type { Failure } from "../model/failure.js";
import type { PoolMode } from "../model/pool-mode.js";
import type { ResourceState } from "../model/resource.js";
import { bindingOf, isolates } from "./binding.js";
import { setsAside } from "./conditions.js";
import type { Due } from "./deadlines.js";
import { Line, PLAIN_TERMS } from "./line.js";
import { Mates } from "./mates.js";
import type { PoolPolicy } from "./policy.js";
import type { Provider } from "./provider.js";
import type { Resource } from "./resource.js";
import { Shelves } from "./shelves.js";
import { Slots } from "./slots.js";
import type { Ticket } from "./ticket.js";
import { WarmList } from "./warm-list.js";

const NEVER = Number.POSITIVE_INFINITY;

/** A pool as the engine holds it. */
export class Pool implements Due {
  readonly kind = "pool";
  readonly name: string;
  policy!: PoolPolicy;
  // What its policy comes to for most leases: one field to be looked at, and for a thousand pools no other object.

  checksOnAcquire = false;
  /** Its leases have no end of their own. */
  lendsForGood = false;
  /** What was used may be too old for the next, or have been used too often. */
  wears = false;
  provider: Provider;
  mode: PoolMode = "open";
  /** What is free for everybody. */
  readonly warm = new WarmList();
  /** What is free in another condition than the usual. */
  readonly conditioned = new Shelves();
  /** The condition that is wanted unless another is asked for. */
  usual: string | undefined;
  /** Resources by what `nameOf` says of them. */
  readonly names = new Map<string, Resource>();
  /** Lines of those who want a resource by its name, by that. */
  readonly calls = new Map<string, Line[]>();
  /** In which slot the thing of a name is made, where that is known. */
  #slots: ReadonlyMap<string, number> | undefined;
  /** Names that somebody waits for and that may be free: to be matched. */
  readonly called = new Set<string>();
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
  /** Tickets in these lines that nothing of their owners' keeps waiting, and things that tickets for several could have from it. */
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

  constructor(policy: PoolPolicy, provider: Provider, terms = PLAIN_TERMS) {
    this.name = policy.name;
    this.adopt(policy);
    this.provider = provider;
    this.line = new Line([this], terms);
    this.lines.push(this.line);
  }

  /** Goes by another policy from now on. What lies on its shelves must be put there anew. */
  adopt(policy: PoolPolicy): void {
    this.policy = policy;
    this.checksOnAcquire = policy.check.onAcquire;
    this.lendsForGood = policy.lease.lifespan === undefined && policy.lease.ttlMs === undefined;
    this.wears = policy.maxUses !== NEVER || policy.maxAgeMs !== NEVER || countsFirstUse(policy);
    this.usual = policy.conditions?.names[0];
    this.#slots = undefined;
    this.chooses =
      isolates(policy.reuse) ||
      policy.lend === "oldest" ||
      countsFirstUse(policy) ||
      this.usual !== undefined ||
      this.lines.some(({ needs }) => needs !== undefined) ||
      this.calls.size > 0;
  }

  /** The free slot in which the thing of a name would be made. */
  slotFor(name: string): number | undefined {
    this.#slots ??= new Map((this.policy.names ?? []).map((each, slot) => [each, slot]));
    const slot = this.#slots.get(name);
    return slot === undefined || this.slots.isTaken(slot) ? undefined : slot;
  }

  /** The thing of a name is one that anybody may have, or is being made. */
  countsAsFree(name: string): boolean {
    const named = this.names.get(name);
    if (named !== undefined) return named.shelf === this.warm;
    return this.policy.names?.includes(name) === true && this.slotFor(name) === undefined;
  }

  /** Somebody needs what not every resource has. */
  addLine(line: Line): void {
    const name = line.needs?.name;
    if (line.needs !== undefined) this.chooses = true;
    if (name === undefined) this.lines.push(line);
    else this.calls.set(name, [...(this.calls.get(name) ?? []), line]);
  }

  dropLine(line: Line): void {
    const name = line.needs?.name;
    if (name === undefined) this.lines.splice(this.lines.indexOf(line), 1);
    else {
      const left = (this.calls.get(name) ?? []).filter((other) => other !== line);
      if (left.length === 0) this.calls.delete(name);
      else this.calls.set(name, left);
    }
  }

  /** Pools or their policies changed: everybody is put into line anew. */
  forgetLines(): void {
    this.lines.splice(0, this.lines.length, this.line);
    this.calls.clear();
    this.called.clear();
    this.mates.clear();
    this.adopt(this.policy);
  }

  /** Those of who wants a resource by its name too. */
  *allLines(): Iterable<Line> {
    yield* this.lines;
    for (const called of this.calls.values()) yield* called;
  }

  /** It is called what its data say. Returns whether that is another name than before. */
  rename(resource: Resource): boolean {
    const name = this.policy.nameOf?.(resource.data);
    const before = resource.marks.name;
    if (name === before && (name === undefined || this.names.get(name) === resource)) return false;
    this.unname(resource);
    resource.mark({ name });
    if (name !== undefined) this.names.set(name, resource);
    return name !== before;
  }

  unname(resource: Resource): void {
    const { name } = resource.marks;
    if (name !== undefined && this.names.get(name) === resource) this.names.delete(name);
  }

  /** One that nobody asks for by its name comes first, if there is one nearby. */
  notCalled(first: Resource | undefined): Resource | undefined {
    if (this.called.size === 0) return first;
    for (let one = first; one !== undefined; one = one.next) {
      if (one.marks.name === undefined || !this.called.has(one.marks.name)) return one;
    }
    return first;
  }

  /** Somebody waits in one of its lines: perhaps for what may be bound to him. */
  expect(ticket: Ticket): void {
    this.waiting += 1;
    if (this.chooses) this.#expectApart(ticket);
  }

  #expectApart(ticket: Ticket): void {
    const name = ticket.order.item.selector?.name;
    if (name !== undefined) return void this.called.add(name);
    const binding = bindingOf(this.policy.reuse, ticket.order);
    if (binding === undefined) return;
    this.mates.add(binding, ticket);
    if (this.bound.of(binding) !== undefined) this.mates.met.add(binding);
  }

  /** Puts what is free where those look who may have it. */
  shelve(resource: Resource, where: "front" | "back"): void {
    const end = this.policy.lend === "least-recently-used" ? "back" : where;
    if (this.chooses || resource.boundTo !== undefined) return this.#shelveApart(resource, end);
    if (end === "front") this.warm.unshift(resource);
    else this.warm.push(resource);
  }

  /** Where not everything is for everybody. */
  #shelveApart(resource: Resource, end: "front" | "back"): void {
    const { boundTo, condition } = resource;
    const { name } = resource.marks;
    if (name !== undefined && this.calls.has(name)) this.called.add(name);
    if (this.usual !== undefined && condition !== undefined && condition !== this.usual) {
      this.conditioned.put(condition, resource, end);
    } else if (boundTo !== undefined) {
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
    yield* this.conditioned;
    yield* this.bound;
  }

  /** What is put aside is as good as reset: nobody gets it as it is by chance. */
  get makesClean(): boolean {
    const { conditions } = this.policy;
    return conditions === undefined ? this.provider.policy.can.reset : setsAside(conditions);
  }

  /** It accepts tickets. */
  get accepts(): boolean {
    return this.mode === "open" || this.mode === "paused";
  }

  /** It keeps nothing that is free: nobody is left to serve. */
  get endsWhatIsFree(): boolean {
    return this.mode !== "open" && (this.mode === "leaving" || (this.mode === "draining" && this.#hasServedAll));
  }

  /** Those whom a quota keeps waiting are served later. */
  get #hasServedAll(): boolean {
    return this.wanted === 0 && [...this.allLines()].every(({ size }) => size === 0);
  }

  /** Where what was made is not what is usually wanted, somebody will make it so. */
  get #toBeCleaned(): number {
    const initial = this.usual === undefined ? undefined : this.policy.conditions?.initial;
    return initial === undefined || initial === this.usual ? 0 : (this.conditioned.of(initial)?.size ?? 0);
  }

  /** Resources on their way to be lendable to anybody. */
  get coming(): number {
    return this.counts.allocating + this.counts.resetting - this.resettingBound + this.vetting + this.#toBeCleaned;
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

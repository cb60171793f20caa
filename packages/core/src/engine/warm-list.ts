import { AgeHeap } from "./age-heap.js";
import type { Resource } from "./resource.js";
import type { Shelves } from "./shelves.js";

/**
 * The resources of a pool that may be lent now, in the order of lending: a linked list through the resources themselves,
 * so that each step takes the same time however many there are.
 */
export class WarmList {
  first: Resource | undefined;
  last: Resource | undefined;
  size = 0;
  /** What it is a shelf of, and under which key; `undefined`: what everybody may have. */
  readonly home: Shelves | undefined;
  readonly key: string;
  /** By age, once somebody asked for it. */
  #oldest: AgeHeap | undefined;
  #youngest: AgeHeap | undefined;

  constructor(home?: Shelves, key = "") {
    this.home = home;
    this.key = key;
  }

  /** At the front: lent next. One that was just used is likelier to be at hand, and lets the surplus grow idle. */
  unshift(resource: Resource): void {
    resource.shelf = this;
    resource.prev = undefined;
    resource.next = this.first;
    if (this.first === undefined) this.last = resource;
    else this.first.prev = resource;
    this.first = resource;
    this.#added(resource);
  }

  /** At the back: of those never used, the oldest is lent first. */
  push(resource: Resource): void {
    resource.shelf = this;
    resource.next = undefined;
    resource.prev = this.last;
    if (this.last === undefined) this.first = resource;
    else this.last.next = resource;
    this.last = resource;
    this.#added(resource);
  }

  #added(resource: Resource): void {
    this.size += 1;
    this.#oldest?.push(resource);
    this.#youngest?.push(resource);
  }

  remove(resource: Resource): void {
    if (resource.shelf !== this) return;
    const { prev, next } = resource;
    if (prev === undefined) this.first = next;
    else prev.next = next;
    if (next === undefined) this.last = prev;
    else next.prev = prev;
    resource.shelf = undefined;
    resource.prev = undefined;
    resource.next = undefined;
    this.size -= 1;
  }

  /** The one that was ready first. */
  get oldest(): Resource | undefined {
    this.#oldest = this.#fresh(this.#oldest) ?? new AgeHeap("oldest", this);
    return this.#oldest.first((resource) => resource.shelf === this);
  }

  /** The one that was ready last: it has the longest to live. */
  get youngest(): Resource | undefined {
    this.#youngest = this.#fresh(this.#youngest) ?? new AgeHeap("youngest", this);
    return this.#youngest.first((resource) => resource.shelf === this);
  }

  /** One that is full of those that left long ago is made anew. */
  #fresh(heap: AgeHeap | undefined): AgeHeap | undefined {
    return heap !== undefined && heap.size <= 2 * this.size + 100 ? heap : undefined;
  }

  *[Symbol.iterator](): Iterator<Resource> {
    for (let resource = this.first; resource !== undefined; ) {
      // Read first: the resource may leave the list while the caller has it.
      const following: Resource | undefined = resource.next;
      yield resource;
      resource = following;
    }
  }
}

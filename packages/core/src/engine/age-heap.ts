import type { Resource } from "./resource.js";

/**
 * Resources by age: the oldest first, or the youngest. Those that have left their shelf since are passed over when they
 * come first, so that nobody has to look for them here.
 */
export class AgeHeap {
  readonly #sign: 1 | -1;
  #items: Resource[] = [];

  constructor(first: "oldest" | "youngest", items: Iterable<Resource>) {
    this.#sign = first === "oldest" ? 1 : -1;
    for (const resource of items) this.push(resource);
  }

  get size(): number {
    return this.#items.length;
  }

  /** The first that still lies where it should. */
  first(isThere: (resource: Resource) => boolean): Resource | undefined {
    for (;;) {
      const first = this.#items[0];
      if (first === undefined || isThere(first)) return first;
      this.#pop();
    }
  }

  push(resource: Resource): void {
    const items = this.#items;
    let index = items.push(resource) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!this.#before(resource, items[above] as Resource)) break;
      items[index] = items[above] as Resource;
      index = above;
    }
    items[index] = resource;
  }

  #pop(): void {
    const items = this.#items;
    const last = items.pop() as Resource;
    if (items.length === 0) return;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && this.#before(items[below + 1] as Resource, items[below] as Resource)) below += 1;
      if (!this.#before(items[below] as Resource, last)) break;
      items[index] = items[below] as Resource;
      index = below;
    }
    items[index] = last;
  }

  #before(a: Resource, b: Resource): boolean {
    const apart = (a.readyAtMs ?? 0) - (b.readyAtMs ?? 0) || a.id - b.id;
    return apart * this.#sign < 0;
  }
}

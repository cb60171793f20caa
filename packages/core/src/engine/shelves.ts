import type { Resource } from "./resource.js";
import { WarmList } from "./warm-list.js";

/**
 * What is free in a pool, but not for everybody: a shelf for each kind (a condition, or whoever it is bound to), found by
 * its key. A shelf is kept as long as something lies on it, in the order in which it got its first.
 */
export class Shelves {
  readonly #byKey = new Map<string, WarmList>();
  /** How many lie on all of them. */
  size = 0;

  /** The shelf of a key, if anything lies on it. */
  of(key: string): WarmList | undefined {
    return this.#byKey.get(key);
  }

  put(key: string, resource: Resource, where: "front" | "back"): void {
    let shelf = this.#byKey.get(key);
    if (shelf === undefined) {
      shelf = new WarmList(this, key);
      this.#byKey.set(key, shelf);
    }
    if (where === "front") shelf.unshift(resource);
    else shelf.push(resource);
    this.size += 1;
  }

  take(shelf: WarmList, resource: Resource): void {
    shelf.remove(resource);
    this.size -= 1;
    if (shelf.size === 0) this.#byKey.delete(shelf.key);
  }

  /** Of those that lie there, one that has done so for long. */
  get idlest(): Resource | undefined {
    for (const shelf of this.#byKey.values()) return shelf.last;
    return undefined;
  }

  *[Symbol.iterator](): Iterator<Resource> {
    for (const shelf of [...this.#byKey.values()]) yield* shelf;
  }
}

/** Something that must be looked at by a certain time. */
export interface Due {
  /** Its place in the heap, -1 when it is in none. */
  heapIndex: number;
}

/**
 * All deadlines of an engine in one binary heap, so that one timer serves them all and nothing is ever scanned. Times
 * stand in an array of their own: there they are plain numbers, and comparing two touches neither item.
 */
export class Deadlines<Item extends Due> {
  readonly #items: Item[] = [];
  readonly #atMs: number[] = [];

  /** The earliest deadline, or `Infinity`. */
  get nextAtMs(): number {
    return this.#items.length === 0 ? Number.POSITIVE_INFINITY : (this.#atMs[0] as number);
  }

  /** The item that is due first. */
  get first(): Item | undefined {
    return this.#items[0];
  }

  get size(): number {
    return this.#items.length;
  }

  /** When an item is due; `Infinity` if it is in no heap. */
  dueAtMs(item: Item): number {
    return item.heapIndex === -1 ? Number.POSITIVE_INFINITY : (this.#atMs[item.heapIndex] as number);
  }

  /** Has `item` looked at by `atMs`. Only ever moves its deadline nearer: being looked at early is harmless. */
  arm(item: Item, atMs: number): void {
    const index = item.heapIndex;
    if (index === -1) {
      if (atMs === Number.POSITIVE_INFINITY) return;
      this.#items.push(item);
      this.#atMs.push(atMs);
      this.#up(this.#items.length - 1, item, atMs);
    } else if (atMs < (this.#atMs[index] as number)) {
      this.#up(index, item, atMs);
    }
  }

  disarm(item: Item): void {
    const index = item.heapIndex;
    if (index === -1) return;
    item.heapIndex = -1;
    const last = this.#items.pop() as Item;
    const lastAtMs = this.#atMs.pop() as number;
    if (last === item) return;
    this.#up(index, last, lastAtMs);
    this.#down(last.heapIndex, last, lastAtMs);
  }

  /** Takes the earliest item that is due, if one is. */
  take(nowMs: number): Item | undefined {
    if (this.nextAtMs > nowMs) return undefined;
    const first = this.#items[0];
    if (first !== undefined) this.disarm(first);
    return first;
  }

  /** Puts an item into a place, or as far above it as it belongs. */
  #up(start: number, item: Item, atMs: number): void {
    let index = start;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if ((this.#atMs[above] as number) <= atMs) break;
      this.#put(index, this.#items[above] as Item, this.#atMs[above] as number);
      index = above;
    }
    this.#put(index, item, atMs);
  }

  /** Puts an item into a place, or as far below it as it belongs. */
  #down(start: number, item: Item, atMs: number): void {
    const times = this.#atMs;
    let index = start;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= times.length) break;
      const right = below + 1;
      if (right < times.length && (times[right] as number) < (times[below] as number)) below = right;
      if ((times[below] as number) >= atMs) break;
      this.#put(index, this.#items[below] as Item, times[below] as number);
      index = below;
    }
    this.#put(index, item, atMs);
  }

  #put(index: number, item: Item, atMs: number): void {
    this.#items[index] = item;
    this.#atMs[index] = atMs;
    item.heapIndex = index;
  }
}

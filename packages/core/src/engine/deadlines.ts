/** Something that must be looked at by a certain time. */
export interface Due {
  /** When; `Infinity` while it is in no heap. */
  dueAtMs: number;
  /** Its place in the heap, -1 when it is in none. */
  heapIndex: number;
}

/**
 * All deadlines of an engine in one binary heap, so that one timer serves them all and nothing is ever scanned.
 */
export class Deadlines<Item extends Due> {
  readonly #heap: Item[] = [];

  /** The earliest deadline, or `Infinity`. */
  get nextAtMs(): number {
    return this.#heap[0]?.dueAtMs ?? Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Has `item` looked at by `atMs`. Only ever moves its deadline nearer: being looked at early is harmless. */
  arm(item: Item, atMs: number): void {
    if (item.heapIndex === -1) {
      if (atMs === Number.POSITIVE_INFINITY) return;
      item.dueAtMs = atMs;
      item.heapIndex = this.#heap.length;
      this.#heap.push(item);
      this.#up(item.heapIndex);
    } else if (atMs < item.dueAtMs) {
      item.dueAtMs = atMs;
      this.#up(item.heapIndex);
    }
  }

  disarm(item: Item): void {
    const index = item.heapIndex;
    if (index === -1) return;
    const last = this.#heap.pop() as Item;
    item.heapIndex = -1;
    item.dueAtMs = Number.POSITIVE_INFINITY;
    if (last === item) return;
    this.#heap[index] = last;
    last.heapIndex = index;
    this.#up(index);
    this.#down(last.heapIndex);
  }

  /** Takes the earliest item that is due, if one is. */
  take(nowMs: number): Item | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueAtMs > nowMs) return undefined;
    this.disarm(first);
    return first;
  }

  #up(start: number): void {
    const heap = this.#heap;
    const item = heap[start] as Item;
    let index = start;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above] as Item;
      if (parent.dueAtMs <= item.dueAtMs) break;
      heap[index] = parent;
      parent.heapIndex = index;
      index = above;
    }
    heap[index] = item;
    item.heapIndex = index;
  }

  #down(start: number): void {
    const heap = this.#heap;
    const item = heap[start] as Item;
    let index = start;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      const right = below + 1;
      if (right < heap.length && (heap[right] as Item).dueAtMs < (heap[below] as Item).dueAtMs) below = right;
      const child = heap[below] as Item;
      if (child.dueAtMs >= item.dueAtMs) break;
      heap[index] = child;
      child.heapIndex = index;
      index = below;
    }
    heap[index] = item;
    item.heapIndex = index;
  }
}

/** Hands out the smallest free integer, from 0, and takes it back. */
export class Slots {
  /** Slots below `#next` that came back: a binary heap. */
  readonly #free: number[] = [];
  /** Which of them stand in the heap, though perhaps taken by now. */
  readonly #listed = new Set<number>();
  readonly #taken = new Set<number>();
  #next = 0;

  take(): number {
    while (this.#free.length > 0) {
      const slot = this.#pop();
      if (!this.#taken.has(slot)) {
        this.#taken.add(slot);
        return slot;
      }
    }
    while (this.#taken.has(this.#next)) this.#next += 1;
    this.#taken.add(this.#next);
    return this.#next++;
  }

  isTaken(slot: number): boolean {
    return this.#taken.has(slot);
  }

  /** Marks a slot as taken: one that a record already holds. */
  claim(slot: number): void {
    this.#taken.add(slot);
    // Those that are skipped are free, and smaller than what comes next.
    for (; this.#next < slot; this.#next++) if (!this.#taken.has(this.#next)) this.#push(this.#next);
  }

  give(slot: number): void {
    if (this.#taken.delete(slot) && slot < this.#next) this.#push(slot);
  }

  #push(slot: number): void {
    if (this.#listed.has(slot)) return;
    this.#listed.add(slot);
    const heap = this.#free;
    let index = heap.push(slot) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if ((heap[above] as number) <= slot) break;
      heap[index] = heap[above] as number;
      index = above;
    }
    heap[index] = slot;
  }

  #pop(): number {
    const heap = this.#free;
    const first = heap[0] as number;
    this.#listed.delete(first);
    const last = heap.pop() as number;
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && (heap[below + 1] as number) < (heap[below] as number)) below += 1;
      if ((heap[below] as number) >= last) break;
      heap[index] = heap[below] as number;
      index = below;
    }
    heap[index] = last;
    return first;
  }
}

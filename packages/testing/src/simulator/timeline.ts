/** Something that will happen. */
export interface Event {
  readonly atMs: number;
  readonly order: number;
  /** Absent: cancelled. */
  run: (() => void) | undefined;
}

/** What has not happened yet, in the order in which it will. All time of a simulation is this one's. */
export class Timeline {
  nowMs = 0;
  /** Events that have happened. */
  steps = 0;
  readonly #heap: Event[] = [];
  #order = 0;

  /** Has something happen after a time; what was asked for first happens first. */
  after(ms: number, run: () => void): Event {
    const event: Event = { atMs: this.nowMs + Math.max(0, Math.ceil(ms)), order: this.#order++, run };
    this.#up(event);
    return event;
  }

  /** When the next event happens, or `Infinity`. */
  get nextAtMs(): number {
    this.#dropCancelled();
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Lets the next event happen; returns whether there was one. */
  step(): boolean {
    this.#dropCancelled();
    const event = this.#pop();
    if (event?.run === undefined) return false;
    this.nowMs = event.atMs;
    this.steps += 1;
    const { run } = event;
    event.run = undefined;
    run();
    return true;
  }

  /** Forgets everything that was to happen. */
  clear(): void {
    this.#heap.length = 0;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]?.run === undefined) this.#pop();
  }

  #up(event: Event): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above] as Event;
      if (before(parent, event)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      const right = below + 1;
      if (right < heap.length && before(heap[right] as Event, heap[below] as Event)) below = right;
      const child = heap[below] as Event;
      if (before(last, child)) break;
      heap[index] = child;
      index = below;
    }
    heap[index] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

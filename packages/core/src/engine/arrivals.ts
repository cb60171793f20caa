/** In what order tickets came, over all lines: by a clock that was set back, a later one would have come before others. */
export class Arrivals {
  /** Tickets that stand in a line. */
  waiting = 0;
  #lastAtMs = 0;

  /** Another ticket came at that time; returns when it counts as having come: no earlier than any that waits. */
  add(cameAtMs: number): number {
    if (this.waiting === 0 || cameAtMs > this.#lastAtMs) this.#lastAtMs = cameAtMs;
    this.waiting += 1;
    return this.#lastAtMs;
  }

  remove(): void {
    this.waiting -= 1;
  }
}

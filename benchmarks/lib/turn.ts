/**
 * Lets the event loop turn now and then. Trivial resources would otherwise be acquired and released within a single turn, which
 * no real program does, and which pools that count on turns (for timers, for the clock) would profit from.
 */
export class Turn {
  /** While it is set, holders wait for it before they release. */
  gate: Promise<void> | undefined;
  readonly #every: number;
  #done = 0;

  /** @param holders So many wait at each turn: they share its cost. */
  constructor(holders: number) {
    this.#every = Math.max(1_000, 10 * holders);
  }

  /** After each acquire. */
  count(): void {
    this.#done += 1;
    if (this.#done < this.#every || this.gate !== undefined) return;
    this.#done = 0;
    this.gate = new Promise((resolve) => {
      setImmediate(() => {
        this.gate = undefined;
        resolve();
      });
    });
  }
}

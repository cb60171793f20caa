/**
 * How much time has passed since a moment, by whichever of two clocks ran further: the monotonic one stands still while the
 * machine is suspended, the wall clock may be set back.
 */
export class Moment {
  readonly #monotonicMs = performance.now();
  readonly #wallMs = Date.now();

  get elapsedMs(): number {
    return Math.max(performance.now() - this.#monotonicMs, Date.now() - this.#wallMs);
  }

  /** By the clock that cannot be set: for waiting until enough has passed for certain. */
  get elapsedAtLeastMs(): number {
    return performance.now() - this.#monotonicMs;
  }
}

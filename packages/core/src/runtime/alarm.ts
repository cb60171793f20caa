import type { Clock, Timer } from "./clock.js";

/** The one timer of an engine: rings once, at the time that was set last. */
export class Alarm {
  /** `Infinity`: it is not set. */
  atMs = Number.POSITIVE_INFINITY;
  readonly #clock: Clock;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(atMs: number, ring: () => void): void {
    this.#timer?.cancel();
    this.atMs = atMs;
    this.#timer = this.#clock.after(atMs - this.#clock.now(), () => {
      this.atMs = Number.POSITIVE_INFINITY;
      ring();
    });
  }

  cancel(): void {
    this.#timer?.cancel();
    this.atMs = Number.POSITIVE_INFINITY;
  }
}

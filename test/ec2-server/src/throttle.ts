import type { Throttle } from "./weather.js";

/** A bucket of tokens, as EC2 meters calls: so many at once, refilled at so many a second. */
export class Bucket {
  #tokens = Number.NaN;
  #countedAtMs = 0;

  /** Whether one more call may pass. */
  take({ burst, perSecond }: Throttle, nowMs: number): boolean {
    const held = Number.isNaN(this.#tokens) ? burst : this.#tokens;
    this.#tokens = Math.min(burst, held + ((nowMs - this.#countedAtMs) / 1_000) * perSecond);
    this.#countedAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

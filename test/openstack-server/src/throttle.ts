/** How many requests are let through: a bucket that fills with time. */
export class Throttle {
  #tokens: number | undefined;
  #filledAtMs = 0;

  /** Whether a request is let through now. */
  takes(rule: { readonly perSecond: number; readonly burst: number }, nowMs: number): boolean {
    const passedMs = nowMs - this.#filledAtMs;
    const filled = this.#tokens === undefined ? rule.burst : this.#tokens + (passedMs * rule.perSecond) / 1_000;
    this.#tokens = Math.min(rule.burst, filled);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

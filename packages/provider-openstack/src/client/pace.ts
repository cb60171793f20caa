/** The gap between two requests after the first refusal, and the longest, in milliseconds. */
const FIRST_GAP_MS = 10;
const LONGEST_GAP_MS = 1_000;

/** Longest pause that a service may ask for, in milliseconds. */
const LONGEST_PAUSE_MS = 60_000;

/** By how much the gap shrinks with each request that is taken. */
const SHRINK = 0.9;

/**
 * How fast a service lets itself be asked. Requests go as they come until one is refused for being too fast; from then on
 * one after the other, with a gap that doubles with refusals and shrinks with requests that are taken.
 */
export class Pace {
  readonly #waiting: (() => void)[] = [];
  #gapMs = 0;
  #nextAtMs = 0;
  #changedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Waits for its turn. Returns when that was, for `refused`. */
  async turn(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const nowMs = performance.now();
    if (this.#waiting.length === 0 && nowMs >= this.#nextAtMs) {
      this.#nextAtMs = nowMs + this.#gapMs;
      return nowMs;
    }
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.push(go);
      this.#wake();
    });
    return performance.now();
  }

  taken(): void {
    this.#gapMs = this.#gapMs < 1 ? 0 : this.#gapMs * SHRINK;
  }

  /**
   * @param sentAtMs What `turn` returned. Of requests that were under way together, only the first refusal counts.
   * @param retryAfterMs How long the service asks to be left alone.
   */
  refused(sentAtMs: number, retryAfterMs = 0): void {
    const nowMs = performance.now();
    if (sentAtMs < this.#changedAtMs) return;
    this.#changedAtMs = nowMs;
    this.#gapMs = Math.min(Math.max(this.#gapMs * 2, FIRST_GAP_MS), LONGEST_GAP_MS);
    this.#nextAtMs = Math.max(this.#nextAtMs, nowMs + this.#gapMs, nowMs + Math.min(retryAfterMs, LONGEST_PAUSE_MS));
  }

  #wake(): void {
    if (this.#timer !== undefined || this.#waiting.length === 0) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        const nowMs = performance.now();
        if (nowMs >= this.#nextAtMs) {
          // A gap that is over counts as waited for, however late the timer was.
          this.#nextAtMs = Math.max(this.#nextAtMs, nowMs - LONGEST_GAP_MS / 10) + this.#gapMs;
          this.#waiting.shift()?.();
        }
        this.#wake();
      },
      Math.max(0, this.#nextAtMs - performance.now()),
    );
  }
}

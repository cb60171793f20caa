import { setTimeout as pause } from "node:timers/promises";

/** The gap between two requests after the first refusal, and the longest, in milliseconds. */
const FIRST_GAP_MS = 20;
const LONGEST_GAP_MS = 1_000;

/** Longest pause that a service may ask for, in milliseconds. */
const LONGEST_PAUSE_MS = 60_000;

/** By how much the gap shrinks with each request that is taken. */
const SHRINK = 0.97;

/**
 * How fast a service lets itself be asked. Requests go as they come until one is refused for being too fast; from then on
 * one at a time, with a gap that doubles with refusals and shrinks with requests that are taken.
 */
export class Pace {
  #gapMs = 0;
  #nextAtMs = 0;
  #changedAtMs = 0;

  /** Waits for its turn. Returns when that was, for `refused`. */
  async turn(signal: AbortSignal): Promise<number> {
    const nowMs = performance.now();
    const atMs = Math.max(nowMs, this.#nextAtMs);
    this.#nextAtMs = atMs + this.#gapMs;
    if (atMs > nowMs) await pause(atMs - nowMs, undefined, { signal }).catch(() => signal.throwIfAborted());
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
    this.#nextAtMs = Math.max(this.#nextAtMs, nowMs + Math.min(retryAfterMs, LONGEST_PAUSE_MS));
    if (sentAtMs < this.#changedAtMs) return;
    this.#changedAtMs = nowMs;
    this.#gapMs = Math.min(Math.max(this.#gapMs * 2, FIRST_GAP_MS), LONGEST_GAP_MS);
  }
}

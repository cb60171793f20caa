import { pause } from "./abort.js";

const FIRST_GAP_MS = 100;
const LONGEST_GAP_MS = 5_000;

/**
 * How fast launches follow each other: as they come, until EC2 says that it is too fast. Then each waits its turn, with a
 * gap that doubles with every further refusal and shrinks with every success.
 */
export class Pace {
  #gapMs = 0;
  #freeAtMs = 0;
  #slowedAtMs = 0;

  /** Waits for the next turn. Resolves with when it began. */
  async turn(signal: AbortSignal): Promise<number> {
    const atMs = Math.max(performance.now(), this.#freeAtMs);
    this.#freeAtMs = atMs + this.#gapMs;
    const waitMs = atMs - performance.now();
    if (waitMs > 0) await pause(waitMs, signal);
    return performance.now();
  }

  /** A launch that began at `beganAtMs` was refused for being too fast. */
  tooFast(beganAtMs: number): void {
    const nowMs = performance.now();
    // It began before we slowed down: those that were refused together are one sign, not many.
    if (beganAtMs >= this.#slowedAtMs) {
      this.#gapMs = Math.min(Math.max(this.#gapMs * 2, FIRST_GAP_MS), LONGEST_GAP_MS);
      this.#slowedAtMs = nowMs;
    }
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs + this.#gapMs);
  }

  /** A launch was not refused for being too fast. */
  fine(): void {
    this.#gapMs = this.#gapMs * 0.9 < FIRST_GAP_MS / 4 ? 0 : this.#gapMs * 0.9;
  }
}

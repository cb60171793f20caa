import { aborted } from "./abort.js";

/** More launches are never under way at once: EC2 takes a second or two for each, and meters them by two a second. */
const AT_ONCE = 10;

const FIRST_GAP_MS = 100;
const LONGEST_GAP_MS = 5_000;
/** Slowing down by half again and speeding up by a twentieth, one call in ten or so is refused where there is a limit. */
const SLOWER = 1.5;
const FASTER = 0.95;

/** A launch whose turn it is. */
export interface Turn {
  /** By `performance.now()`. */
  readonly beganAtMs: number;
  /** Must be called when the launch was answered. @param tooFast It was refused for being one too many. */
  end(tooFast: boolean): void;
}

interface Waiting {
  begin(turn: Turn): void;
}

/**
 * How fast launches follow each other: as they come, until EC2 says that it is too fast. Then one after the other, with a
 * gap that grows with every further refusal and shrinks with every success.
 */
export class Pace {
  readonly #waiting: Waiting[] = [];
  #underWay = 0;
  #gapMs = 0;
  #latestAtMs = Number.NEGATIVE_INFINITY;
  #slowedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Waits in line for a turn.
   *
   * @param again It had a turn, in which it was refused: it goes before those that had none.
   * @throws {ProviderError} When the signal aborts before.
   */
  turn(signal: AbortSignal, again: boolean): Promise<Turn> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(aborted(signal));
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        this.#proceed();
        reject(aborted(signal));
      };
      const waiting: Waiting = {
        begin(turn) {
          signal.removeEventListener("abort", leave);
          resolve(turn);
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      if (again) this.#waiting.unshift(waiting);
      else this.#waiting.push(waiting);
      this.#proceed();
    });
  }

  #proceed(): void {
    clearTimeout(this.#timer);
    while (this.#waiting.length > 0 && this.#underWay < AT_ONCE) {
      const leftMs = this.#latestAtMs + this.#gapMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#proceed(), leftMs);
        return;
      }
      this.#begin(this.#waiting.shift() as Waiting);
    }
  }

  #begin(waiting: Waiting): void {
    const beganAtMs = performance.now();
    this.#latestAtMs = beganAtMs;
    this.#underWay += 1;
    const end = (tooFast: boolean) => {
      this.#underWay -= 1;
      if (tooFast) this.#slowDown(beganAtMs);
      else this.#gapMs = this.#gapMs * FASTER < FIRST_GAP_MS / 4 ? 0 : this.#gapMs * FASTER;
      this.#proceed();
    };
    waiting.begin({ beganAtMs, end });
  }

  #slowDown(beganAtMs: number): void {
    // Those that began before we slowed down, and are refused together, are one sign and not many.
    if (beganAtMs < this.#slowedAtMs) return;
    this.#gapMs = Math.min(Math.max(this.#gapMs * SLOWER, FIRST_GAP_MS), LONGEST_GAP_MS);
    this.#slowedAtMs = performance.now();
  }
}

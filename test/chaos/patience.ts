import { LEADER_TTL_MS, SHARED, SLOWEST_CALL_MS } from "./protocol.ts";

/** The longest pause before a letter that was lost is sent again: of `Channel`. */
const RESENT_WITHIN_MS = 8_000;

/**
 * How long, in peace, everything may stay as it is while something is still to come: nobody leads yet, the letter that says
 * so was lost, the lease runs out, and then its resource is made clean. One after the other, and a busy machine.
 */
const STILL_MS = 1.5 * (LEADER_TTL_MS + RESENT_WITHIN_MS + SHARED.ttlMs + SHARED.graceMs + SLOWEST_CALL_MS);
/** Even if there is always something that changes. */
const LONGEST_MS = 4 * STILL_MS;
/** For a run of which it is known that a rule was broken. */
const BRIEF_MS = 3_000;

/** How long to wait for something: as long as there is progress, within reason. */
export class Patience {
  readonly #stillMs: number;
  readonly #longestMs: number;
  readonly #beganAtMs: number;
  #changedAtMs: number;
  #seen: string | undefined;

  static long(nowMs: number): Patience {
    return new Patience(nowMs, STILL_MS, LONGEST_MS);
  }

  static brief(nowMs: number): Patience {
    return new Patience(nowMs, BRIEF_MS, BRIEF_MS);
  }

  constructor(nowMs: number, stillMs: number, longestMs: number) {
    this.#stillMs = stillMs;
    this.#longestMs = longestMs;
    this.#beganAtMs = nowMs;
    this.#changedAtMs = nowMs;
  }

  /** Why there is no hope, given what is to be seen at present. */
  problem(seen: string, nowMs: number): string | undefined {
    if (seen !== this.#seen) this.#changedAtMs = nowMs;
    this.#seen = seen;
    if (nowMs - this.#changedAtMs > this.#stillMs) return `in peace, nothing has changed for ${this.#stillMs} ms`;
    if (nowMs - this.#beganAtMs > this.#longestMs) return `after ${this.#longestMs} ms in peace`;
    return undefined;
  }
}

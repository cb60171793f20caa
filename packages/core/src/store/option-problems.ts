import { type Duration, tryDurationMs } from "../model/duration.js";
import { WarmpoolError } from "../model/error.js";
import { nearest } from "../model/nearest.js";

/** What is wrong with the options of a store: all of it is told at once. */
export class OptionProblems {
  readonly #maker: string;
  readonly #problems: { readonly path: string; readonly problem: string }[] = [];

  /** @param maker The function that was given them. */
  constructor(maker: string) {
    this.#maker = maker;
  }

  report(option: string, problem: string): void {
    this.#problems.push({ path: option, problem });
  }

  /**
   * Reports keys that nobody knows.
   *
   * @throws {WarmpoolError} `INVALID_OPTIONS` at once if these are no options at all.
   */
  checkKeys(options: object, known: readonly string[]): void {
    if (typeof options !== "object" || options === null || Array.isArray(options)) {
      this.report("options", "must be an object");
      this.throwIfAny();
    }
    for (const key of Object.keys(options)) {
      if (known.includes(key)) continue;
      const meant = nearest(key, known);
      this.report(key, `unknown; ${meant === undefined ? `known are ${known.join(", ")}` : `did you mean ${meant}?`}`);
    }
  }

  /** How long to wait for another owner, in milliseconds; 0: not at all. */
  ownerWaitMs(waitForOwner: boolean | Duration = false): number {
    if (waitForOwner === true) return Number.POSITIVE_INFINITY;
    const waitMs = waitForOwner === false ? 0 : tryDurationMs(waitForOwner);
    if (waitMs === undefined) this.report("waitForOwner", `must be true, false or a duration such as "30s"`);
    return waitMs ?? 0;
  }

  /** @throws {WarmpoolError} `INVALID_OPTIONS`, with every problem in its details. */
  throwIfAny(): void {
    const problems = this.#problems;
    if (problems.length === 0) return;
    const list = problems.map(({ path, problem }) => `${path}: ${problem}`).join("; ");
    throw new WarmpoolError("INVALID_OPTIONS", `${this.#maker}: ${list}.`, { details: { problems } });
  }
}

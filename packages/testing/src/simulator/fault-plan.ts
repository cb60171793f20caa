import type { Fault } from "./faults.js";
import type { Random } from "./random.js";

/** A fault that struck. */
export interface Strike {
  readonly fault: Fault;
  /** What it hit. */
  readonly target: string;
  readonly atMs: number;
}

/**
 * Decides when a fault strikes, and counts those that did. Each decision has a number, so that a run can be repeated with
 * only some of its faults.
 */
export class FaultPlan {
  readonly counts = new Map<Fault, number>();
  total = 0;
  /** Off: from now on everything works. */
  active = true;
  /** Whom to tell of each. */
  onStrike: ((strike: Strike, number: number) => void) | undefined;
  readonly #random: Random;
  readonly #only: ReadonlySet<number> | undefined;
  readonly #now: () => number;
  #number = 0;

  readonly #intensity: number;

  /**
   * @param intensity What all probabilities are multiplied by.
   * @param only Numbers of the decisions that may strike. Default: all.
   */
  constructor(random: Random, now: () => number, intensity: number, only?: ReadonlySet<number>) {
    this.#random = random;
    this.#intensity = intensity;
    this.#now = now;
    this.#only = only;
  }

  /** One of several faults with their probabilities, or none. */
  one(target: string, faults: readonly (readonly [fault: Fault, probability: number])[]): Fault | undefined {
    if (!this.active) return undefined;
    let at = this.#random.next() / this.#intensity;
    for (const [fault, probability] of faults) {
      at -= probability;
      if (at < 0) return this.#strike(fault, target) ? fault : undefined;
    }
    return undefined;
  }

  strikes(fault: Fault, target: string, probability: number): boolean {
    return this.active && this.#random.next() < probability * this.#intensity && this.#strike(fault, target);
  }

  #strike(fault: Fault, target: string): boolean {
    const number = this.#number++;
    if (this.#only !== undefined && !this.#only.has(number)) return false;
    this.total += 1;
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    this.onStrike?.({ fault, target, atMs: this.#now() }, number);
    return true;
  }

  /** Decisions so far: numbers below this one. */
  get decisions(): number {
    return this.#number;
  }
}

import { WarmpoolError } from "@warmpool/core";
import { Random } from "../simulator/random.js";

/** What a fake provider can be made to do wrong. Why each really happens stands in the guide about simulation. */
export const PROVIDER_FAULTS = [
  "throttled",
  "out of capacity",
  "failed transiently",
  "failed half way",
  "made after all",
  "answer lost",
  "delete kept it",
] as const;

/** One of the faults of a plan. */
export type ProviderFault = (typeof PROVIDER_FAULTS)[number];

/** Decides which calls go wrong, the same ones for the same seed. */
export interface FaultPlan {
  /** Faults that struck, by kind. */
  readonly counts: Readonly<Record<ProviderFault, number>>;
  /** Which fault strikes now, if any: one of those that are possible. */
  draw(possible: readonly ProviderFault[]): ProviderFault | undefined;
  /** From now on everything works. */
  stop(): void;
}

/** How often things go wrong. */
export interface FaultPlanOptions {
  /** A whole number. */
  readonly seed: number;
  /** Probability of each fault in a call that it can hit: 0 to 1. Default: 0. */
  readonly faults: Readonly<Partial<Record<ProviderFault, number>>>;
}

/**
 * A plan of faults for `fakeProvider`.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function faultPlan({ seed, faults }: FaultPlanOptions): FaultPlan {
  const problems = Object.entries(faults).flatMap(([fault, odds]) => {
    if (!PROVIDER_FAULTS.includes(fault as ProviderFault)) {
      return [{ path: `faults.${fault}`, problem: `is no fault; there are ${PROVIDER_FAULTS.join(", ")}` }];
    }
    return odds >= 0 && odds <= 1 ? [] : [{ path: `faults.${fault}`, problem: "must be a probability, 0 to 1" }];
  });
  if (problems.length > 0) {
    const text = problems.map(({ path, problem }) => `${path}: ${problem}`).join("; ");
    throw new WarmpoolError("INVALID_OPTIONS", `${text}.`, { details: { problems } });
  }
  const random = new Random(seed);
  const counts = Object.fromEntries(PROVIDER_FAULTS.map((fault) => [fault, 0])) as Record<ProviderFault, number>;
  let active = true;
  return {
    counts,
    draw(possible) {
      if (!active) return undefined;
      for (const fault of possible) {
        if (random.next() >= (faults[fault] ?? 0)) continue;
        counts[fault] += 1;
        return fault;
      }
      return undefined;
    },
    stop() {
      active = false;
    },
  };
}

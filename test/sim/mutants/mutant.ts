import type { Scenario } from "../../../packages/testing/src/simulator/index.ts";
import type { Replacement } from "../bundle.ts";

/** A manager that breaks one rule. The simulator must notice. */
export interface Mutant {
  readonly name: string;
  readonly replacements: readonly Replacement[];
  /** Where it shows. Default: everywhere. */
  readonly stores?: readonly Scenario["store"][];
}

export function mutant(name: string, file: string, text: string, by: string, stores?: Mutant["stores"]): Mutant {
  return { name, replacements: [{ file, text, by }], ...(stores !== undefined && { stores }) };
}

export const DURABLE = ["durable"] as const;
export const SHARED = ["shared"] as const;

import { WarmpoolError } from "@warmpool/core";
import type { ProviderCase } from "./case.js";
import { ALL_NEEDS, type Need } from "./need.js";
import { PROVIDER_CASES, type ProviderCaseName } from "./provider-cases.js";

/** Something that a provider is not asked to prove, and why. */
export type ProviderDeviation =
  | {
      /** A case that is not run. */
      readonly case: ProviderCaseName;
      /** Why, for people: it stands in the name under which the case is skipped. */
      readonly reason: string;
    }
  | {
      /** What the provider or its harness is without: no case that needs it is run. */
      readonly without: Need;
      /** Why, for people: it stands in the name under which the cases are skipped. */
      readonly reason: string;
    };

/** Deviations by what they are about. */
export interface Deviations {
  readonly cases: ReadonlyMap<string, string>;
  readonly without: ReadonlyMap<Need, string>;
}

/** @throws {WarmpoolError} `INVALID_OPTIONS` for unknown cases and needs, empty reasons, and what is said twice. */
export function parseDeviations(deviations: readonly ProviderDeviation[]): Deviations {
  const cases = new Map<string, string>();
  const without = new Map<Need, string>();
  const problems: { path: string; problem: string }[] = [];
  for (const [index, deviation] of deviations.entries()) {
    const path = `deviations[${index}]`;
    const [known, name, reasons]: [readonly string[], string, Map<string, string>] =
      "case" in deviation
        ? [Object.keys(PROVIDER_CASES), deviation.case, cases]
        : [ALL_NEEDS, deviation.without, without];
    if (!known.includes(name)) {
      problems.push({ path, problem: `${JSON.stringify(name)} is unknown; the nearest is ${nearest(name, known)}` });
    }
    if (typeof deviation.reason !== "string" || deviation.reason.trim() === "") {
      problems.push({ path: `${path}.reason`, problem: `say why ${JSON.stringify(name)} does not apply` });
    }
    if (reasons.has(name)) problems.push({ path, problem: `${JSON.stringify(name)} is there already` });
    reasons.set(name, deviation.reason);
  }
  if (problems.length > 0) {
    const lines = problems.map(({ path, problem }) => `${path}: ${problem}`);
    throw new WarmpoolError("INVALID_OPTIONS", `Options of providerSuite: ${lines.join("; ")}`, {
      details: { problems },
    });
  }
  return { cases, without };
}

/** Why a case is not run; `undefined`: it is. */
export function whyNotRun(name: string, proof: ProviderCase, deviations: Deviations): string | undefined {
  const reason = deviations.cases.get(name);
  if (reason !== undefined) return reason;
  const missing = (need: Need) => `without ${need}: ${deviations.without.get(need)}`;
  const lacking = proof.needs?.find((need) => deviations.without.has(need));
  if (lacking !== undefined) return missing(lacking);
  if (proof.needsOneOf?.every((need) => deviations.without.has(need))) return proof.needsOneOf.map(missing).join(", ");
  return undefined;
}

/** The known name with the most words in common. */
function nearest(name: unknown, known: readonly string[]): string {
  const words = new Set(String(name).toLowerCase().split(/\W+/));
  const shared = (other: string) => {
    const others = other.toLowerCase().split(/\W+/);
    return others.filter((word) => words.has(word)).length / others.length;
  };
  return JSON.stringify(known.reduce((best, other) => (shared(other) > shared(best) ? other : best)));
}

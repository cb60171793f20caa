import { WarmpoolError } from "@warmpool/core";
import { POSTING_CASES, STORE_CASES, type StoreCaseName } from "./store-cases.js";

/** A case that a store is not asked to prove, and why. */
export interface StoreDeviation {
  /** Its name, as the suite registers it. */
  readonly case: StoreCaseName;
  /** Why, for people: it stands in the name under which the case is skipped. */
  readonly reason: string;
}

/**
 * The reasons by the names of their cases.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS` for a case that does not exist, one without a reason, one listed twice.
 */
export function parseDeviations(deviations: readonly StoreDeviation[]): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  const problems: { path: string; problem: string }[] = [];
  for (const [index, { case: name, reason }] of deviations.entries()) {
    const path = `deviations[${index}]`;
    if (!Object.hasOwn(STORE_CASES, name) && !Object.hasOwn(POSTING_CASES, name)) {
      const known = [...Object.keys(STORE_CASES), ...Object.keys(POSTING_CASES)].map((known) => `\n  ${known}`);
      problems.push({ path, problem: `there is no case ${JSON.stringify(name)}; the cases are:${known.join("")}` });
    }
    if (typeof reason !== "string" || reason.trim() === "") {
      problems.push({ path: `${path}.reason`, problem: `say why ${JSON.stringify(name)} does not apply` });
    }
    if (reasons.has(name)) problems.push({ path, problem: `${JSON.stringify(name)} is listed twice` });
    reasons.set(name, reason);
  }
  if (problems.length === 0) return reasons;
  const list = problems.map(({ path, problem }) => `${path}: ${problem}`).join("; ");
  throw new WarmpoolError("INVALID_OPTIONS", `Options of storeSuite: ${list}`, { details: { problems } });
}

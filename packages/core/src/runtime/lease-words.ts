import type { WarmpoolError } from "../model/error.js";
import { findNotJson } from "../model/json.js";
import type { Verdict } from "../model/ticket.js";
import { noCondition } from "./condition-options.js";
import type { LentResource } from "./holder-desk.js";
import { isObject, problem } from "./parse.js";

/** What is wrong with the condition that a holder leaves a resource in. */
export function unknownCondition(
  verdict: Exclude<Verdict, "ok">,
  { pool, conditions }: LentResource,
): WarmpoolError | undefined {
  if (!("condition" in verdict)) return undefined;
  const { condition } = verdict;
  if (conditions?.includes(condition) === true) return undefined;
  const text = conditions === undefined ? `pool "${pool.name}" has no conditions` : noCondition(condition, conditions);
  return problem([{ path: "condition", problem: text }]);
}

/** @throws {WarmpoolError} `INVALID_OPTIONS`. */
export function checkUserData(userData: unknown): void {
  if (!isObject(userData)) throw problem([{ path: "userData", problem: "must be an object" }]);
  const at = findNotJson(userData, "userData");
  if (at !== undefined) throw problem([{ path: "userData", problem: `${at} is not JSON` }]);
}

import type { WarmpoolError } from "../model/error.js";
import { findNotJson } from "../model/json.js";
import type { Verdict } from "../model/ticket.js";
import { noCondition } from "./condition-options.js";
import type { LentResource } from "./holder-desk.js";
import { isObject, problem } from "./parse.js";

const VERDICT = 'must be "ok", { failed: reason } or { condition }';

/** What is wrong with what a holder says of a resource. */
export function wrongVerdict(verdict: Verdict, { pool, conditions }: LentResource): WarmpoolError | undefined {
  if (verdict === "ok") return undefined;
  if (!isObject(verdict) || Object.keys(verdict).length !== 1) return problem([{ path: "verdict", problem: VERDICT }]);
  if ("failed" in verdict) return wrongReason(verdict.failed);
  if (!("condition" in verdict)) return problem([{ path: "verdict", problem: VERDICT }]);
  const { condition } = verdict;
  if (conditions?.includes(condition) === true) return undefined;
  const text =
    conditions === undefined ? `pool "${pool.name}" has no conditions` : noCondition(String(condition), conditions);
  return problem([{ path: "condition", problem: text }]);
}

/** What is wrong with why something is said to have failed. */
export function wrongReason(reason: unknown): WarmpoolError | undefined {
  if (typeof reason === "string" && reason !== "") return undefined;
  return problem([{ path: "failed", problem: "must be a text that says why, and not empty" }]);
}

/** @throws {WarmpoolError} `INVALID_OPTIONS`. */
export function checkUserData(userData: unknown): void {
  if (!isObject(userData)) throw problem([{ path: "userData", problem: "must be an object" }]);
  const at = findNotJson(userData, "userData");
  if (at !== undefined) throw problem([{ path: "userData", problem: `${at} is not JSON` }]);
}

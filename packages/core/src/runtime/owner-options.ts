import * as v from "valibot";
import type { OwnerPolicy, OwnerTerms } from "../engine/owners.js";
import type { Logger } from "../model/logger.js";
import { object, parse, positive, record, whole } from "./parse.js";

/** What one owner may have, and how much of what is short is his. */
export interface OwnerOptions {
  /** With `fair`: with 2 he gets twice as much as with 1. From 0.001 to 1,000. Default: 1. */
  readonly weight?: number;
  /** The most resources that he may have at a time: 1 or more. At it, his tickets wait. Default: no limit. */
  readonly maxLeases?: number;
  /** The most tickets of his that may wait: 0 or more. Another one is refused: `QUOTA_EXCEEDED`. Default: no limit. */
  readonly maxWaiting?: number;
}

/** Options of owners by name, `default` for all others; or by a function of the name. */
export type OwnersOption = Readonly<Record<string, OwnerOptions>> | ((owner: string) => OwnerOptions | undefined);

const WEIGHT = "must be a number from 0.001 to 1000";

const owner = object<OwnerOptions>({
  weight: v.optional(v.pipe(v.number(WEIGHT), v.minValue(0.001, WEIGHT), v.maxValue(1_000, WEIGHT))),
  maxLeases: v.optional(positive),
  maxWaiting: v.optional(v.pipe(whole, v.minValue(0, "must be 0 or more"))),
});

/** What `owners` may be. */
export const owners = v.union(
  [v.custom((value) => typeof value === "function"), record(owner)],
  (issue) => issue.issues?.at(-1)?.message ?? "must be options by owner, or a function of the owner's name",
);

const UNLIMITED: OwnerPolicy = {
  weight: 1,
  maxLeases: Number.POSITIVE_INFINITY,
  maxWaiting: Number.POSITIVE_INFINITY,
};

/** How owners are told apart; `undefined`: nothing was said of them. */
export function ownerTerms(given: OwnersOption | undefined, fair: boolean, logger: Logger): OwnerTerms | undefined {
  if (given === undefined && !fair) return undefined;
  return { fair, policyOf: (name) => policyOf(given ?? {}, name, logger) };
}

function policyOf(given: OwnersOption, name: string, logger: Logger): OwnerPolicy {
  if (typeof given !== "function") {
    return { ...UNLIMITED, ...(Object.hasOwn(given, name) ? given[name] : given["default"]) };
  }
  try {
    return { ...UNLIMITED, ...parse(owner, given(name) ?? {}) };
  } catch (error) {
    // Who asks is not to blame, and nothing may depend on what a function of the application's throws.
    logger.error({ owner: name, error: String(error) }, "owners() failed: this owner is given no quota");
    return UNLIMITED;
  }
}

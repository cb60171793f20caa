import * as v from "valibot";
import type { Reuse } from "../engine/policy.js";
import { type Duration, durationMs } from "../model/duration.js";
import type { Provider } from "../provider/provider.js";
import { duration, isObject, object, type Problem, span } from "./parse.js";

/** To whom, and for how long, a released resource is lent again. */
export interface ReuseOptions {
  /**
   * Who may have it again: anybody; only the same `owner`; or only who acquires with the same `sandbox`. Then it waits for
   * them alone, and one that was acquired without a `sandbox` is not kept. Default: `"any"`.
   */
  readonly within?: "any" | "owner" | "sandbox";
  /** How long one waits for its own. At a cap it gives way at once. Needs `within`. Default: `"10m"`. */
  readonly idle?: Duration;
  /** For how long it is lent again, from its first lease. Default: no limit. */
  readonly maxAge?: Duration;
  /**
   * What becomes of one that waited for too long, or has to give way: deleted, or reset for anybody. Needs `within`.
   * Default: `"dispose"`.
   */
  readonly leave?: "dispose" | "reset";
}

const optional = v.optional;

const options = object<ReuseOptions>({
  within: optional(v.picklist(["any", "owner", "sandbox"], 'must be "any", "owner" or "sandbox"')),
  idle: optional(duration),
  maxAge: optional(span),
  leave: optional(v.picklist(["dispose", "reset"], 'must be "dispose" or "reset"')),
});

const flag = v.boolean("must be true, false, or an object");

export const reuse = v.lazy((given) => (isObject(given) ? options : flag) as v.GenericSchema);

export function reuseOf(given: boolean | ReuseOptions): Reuse | undefined {
  if (given === false) return undefined;
  const { within = "any", idle = "10m", maxAge, leave = "dispose" } = given === true ? {} : given;
  return {
    within,
    idleMs: durationMs(idle, "reuse.idle"),
    maxAgeMs: maxAge === undefined ? Number.POSITIVE_INFINITY : durationMs(maxAge, "reuse.maxAge"),
    leave,
  };
}

/** Options that parse, each by itself, and make no sense together. */
export function contradictionsOfReuse(
  { within = "any", idle, leave }: ReuseOptions,
  provider: Provider<unknown, unknown>,
): Problem[] {
  const problems: Problem[] = [];
  const binds = 'needs within: "owner" or "sandbox": otherwise nothing is kept for anybody';
  if (within === "any" && idle !== undefined) problems.push({ path: "reuse.idle", problem: binds });
  if (within === "any" && leave !== undefined) problems.push({ path: "reuse.leave", problem: binds });
  if (leave === "reset" && provider.reset === undefined)
    problems.push({ path: "reuse.leave", problem: `is "reset", but provider "${provider.name}" has no reset` });
  return problems;
}

import type { Pool } from "../engine/pool.js";
import { type Duration, durationMs } from "../model/duration.js";
import { noCondition } from "./condition-options.js";
import { checkKnown, type Problem, problem } from "./parse.js";
import type { Steering } from "./steering.js";

/** Which resources of a pool are taken away from holders that fell silent, and what they are afterwards. */
export interface SilentReset {
  /** They are lent in this condition. */
  readonly condition: string;
  /** Their holders were not heard of, by `update`, `renew` or `acquire`, for so long. */
  readonly silentFor: Duration;
  /** Their condition afterwards. */
  readonly to: string;
}

/** What was taken away, and from whom. */
export interface Reset {
  /** Number of the resource. */
  readonly resource: number;
  /** What it is called. */
  readonly name: string | undefined;
  /** Who had it. */
  readonly owner: string;
}

/** Takes away what silent holders have. Resolves when it is committed. */
export async function resetSilent(steering: Steering, pool: string, options: SilentReset): Promise<Reset[]> {
  checkKnown(options, ["condition", "silentFor", "to"]);
  if (options.silentFor === undefined) throw problem([{ path: "silentFor", problem: "is required: it is a duration" }]);
  const { condition, to } = options;
  const silentMs = durationMs(options.silentFor, "silentFor");
  const done = new Map<number, Reset>();
  await steering.toPools("resetSilent", pool, (engine, each, nowMs) => {
    checkConditions(each, { condition, to });
    for (const { resource, owner } of engine.resetSilent(each, { condition, silentMs, to }, nowMs)) {
      done.set(resource.id, { resource: resource.id, name: resource.marks.name, owner });
    }
  });
  return [...done.values()];
}

function checkConditions({ name: pool, policy }: Pool, given: Readonly<Record<string, string | undefined>>): void {
  const known = policy.conditions?.names;
  if (known === undefined) throw problem([{ path: "condition", problem: `pool "${pool}" has no conditions` }]);
  const problems: Problem[] = [];
  for (const [path, name] of Object.entries(given)) {
    if (name === undefined) problems.push({ path, problem: `is required: one of ${known.join(", ")}` });
    else if (!known.includes(name)) problems.push({ path, problem: noCondition(String(name), known) });
  }
  if (problems.length > 0) throw problem(problems);
}

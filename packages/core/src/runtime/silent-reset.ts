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
  const { condition, to } = options;
  const silentMs = durationMs(options.silentFor, "silentFor");
  const done = new Map<number, Reset>();
  await steering.toPools("resetSilent", pool, (engine, each, nowMs) => {
    checkConditions(each.policy.conditions?.names ?? [], { condition, to });
    for (const { resource, owner } of engine.resetSilent(each, { condition, silentMs, to }, nowMs)) {
      done.set(resource.id, { resource: resource.id, name: resource.marks.name, owner });
    }
  });
  return [...done.values()];
}

function checkConditions(known: readonly string[], given: Readonly<Record<string, string>>): void {
  const problems: Problem[] = [];
  for (const [path, name] of Object.entries(given)) {
    if (!known.includes(name)) problems.push({ path, problem: noCondition(name, known) });
  }
  if (problems.length > 0) throw problem(problems);
}

import { setTimeout as pause } from "node:timers/promises";
import { Patience } from "./patience.ts";
import type { Thing } from "./process-table.ts";
import type { OnRecord } from "./protocol.ts";
import type { Referee } from "./referee.ts";

/**
 * Waits, faults having stopped, until something is so, or notes that it does not come about. When a rule was broken already,
 * nothing more is judged: it only has a moment to come to rest.
 *
 * @param whatNot What is not as it should be: while that changes, it is coming about.
 */
export async function comes(
  referee: Referee,
  condition: () => boolean | Promise<boolean>,
  whatNot: () => string,
): Promise<boolean> {
  const isBroken = referee.violations.length > 0;
  const patience = isBroken ? Patience.brief(performance.now()) : Patience.long(performance.now());
  while (!(await condition())) {
    const problem = patience.problem(whatNot(), performance.now());
    if (problem !== undefined) {
      if (!isBroken) referee.note("stuck", `${problem}, ${whatNot()}`);
      return false;
    }
    await pause(50);
  }
  return true;
}

/** Everything is ready, runs, and is on record. */
export function isAtRest(onRecord: readonly OnRecord[], things: readonly Thing[]): boolean {
  const running = new Set(things.map(({ key }) => key));
  return onRecord.every(({ key, state }) => state === "ready" && running.delete(key)) && running.size === 0;
}

export function describe(onRecord: readonly OnRecord[]): string {
  return onRecord.map(({ key, state }) => `${key} ${state}`).join(", ") || "nothing";
}

import { setTimeout as pause } from "node:timers/promises";
import type { Thing } from "./process-table.ts";
import type { OnRecord } from "./protocol.ts";
import type { Referee } from "./referee.ts";

/** Within this, faults having stopped, everything must have come to rest; sooner if a rule was broken already. */
const SETTLES_WITHIN_MS = 30_000;
const BROKEN_WITHIN_MS = 3_000;

/** Waits until something is so, or notes that it did not come about. */
export async function comes(
  referee: Referee,
  condition: () => boolean | Promise<boolean>,
  whatNot: () => string,
): Promise<boolean> {
  const withinMs = referee.violations.length > 0 ? BROKEN_WITHIN_MS : SETTLES_WITHIN_MS;
  const deadlineMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) {
      referee.note("stuck", `after ${withinMs} ms in peace, ${whatNot()}`);
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

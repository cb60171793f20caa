import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { processTable } from "./process-table.js";

/** How long a killed group may take to vanish before we say that it cannot be ended. */
const KILLED_WITHIN_MS = 5_000;

/** The waits between two looks grow from the first to the second: most groups are gone at once. */
const FIRST_LOOK_MS = 5;
const LATER_LOOK_MS = 50;

/**
 * Ends a process group: SIGTERM, and SIGKILL for what is left after `killAfterMs`. Resolves when it is gone.
 *
 * @returns Whether it is gone. `false`: a process of another user, or one that hangs in the kernel.
 */
export async function endGroup(group: number, killAfterMs: number): Promise<boolean> {
  signalGroup(group, "SIGTERM");
  if (await goneWithin(group, killAfterMs)) return true;
  signalGroup(group, "SIGKILL");
  return goneWithin(group, KILLED_WITHIN_MS);
}

async function goneWithin(group: number, ms: number): Promise<boolean> {
  const untilMs = performance.now() + ms;
  for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 2, LATER_LOOK_MS)) {
    if (!(await groupRuns(group))) return true;
    const leftMs = untilMs - performance.now();
    if (leftMs <= 0) return false;
    await delay(Math.min(lookMs, leftMs));
  }
}

/** Whether a process of the group still does something. */
async function groupRuns(group: number): Promise<boolean> {
  if (signalGroup(group, 0) === "gone") return false;
  // The kernel counts zombies too, and where nobody reaps orphans (a container without an init) they stay for good.
  return (await processTable().members(group)).length > 0;
}

function signalGroup(group: number, signal: NodeJS.Signals | 0): "sent" | "refused" | "gone" {
  try {
    process.kill(-group, signal);
    return "sent";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH" ? "gone" : "refused";
  }
}

import type { Failure } from "../model/failure.js";
import type { FoundThing } from "./call.js";

/** What an allocate's failure means: certainly nothing was made, or we don't know. */
export function afterAllocateFailure(failure: Failure): "gone" | "unknown" {
  return failure.made === "nothing" && failure.timedOut !== true ? "gone" : "unknown";
}

/**
 * From when on "absent" is an answer for a key.
 *
 * @param startedAtMs When its allocate started; `undefined`: in an earlier epoch, whose clock is not ours. Then, as
 * cautiously as can be, it counts from the beginning of this epoch.
 */
export function settlesAtMs(
  startedAtMs: number | undefined,
  epochAtMs: number,
  settlesWithinMs: number,
  leaderTtlMs: number,
): number {
  return startedAtMs === undefined ? epochAtMs + leaderTtlMs + settlesWithinMs : startedAtMs + settlesWithinMs;
}

/** What to do with a resource of unknown outcome, now that its provider was asked. */
export function afterFind(found: FoundThing): "ready" | "ask-again" | "gone" | "deleting" {
  switch (found.status) {
    case "ready":
      return "ready";
    case "pending":
      return "ask-again";
    case "absent":
      return "gone";
    case "broken":
      return "deleting";
  }
}

/** What to do with a resource whose delete succeeded, now that its provider was asked whether it is gone. */
export function afterDeleteFind(found: FoundThing): "gone" | "delete-again" {
  return found.status === "absent" ? "gone" : "delete-again";
}

import type { Outcome, ResourceCall } from "../call.js";
import type { Resource } from "../resource.js";

/** What a call brings that does what it was asked for. */
export function successOf(call: ResourceCall, data: unknown): Outcome {
  switch (call.kind) {
    case "allocate":
      return { kind: "allocate", data: data ?? { name: call.resource.key } };
    case "delete":
      return { kind: "delete" };
    case "check":
      return { kind: "check", health: { status: "healthy" } };
    case "find":
      return {
        kind: "find",
        found: call.resource.state === "deleting" ? { status: "absent" } : { status: "ready", data },
      };
    case "reset":
      return { kind: "reset", data };
  }
}

/** Whether a listing that tells the truth would have it, if each call did what it was asked for. */
export function isThere({ state, confirmBySweep, data }: Resource): boolean {
  return data !== undefined && (state !== "deleting" || confirmBySweep === undefined);
}

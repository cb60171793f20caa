import type { DeleteReason, ResourceState } from "../model/resource.js";
import { unreachable } from "../model/unreachable.js";

/**
 * What a resource is in a new epoch, by what its record says.
 *
 * An allocate of an older epoch may still be under way, or may never have left: its outcome is unknown. A reset is never
 * repeated: nobody knows how far it came. Deletes are repeated: that is always safe.
 */
export function recoveredState(state: ResourceState): { state: ResourceState; reason?: DeleteReason } {
  switch (state) {
    case "allocating":
      return { state: "unknown" };
    case "resetting":
      return { state: "deleting", reason: "interrupted-reset" };
    case "unknown":
    case "ready":
    case "leased":
    case "held":
    case "deleting":
      return { state };
    default:
      return unreachable(state);
  }
}

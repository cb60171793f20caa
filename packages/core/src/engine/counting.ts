import type { ResourceState } from "../model/resource.js";
import type { Resource } from "./resource.js";

/**
 * Counts a resource among those of its pool in a state, or no more. The states that change with each lease come first: a
 * property by a name that varies takes longer than all the rest.
 */
export function count({ pool, boundTo }: Resource, state: ResourceState, by: 1 | -1): void {
  const { counts } = pool;
  switch (state) {
    case "ready":
      counts.ready += by;
      return;
    case "leased":
      counts.leased += by;
      return;
    case "resetting":
      counts.resetting += by;
      if (boundTo !== undefined) pool.resettingBound += by;
      return;
    default:
      counts[state] += by;
  }
}

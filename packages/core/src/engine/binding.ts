import type { Reuse } from "./policy.js";
import type { TicketOrder } from "./ticket.js";

/**
 * Whose a resource is once it was lent for this order: `owner:NAME` or `sandbox:NAME`, which alone may have it from then on.
 * `undefined`: nobody's; where reuse stays within a sandbox and none is given, it is not kept after its release.
 */
export function bindingOf(
  reuse: Reuse | undefined,
  { owner, item }: Pick<TicketOrder, "owner" | "item">,
): string | undefined {
  switch (reuse?.within) {
    case "owner":
      return `owner:${owner}`;
    case "sandbox": {
      const sandbox = item.selector?.sandbox;
      return sandbox === undefined ? undefined : `sandbox:${sandbox}`;
    }
    default:
      return undefined;
  }
}

/** Whether what was used is bound to whoever used it. */
export function isolates(reuse: Reuse | undefined): reuse is Reuse {
  return reuse !== undefined && reuse.within !== "any";
}

/** Whether a pool binds as it did when this was bound: otherwise nobody can ask for it any more. */
export function isOf(reuse: Reuse | undefined, boundTo: string): boolean {
  return isolates(reuse) && boundTo.startsWith(`${reuse.within}:`);
}

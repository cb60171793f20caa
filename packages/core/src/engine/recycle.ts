import type { DeleteReason } from "../model/resource.js";
import { isolates } from "./binding.js";
import type { Reuse } from "./policy.js";

/** How a lease came to its end. */
export type LeaseEnd = "ok" | "failed" | "expired" | "cancelled";

export interface Used {
  readonly end: LeaseEnd;
  readonly uses: number;
  readonly ageMs: number;
  /** Since it was first lent. */
  readonly usedForMs: number;
  /** Bound to whoever used it: the same may have it again. */
  readonly isBound: boolean;
  /** Made from another spec than the pool's present one. */
  readonly drifted: boolean;
  /** Its pool ends what comes back. */
  readonly draining: boolean;
  /** Its last check failed. */
  readonly sick: boolean;
}

export interface ReusePolicy {
  readonly reuse: Reuse | undefined;
  readonly onFailed: "dispose" | "reset" | "hold";
  readonly maxUses: number;
  readonly maxAgeMs: number;
}

export type Recycling =
  | { readonly to: "ready" }
  | { readonly to: "resetting" }
  | { readonly to: "held" }
  | { readonly to: "deleting"; readonly reason: DeleteReason };

const READY: Recycling = { to: "ready" };
const RESETTING: Recycling = { to: "resetting" };
const HELD: Recycling = { to: "held" };

/** What becomes of a resource whose lease has ended. */
export function recycle(used: Used, policy: ReusePolicy, canReset: boolean): Recycling {
  if (used.end === "failed" && policy.onFailed === "hold") return HELD;
  const reason = whyDeleted(used, policy, canReset);
  if (reason !== undefined) return { to: "deleting", reason };
  return canReset ? RESETTING : READY;
}

function whyDeleted(used: Used, { reuse, onFailed, maxUses, maxAgeMs }: ReusePolicy, canReset: boolean) {
  if (used.end === "failed" && (onFailed === "dispose" || !canReset)) return "failed";
  if (used.draining) return "draining";
  // Whoever named no sandbox can never ask for it again, and nobody else may: it would idle, of use to nobody.
  if (reuse === undefined || (isolates(reuse) && !used.isBound)) return unsaid(used) ?? "released";
  if (used.drifted) return "drifted";
  if (used.sick) return "unhealthy";
  if (used.uses >= maxUses || used.usedForMs >= reuse.maxAgeMs) return "worn-out";
  if (used.ageMs >= maxAgeMs) return "too-old";
  // Whoever let its lease expire may still be using it: without a reset nothing would stop that.
  return canReset ? undefined : unsaid(used);
}

/** Why nobody has said that he is done with it. */
function unsaid({ end }: Used): "expired" | "cancelled" | undefined {
  return end === "expired" || end === "cancelled" ? end : undefined;
}

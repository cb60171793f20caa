import type { DeleteReason } from "../model/resource.js";
import { isOf, isolates } from "./binding.js";
import type { Reuse } from "./policy.js";

/** How a lease came to its end. */
export type LeaseEnd = "ok" | "failed" | "expired" | "cancelled";

/** What was lent. */
export interface Used {
  readonly uses: number;
  readonly createdAtMs: number;
  readonly readyAtMs: number | undefined;
  readonly marks: { readonly firstUsedAtMs?: number | undefined };
  /** Whoever used it, who alone may have it again. */
  readonly boundTo: string | undefined;
  /** What it was made from: with another one than its pool's, it has drifted. */
  readonly spec: string;
  /** In a row, up to the last one. */
  readonly failedChecks: number;
}

/** The pool that it comes back to. */
export interface Home {
  readonly policy: ReusePolicy;
  /** It keeps nothing that is free. */
  readonly endsWhatIsFree: boolean;
  /** Nobody gets as it is what another one used. */
  readonly makesClean: boolean;
  /** Its policy has an end for what is used. */
  readonly wears: boolean;
}

export interface ReusePolicy {
  readonly reuse: Reuse | undefined;
  readonly onFailed: "dispose" | "reset" | "hold";
  readonly maxUses: number;
  readonly maxAgeMs: number;
  readonly spec: string;
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
export function recycle(used: Used, end: LeaseEnd, home: Home, nowMs: number): Recycling {
  if (end === "failed" && home.policy.onFailed === "hold") return HELD;
  const reason = whyDeleted(used, end, home, nowMs);
  if (reason !== undefined) return { to: "deleting", reason };
  return home.makesClean ? RESETTING : READY;
}

function whyDeleted(used: Used, end: LeaseEnd, home: Home, nowMs: number): DeleteReason | undefined {
  const { reuse, onFailed, spec } = home.policy;
  if (end === "failed" && (onFailed === "dispose" || !home.makesClean)) return "failed";
  if (home.endsWhatIsFree) return "draining";
  // Whoever named no sandbox can never ask for it again, and nobody else may: it would idle, of use to nobody.
  if (reuse === undefined || (isolates(reuse) && !isKept(reuse, used))) return unsaid(end) ?? "released";
  if (used.spec !== spec) return "drifted";
  if (used.failedChecks > 0) return "unhealthy";
  const worn = home.wears ? whyWorn(used, home.policy, reuse, nowMs) : undefined;
  if (worn !== undefined) return worn;
  // Whoever let its lease expire may still be using it: without a reset nothing would stop that.
  return home.makesClean ? undefined : unsaid(end);
}

function whyWorn(
  used: Used,
  { maxUses, maxAgeMs }: ReusePolicy,
  reuse: Reuse,
  nowMs: number,
): DeleteReason | undefined {
  if (used.uses >= maxUses || nowMs - (used.marks.firstUsedAtMs ?? nowMs) >= reuse.maxAgeMs) return "worn-out";
  return nowMs - (used.readyAtMs ?? used.createdAtMs) >= maxAgeMs ? "too-old" : undefined;
}

/** For whoever used it. */
function isKept(reuse: Reuse, { boundTo }: Used): boolean {
  return boundTo !== undefined && isOf(reuse, boundTo);
}

/** Why nobody has said that he is done with it. */
function unsaid(end: LeaseEnd): "expired" | "cancelled" | undefined {
  return end === "expired" || end === "cancelled" ? end : undefined;
}

/** A lease as its deadline sees it. */
export interface Leased {
  /** `Infinity`: nothing but its holder ends it. */
  readonly expiresAtMs: number;
  readonly graceMs: number;
}

/**
 * Where a lease stands in time: it `runs`; it is `overdue` from the very moment of its deadline (renewing and releasing
 * still count); it is `over` when its grace has passed as well. `untilMs` is when that changes.
 */
export function leasePhase(lease: Leased, nowMs: number): { phase: "runs" | "overdue" | "over"; untilMs: number } {
  if (nowMs < lease.expiresAtMs) return { phase: "runs", untilMs: lease.expiresAtMs };
  const overAtMs = lease.expiresAtMs + lease.graceMs;
  return nowMs < overAtMs
    ? { phase: "overdue", untilMs: overAtMs }
    : { phase: "over", untilMs: Number.POSITIVE_INFINITY };
}

/**
 * When a lease that was granted or renewed now ends, unless renewed.
 *
 * One that its holder's session renews cannot end while that session is alive, and in this process it is.
 */
export function leaseEndsAtMs(
  lease: { ttlMs: number | undefined; renewedBy: "living session" | "dead session" | "holder" },
  nowMs: number,
): number {
  if (lease.ttlMs === undefined || lease.renewedBy === "living session") return Number.POSITIVE_INFINITY;
  return nowMs + lease.ttlMs;
}

import type { FailureKind } from "../model/failure.js";
import type { BackoffPolicy } from "./policy.js";

/**
 * How long to leave a provider or pool alone after so many failures in a row: doubling from `firstMs` to `maxMs`, less up
 * to a quarter at random, so that those who failed together don't come back together.
 *
 * @param jitter In [0, 1).
 */
export function backoffMs(failures: number, policy: BackoffPolicy, jitter: number): number {
  if (failures <= 0) return 0;
  // 2^30 first seconds are 34 years: beyond, doubling only overflows.
  const doubled = policy.firstMs * 2 ** Math.min(failures - 1, 30);
  return Math.round(Math.min(doubled, policy.maxMs) * (1 - jitter / 4));
}

/**
 * A provider's breaker. Closed: calls go through. Open until a time: none is started. After that, half open: one
 * allocation at a time, until one succeeds.
 */
export interface Breaker {
  /** Failures in a row, over all pools of the provider. */
  readonly failures: number;
  readonly openUntilMs: number;
  readonly halfOpen: boolean;
}

export const closedBreaker: Breaker = { failures: 0, openUntilMs: 0, halfOpen: false };

export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly breakAfter: number;
  readonly backoff: BackoffPolicy;
}

/** The breaker after an allocation failed. A permanent failure is the pool's own fault and says nothing of the provider. */
export function afterFailure(
  breaker: Breaker,
  kind: FailureKind,
  nowMs: number,
  policy: BreakerPolicy,
  jitter: number,
): Breaker {
  // While it is open none is started: what fails now was under way before, and has been answered for.
  if (kind === "permanent" || nowMs < breaker.openUntilMs) return breaker;
  const failures = breaker.failures + 1;
  if (failures < policy.breakAfter) return { ...breaker, failures };
  const waitMs = backoffMs(failures - policy.breakAfter + 1, policy.backoff, jitter);
  return { failures, openUntilMs: nowMs + waitMs, halfOpen: true };
}

/** The breaker of a provider whose resources fail their checks together. */
export function afterMassFailure(breaker: Breaker, nowMs: number, everyMs: number): Breaker {
  return { failures: breaker.failures, openUntilMs: Math.max(breaker.openUntilMs, nowMs + everyMs), halfOpen: true };
}

/** When the next allocation may start: now or earlier, at a time, or `Infinity`: not before one under way is answered. */
export function mayAllocateAt(breaker: Breaker, allocating: number): number {
  if (breaker.halfOpen && allocating > 0) return Number.POSITIVE_INFINITY;
  return breaker.openUntilMs;
}

/** What a pool says of how long its leases last at most, however often their holders are heard of. `Infinity`: no limit. */
export interface LifespanPolicy {
  /** Of a lease whose holder asked for nothing. */
  readonly defaultMs: number;
  /** From the lease's start. */
  readonly maximumMs: number;
  /** From the moment at which an end is asked for: the start, and each extension. */
  readonly relativeMaximumMs: number;
}

/** Of a pool that is in no configuration any more: how long its leases may last nobody knows, so they last as long as they were to. */
export const UNKNOWN_LIFESPAN: LifespanPolicy = {
  defaultMs: Number.POSITIVE_INFINITY,
  maximumMs: 0,
  relativeMaximumMs: Number.POSITIVE_INFINITY,
};

/** What a holder asks for: a length from the start, or an end. */
export type LifespanWish = { readonly forMs: number } | { readonly untilMs: number };

export interface LifespanEnd {
  /** `Infinity`: nothing ends the lease but its holder's silence. */
  readonly endsAtMs: number;
  /** What was asked for, where that would have been later. */
  readonly clamped: { readonly askedForAtMs: number; readonly by: "maximum" | "relativeMaximum" } | undefined;
}

/**
 * When the lifespan of a lease ends that begins now.
 *
 * What was asked for, otherwise the shortest default; but never after the shortest maximum, counted from the start, nor
 * after the shortest relative maximum, counted from now. A lease of several pools has the policies of all of them.
 */
export function lifespanEnd(
  policies: readonly LifespanPolicy[],
  wish: LifespanWish | undefined,
  nowMs: number,
): LifespanEnd {
  return clamp(policies, nowMs, wishedAtMs(policies, wish, nowMs), wish !== undefined, nowMs);
}

/** A lease that lasts already. */
export interface Lasting {
  readonly startedAtMs: number;
  /** `Infinity`: it has no end. */
  readonly endsAtMs: number;
}

/**
 * When the lifespan of a lease ends that its holder wants to be longer: by a length from its present end, or until a time.
 * It never becomes shorter, and each maximum holds as at the start. `exhausted`: no extension will ever gain anything.
 */
export function extendedEnd(
  policies: readonly LifespanPolicy[],
  lease: Lasting,
  wish: { readonly byMs: number } | { readonly untilMs: number },
  nowMs: number,
): LifespanEnd & { readonly exhausted: boolean } {
  const wishAtMs = "byMs" in wish ? lease.endsAtMs + wish.byMs : wish.untilMs;
  if (wishAtMs <= lease.endsAtMs) return { endsAtMs: lease.endsAtMs, clamped: undefined, exhausted: false };
  // After a restart the clock may stand before the lease's start: its maximum is no longer for that.
  const startedAtMs = Math.min(lease.startedAtMs, nowMs);
  const { endsAtMs, clamped } = clamp(policies, startedAtMs, wishAtMs, true, nowMs);
  const exhausted = lease.endsAtMs >= startedAtMs + least(policies, "maximumMs");
  return { endsAtMs: Math.max(lease.endsAtMs, endsAtMs), clamped, exhausted };
}

function wishedAtMs(policies: readonly LifespanPolicy[], wish: LifespanWish | undefined, nowMs: number): number {
  if (wish === undefined) return nowMs + least(policies, "defaultMs");
  return "forMs" in wish ? nowMs + wish.forMs : wish.untilMs;
}

function clamp(
  policies: readonly LifespanPolicy[],
  startedAtMs: number,
  wishAtMs: number,
  asked: boolean,
  nowMs: number,
): LifespanEnd {
  const maximumAtMs = startedAtMs + least(policies, "maximumMs");
  const relativeAtMs = nowMs + least(policies, "relativeMaximumMs");
  const latestAtMs = Math.min(maximumAtMs, relativeAtMs);
  if (wishAtMs <= latestAtMs) return { endsAtMs: wishAtMs, clamped: undefined };
  // Nobody is told of what nobody asked for.
  if (!asked) return { endsAtMs: latestAtMs, clamped: undefined };
  const by = maximumAtMs <= relativeAtMs ? "maximum" : "relativeMaximum";
  return { endsAtMs: latestAtMs, clamped: { askedForAtMs: wishAtMs, by } };
}

function least(policies: readonly LifespanPolicy[], which: keyof LifespanPolicy): number {
  let ms = Number.POSITIVE_INFINITY;
  for (const policy of policies) ms = Math.min(ms, policy[which]);
  return ms;
}

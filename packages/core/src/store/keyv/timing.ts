import type { KeyvSettings } from "./options.js";

/** How long who opens a store waits to see whether somebody else opens it at the same moment. */
export function settleMs({ heartbeatMs }: KeyvSettings): number {
  return heartbeatMs / 4;
}

/**
 * How long after something was read from the owner's key a write that rests on it may take. Half of `settleMs`, so that
 * a write which comes later than another's wait is known to its writer as too late.
 */
export function freshMs(settings: KeyvSettings): number {
  return settleMs(settings) / 2;
}

/**
 * Part of `staleAfter` for which an owner is sure of itself without asking. Others wait for the whole of it; the rest is
 * for clocks that run at different speeds.
 */
const SURE_PART = 0.9;

/** How long after something was sent to the owner's key that then stood there, nobody else can have claimed the store. */
export function sureMs({ staleAfterMs }: KeyvSettings): number {
  return staleAfterMs * SURE_PART;
}

/** A moment by both clocks. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function moment(): Moment {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

/** How long ago it was, by the clock that ran further: the monotonic one may stand still in a suspended machine. */
export function passedMs(since: Moment): number {
  return Math.max(performance.now() - since.monotonicMs, Date.now() - since.wallMs);
}

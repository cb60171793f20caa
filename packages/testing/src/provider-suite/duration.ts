import { type Duration, tryDurationMs } from "@warmpool/core";

/** The `settlesWithin` of a provider that doesn't say: documented at `Provider.settlesWithin`. */
const DEFAULT_SETTLES_WITHIN: Duration = "15m";

/** A duration in milliseconds, `NaN` if it is not one. */
export function toMs(duration: Duration): number {
  return tryDurationMs(duration) ?? Number.NaN;
}

export function settlesWithinMs(provider: { readonly settlesWithin?: Duration }): number {
  return toMs(provider.settlesWithin ?? DEFAULT_SETTLES_WITHIN);
}

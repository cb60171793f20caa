import type { Fault } from "./fault.js";
import type { Market, StateReason } from "./instance.js";

/** What is asked for, where. */
export interface Offer {
  readonly type: string;
  readonly zone: string;
  readonly subnetId: string;
  readonly market: Market;
}

/** How the cloud is today. Everything can be changed at any time; it holds for what is asked from then on. */
export interface Weather {
  /** Milliseconds from launch to `running`. Default: 0. */
  pendingMs: number;
  /** Milliseconds from `running` until the status checks pass. Default: 0. */
  statusMs: number;
  /** Milliseconds from a stop to `stopped`. Default: 0. */
  stoppingMs: number;
  /** Milliseconds from a termination to `terminated`. Default: 0. */
  shuttingDownMs: number;
  /** Milliseconds that a replacement of a root volume takes. Default: 0. */
  rootVolumeMs: number;
  /** Milliseconds from launch until an instance can be seen, by anybody. Default: 0. */
  visibleAfterMs: number;
  /** Milliseconds from `terminated` until an instance is not listed any more. Default: an hour. */
  forgottenAfterMs: number;
  /** How many instances there may be that are not terminated. Default: no limit. */
  maxInstances: number;
  /** What is sold out: refused at once. Default: nothing. */
  soldOut: (offer: Offer) => boolean;
  /** What is launched, only to end while it is pending, and why. Default: nothing. */
  stillborn: (offer: Offer) => StateReason | undefined;
  /** How fast which actions may be called: each has a bucket of its own. Default: as fast as they come. */
  throttles: Readonly<Record<string, Throttle>>;
  /** What becomes of a call of an action before it is looked at. Default: nothing out of the ordinary. */
  mishap: (action: string) => Mishap | undefined;
}

/** A bucket of tokens: so many calls at once, and so many a second. */
export interface Throttle {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * - `refuse`: it is answered with a fault, nothing was done.
 * - `cut`: the connection ends, nothing was done.
 * - `lose`: it is done, and the connection ends instead of an answer.
 * - `delay`: it is done, and the answer comes so much later, in milliseconds.
 */
export type Mishap =
  | { readonly kind: "refuse"; readonly fault: Fault }
  | { readonly kind: "cut" }
  | { readonly kind: "lose" }
  | { readonly kind: "delay"; readonly ms: number };

export function fairWeather(): Weather {
  return {
    pendingMs: 0,
    statusMs: 0,
    stoppingMs: 0,
    shuttingDownMs: 0,
    rootVolumeMs: 0,
    visibleAfterMs: 0,
    forgottenAfterMs: 3_600_000,
    maxInstances: Number.POSITIVE_INFINITY,
    soldOut: () => false,
    stillborn: () => undefined,
    throttles: {},
    mishap: () => undefined,
  };
}

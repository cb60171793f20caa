import type { Conditions } from "./conditions.js";
import type { LifespanPolicy } from "./lifespan.js";

/** The parsed options of a pool: numbers in milliseconds, nothing optional that has a default. */
export interface PoolPolicy {
  readonly name: string;
  readonly max: number;
  readonly warm: number;
  readonly maxAllocating: number;
  readonly allocateDelayMs: number;
  readonly shrinkAfterMs: number;
  readonly tags: readonly { readonly name: string; readonly priority: number }[];
  /** Tags that it serves only by what is made for who asks for them. */
  readonly tagsOnDemand: readonly { readonly name: string; readonly priority: number }[];
  /** Aliases that it is behind; with a weight, it takes its turn among the others. */
  readonly aliases: readonly { readonly name: string; readonly priority: number; readonly weight?: number }[];
  /** Names of numbers that each of its resources gets, the smallest free one over all pools that name the same. */
  readonly counters: readonly string[];
  readonly conditions: Conditions | undefined;
  /** The name of a resource with this data. It may not throw. */
  readonly nameOf: ((data: unknown) => string | undefined) | undefined;
  /** All names there can be, by slot, where that is known. */
  readonly names: readonly string[] | undefined;
  readonly check: {
    readonly everyMs: number;
    readonly attempts: number;
    readonly timeoutMs: number;
    readonly onAcquire: boolean;
  };
  /** `Infinity`: no limit. */
  readonly maxUses: number;
  /** `Infinity`: no limit. */
  readonly maxAgeMs: number;
  /** How long one that was never lent is kept. `Infinity`: no limit. */
  readonly unclaimedMs: number;
  /** `undefined`: each resource is lent once. */
  readonly reuse: Reuse | undefined;
  /** In which order what is free is lent. */
  readonly lend: "most-recently-used" | "least-recently-used" | "oldest";
  readonly onFailed: "dispose" | "reset" | "hold";
  readonly holdForMs: number;
  readonly onPermanent: "reject" | "wait";
  readonly lease: {
    readonly ttlMs: number | undefined;
    readonly graceMs: number;
    /** How long a granted ticket of `request` waits for its holder. `undefined`: for ever. */
    readonly ackWithinMs: number | undefined;
    /** `undefined`: no limits. */
    readonly lifespan: LifespanPolicy | undefined;
  };
  readonly backoff: BackoffPolicy;
  readonly maxUnavailable: number;
  readonly timeouts: CallTimeouts;
  /** Digest of what its resources are made from: a resource with another one has drifted. */
  readonly spec: string;
}

/** How what was used is lent again. */
export interface Reuse {
  /** To whom: anybody, the same owner, or the same sandbox. */
  readonly within: "any" | "owner" | "sandbox";
  /** How long a bound one that is free waits for its own. `Infinity`: no limit. */
  readonly idleMs: number;
  /** For how long, since it was first lent. `Infinity`: no limit. */
  readonly maxAgeMs: number;
  /** What becomes of a bound one that is free when its own leave it to others. */
  readonly leave: "dispose" | "reset";
}

export interface BackoffPolicy {
  readonly firstMs: number;
  readonly maxMs: number;
}

export interface CallTimeouts {
  readonly allocateMs: number;
  readonly deleteMs: number;
  readonly resetMs: number;
  readonly findMs: number;
}

/** What the engine knows of a provider: what it can do, and what bounds it. */
export interface ProviderPolicy {
  readonly name: string;
  readonly can: { readonly check: boolean; readonly find: boolean; readonly list: boolean; readonly reset: boolean };
  readonly settlesWithinMs: number;
  /** Cap over all pools of this provider. `Infinity`: none. */
  readonly max: number;
  /** Failures in a row that open its breaker. */
  readonly breakAfter: number;
  readonly listTimeoutMs: number;
  readonly reap: ReapPolicy;
}

export interface ReapPolicy {
  readonly everyMs: number;
  readonly minAgeMs: number;
  /** The most that one sweep may end. */
  readonly limit: number;
  readonly mode: "delete" | "adopt" | "report";
}

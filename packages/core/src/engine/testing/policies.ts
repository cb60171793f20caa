import type { PoolOrder } from "../configuring.js";
import type { Self } from "../ledger.js";
import type { LifespanPolicy } from "../lifespan.js";
import type { PoolPolicy, ProviderPolicy, Reuse } from "../policy.js";

/** A pool as a test says it: what matters to it. */
export type PoolSketch = Partial<Omit<PoolPolicy, "tags" | "check" | "lease" | "reuse">> & {
  /** `true`: by anybody, for ever. */
  readonly reuse?: boolean | Partial<Reuse>;
  /** Name of its provider. Default: `"cloud"`. */
  readonly provider?: string;
  /** By name, each with its priority or 0. */
  readonly tags?: readonly (string | { readonly name: string; readonly priority: number })[];
  readonly check?: Partial<PoolPolicy["check"]>;
  readonly lease?: Partial<Omit<PoolPolicy["lease"], "lifespan">> & { readonly lifespan?: Partial<LifespanPolicy> };
};

export type ProviderSketch = Partial<Omit<ProviderPolicy, "can" | "reap">> & {
  /** What it can do beyond `allocate` and `delete`. */
  readonly can?: Partial<ProviderPolicy["can"]>;
  readonly reap?: Partial<ProviderPolicy["reap"]>;
};

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

function poolPolicy(
  name: string,
  { provider: _provider, tags = [], check, lease, reuse = false, ...rest }: PoolSketch = {},
): PoolPolicy {
  return {
    name,
    max: 8,
    warm: 0,
    maxAllocating: 4,
    allocateDelayMs: 0,
    shrinkAfterMs: 10 * MINUTE,
    tags: tags.map((tag) => (typeof tag === "string" ? { name: tag, priority: 0 } : tag)),
    check: { everyMs: MINUTE, attempts: 3, timeoutMs: 10 * SECOND, onAcquire: false, ...check },
    maxUses: Number.POSITIVE_INFINITY,
    maxAgeMs: Number.POSITIVE_INFINITY,
    unclaimedMs: Number.POSITIVE_INFINITY,
    reuse: reuseOf(reuse),
    lend: "most-recently-used",
    tagsOnDemand: [],
    aliases: [],
    counters: [],
    conditions: undefined,
    nameOf: undefined,
    names: undefined,
    onFailed: "dispose",
    holdForMs: HOUR,
    onPermanent: "reject",
    lease: {
      ttlMs: undefined,
      graceMs: 30 * SECOND,
      ackWithinMs: undefined,
      ...lease,
      lifespan: lifespanPolicy(lease?.lifespan),
    },
    backoff: { firstMs: SECOND, maxMs: 5 * MINUTE },
    maxUnavailable: 1,
    timeouts: { allocateMs: 10 * MINUTE, deleteMs: 2 * MINUTE, resetMs: 2 * MINUTE, findMs: MINUTE },
    spec: "spec-1",
    ...rest,
  };
}

function lifespanPolicy(given: Partial<LifespanPolicy> | undefined): LifespanPolicy | undefined {
  const never = Number.POSITIVE_INFINITY;
  return given && { defaultMs: never, maximumMs: never, relativeMaximumMs: never, ...given };
}

function reuseOf(sketch: boolean | Partial<Reuse>): Reuse | undefined {
  if (sketch === false) return undefined;
  const never = Number.POSITIVE_INFINITY;
  return { within: "any", idleMs: never, maxAgeMs: never, leave: "dispose", ...(sketch === true ? {} : sketch) };
}

function providerPolicy(name: string, { can, reap, ...rest }: ProviderSketch = {}): ProviderPolicy {
  return {
    name,
    can: { check: false, find: false, list: false, reset: false, ...can },
    settlesWithinMs: 15 * MINUTE,
    max: Number.POSITIVE_INFINITY,
    breakAfter: 5,
    listTimeoutMs: MINUTE,
    reap: { everyMs: 5 * MINUTE, minAgeMs: MINUTE, limit: 10, mode: "delete", ...reap },
    ...rest,
  };
}

export const self: Self = {
  namespace: "test",
  installation: "installa",
  epoch: 1,
  epochId: "epoch1",
  session: "session-1",
  durable: true,
  leaderTtlMs: 0,
  sessionTtlMs: 120_000,
  keepClosedMs: DAY,
  ageingMs: MINUTE,
  owners: undefined,
  watched: true,
};

/** Configurations in which a provider of the same name is the same one, unless it is renewed. */
export class Configurations {
  readonly #identities = new Map<string, { readonly name: string }>();

  orders(pools: Record<string, PoolSketch>, providers: Record<string, ProviderSketch>): PoolOrder[] {
    return Object.entries(pools).map(([name, sketch]) => {
      const provider = sketch.provider ?? "cloud";
      const policy = providerPolicy(provider, providers[provider]);
      return { policy: poolPolicy(name, sketch), provider: { identity: this.identity(provider), policy } };
    });
  }

  identity(provider: string): { readonly name: string } {
    const identity = this.#identities.get(provider) ?? { name: provider };
    this.#identities.set(provider, identity);
    return identity;
  }

  /** From now on a provider of that name is another object. */
  renew(provider: string): void {
    this.#identities.set(provider, { name: provider });
  }
}

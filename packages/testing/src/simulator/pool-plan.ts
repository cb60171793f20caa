import type { Random } from "./random.js";
import type { ProviderPlan, Scenario } from "./scenario.js";

/** Of a pool's leases, in milliseconds. */
export interface LifespanPlan {
  readonly default?: number;
  readonly maximum?: number;
  readonly relativeMaximum?: number;
}

/** What a pool is configured as; a deployment may change it. */
export interface PoolPlan {
  readonly name: string;
  readonly provider: number;
  readonly max: number;
  readonly warm: number;
  readonly maxAllocating: number;
  readonly reuse: boolean;
  /** What was used is for its sandbox only; then it is deleted, or reset for anybody. */
  readonly sandboxed: "dispose" | "reset" | undefined;
  readonly idleMs: number;
  /** What comes back is dirty, and nobody gets it before the provider's reset, or a janitor, has cleaned it. */
  readonly cleanedBy: "reset" | "janitor" | undefined;
  readonly lend: "most-recently-used" | "least-recently-used" | "oldest";
  readonly maxUses: number | undefined;
  readonly maxAgeMs: number | undefined;
  readonly onFailed: "dispose" | "reset" | "hold";
  readonly shrinkAfterMs: number;
  readonly checkOnAcquire: boolean;
  readonly checkEveryMs: number;
  readonly ttlMs: number | undefined;
  readonly graceMs: number;
  /** Absent: leases last as long as they are renewed. */
  readonly lifespan: LifespanPlan | undefined;
  readonly ackWithinMs: number | undefined;
  readonly unclaimedMs: number | undefined;
  readonly tags: readonly { readonly name: string; readonly priority: number }[];
  /** Made only for those who ask for it, by the tag "rare" or by name. */
  readonly onDemand: boolean;
  /** Names of numbers that each of its things has, some of which other pools have too. */
  readonly counters: readonly string[];
  /** Its things have names, and are asked for by these. */
  readonly named: boolean;
  readonly allocateDelayMs: number;
  /** Changes what things are made from. */
  readonly revision: number;
}

export function drawPool(
  random: Random,
  n: number,
  provider: number,
  providers: readonly ProviderPlan[],
  large: boolean,
  store: Scenario["store"],
): PoolPlan {
  const { can } = providers[provider] as ProviderPlan;
  const max = random.chance(0.3) ? random.between(1, 2) : random.between(4, large ? 14 : 10);
  const reuse = random.chance(0.7);
  const keeping = reuse ? random.pick(["sandboxed", "cleaned", "plain"] as const) : "plain";
  const cleanedBy = can.reset && random.chance(0.6) ? "reset" : "janitor";
  const onDemand = random.chance(0.12);
  return {
    name: `pool${n}`,
    provider,
    max,
    warm: onDemand ? 0 : random.below(max + 1),
    maxAllocating: random.between(1, 6),
    reuse,
    sandboxed: keeping === "sandboxed" ? (can.reset && random.chance(0.3) ? "reset" : "dispose") : undefined,
    idleMs: random.between(2, 20) * 1_000,
    cleanedBy: keeping === "cleaned" ? cleanedBy : undefined,
    lend: random.pick(["most-recently-used", "least-recently-used", "oldest"] as const),
    maxUses: reuse && random.chance(0.2) ? random.between(2, 4) : undefined,
    maxAgeMs: random.chance(0.2) ? random.between(20, 90) * 1_000 : undefined,
    onFailed: random.pick(can.reset ? (["dispose", "reset", "hold"] as const) : (["dispose", "hold"] as const)),
    shrinkAfterMs: random.between(5, 60) * 1_000,
    checkOnAcquire: can.check && random.chance(0.3),
    checkEveryMs: random.between(2, 8) * 1_000,
    ttlMs: random.chance(0.8) ? random.between(5, 20) * (store === "shared" ? 2_000 : 1_000) : undefined,
    graceMs: random.between(0, 5) * 1_000,
    // Between machines a lifespan is measured by wall clocks, and these may be hours apart here.
    lifespan: store !== "shared" && random.chance(0.4) ? drawLifespan(random) : undefined,
    ackWithinMs: random.chance(0.4) ? random.between(3, 8) * 1_000 : undefined,
    unclaimedMs: random.chance(0.15) ? random.between(15, 60) * 1_000 : undefined,
    tags: ["any", random.pick(["odd", "even"])].map((name) => ({ name, priority: random.below(2) })),
    onDemand,
    counters: ["port", "display"].filter(() => random.chance(0.2)),
    named: random.chance(0.2),
    allocateDelayMs: random.chance(0.15) ? random.between(100, 2_000) : 0,
    revision: 0,
  };
}

function drawLifespan(random: Random): LifespanPlan {
  const limits = [random.between(4, 15) * 1_000, random.between(4, 15) * 1_000, random.between(4, 15) * 1_000];
  const [shortest = 0, middle = 0, longest = 0] = limits.sort((a, b) => a - b);
  return {
    ...(random.chance(0.6) && { default: shortest }),
    ...(random.chance(0.6) && { maximum: longest }),
    ...(random.chance(0.4) && { relativeMaximum: middle }),
  };
}

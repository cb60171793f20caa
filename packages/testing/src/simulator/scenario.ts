import type { CloudTemper } from "./cloud.js";
import type { Random } from "./random.js";

/** What a provider can do, and how long its calls may take. */
export interface ProviderPlan {
  readonly temper: CloudTemper;
  readonly can: { readonly check: boolean; readonly find: boolean; readonly list: boolean; readonly reset: boolean };
  readonly settlesWithinMs: number;
  /** Shared by its pools; `undefined`: no limit. */
  readonly max: number | undefined;
}

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
  /** What comes back is dirty, and cleaned before anybody gets it. */
  readonly cleans: boolean;
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
  readonly tags: readonly string[];
  /** Changes what things are made from. */
  readonly revision: number;
}

/** Somebody who will want something. */
export interface HolderPlan {
  readonly name: string;
  readonly kind: "acquire" | "manual" | "request";
  readonly arrivesAtMs: number;
  readonly pool: string | undefined;
  readonly tags: readonly string[];
  readonly sandbox: string | undefined;
  /** Wants one that is not too old. */
  readonly minLifeMs: number | undefined;
  readonly priority: number;
  readonly waitsMs: number | undefined;
  readonly ttlMs: number | undefined;
  readonly holdsMs: number;
  /** What he asks for, if anything. */
  readonly lifespanMs: number | undefined;
  /** He asks before he wants it. */
  readonly startsLaterMs: number | undefined;
  readonly group: string | undefined;
  /** He never comes for what he was granted. */
  readonly staysAway: boolean;
}

/** Everything about a run that was decided before it began. */
export interface Scenario {
  readonly store: "memory" | "durable" | "shared";
  readonly managers: number;
  readonly providers: readonly ProviderPlan[];
  readonly pools: readonly PoolPlan[];
  readonly holders: readonly HolderPlan[];
  /** Runs that holders belong to, and when they are over. */
  readonly groups: readonly { readonly name: string; readonly endsAtMs: number }[];
  /** Faults strike for so long. */
  readonly chaosMs: number;
  /** How often faults strike: a factor, about 1. */
  readonly intensity: number;
  /** A mean of so long passes between two mishaps of machines and things. */
  readonly mishapEveryMs: number;
  readonly callTimeoutMs: number;
  readonly leaderTtlMs: number;
  /** Processes that share the store and never lead. */
  readonly clients: number;
  /** How long a session may be silent. */
  readonly sessionTtlMs: number;
  /** Somebody restores backups in this run. */
  readonly restores: boolean;
  /** Somebody listens to events. */
  readonly listens: boolean;
  /** A memory store whose installation outlives its process. */
  readonly keepsInstallation: boolean;
}

/** Draws a scenario. Mostly small ones: they find as much, and are easier to understand. */
export function drawScenario(random: Random, stores: readonly Scenario["store"][]): Scenario {
  const store = random.pick(stores);
  const large = random.chance(0.1);
  const providers = Array.from({ length: random.chance(0.3) ? 2 : 1 }, (_, n) => drawProvider(random, n, large));
  const pools = Array.from({ length: large ? 3 : random.between(1, 2) }, (_, n) =>
    drawPool(random, n, random.below(providers.length), providers, large, store),
  );
  // Beginning and calming down take half a minute and more, in which little goes wrong.
  const chaosMs = random.between(150, 300) * 1_000;
  const crowd = large ? random.between(70, 100) : random.between(34, 70);
  const holders = Array.from({ length: crowd }, (_, n) => drawHolder(random, n, pools, chaosMs, store));
  const managers = store === "shared" ? random.between(2, 5) : 1;
  return {
    store,
    managers,
    clients: store === "shared" && random.chance(0.5) ? random.between(0, managers - 1) : 0,
    sessionTtlMs: random.between(6, 20) * 1_000,
    providers,
    pools,
    holders,
    groups: [0, 1].map((n) => ({ name: `run${n}`, endsAtMs: random.between(20, 100) * 1_000 })),
    chaosMs,
    intensity: random.pick([0.8, 1.2, 1.6]),
    mishapEveryMs: random.between(1_500, 5_000),
    callTimeoutMs: random.between(2, 8) * 1_000,
    leaderTtlMs: store === "shared" ? random.between(6, 15) * 1_000 : 0,
    restores: store === "durable" && random.chance(0.5),
    listens: random.chance(0.3),
    keepsInstallation: store === "memory" && random.chance(0.5),
  };
}

function drawProvider(random: Random, n: number, large: boolean): ProviderPlan {
  const endsMaking = random.chance(0.2);
  const find = random.chance(0.6);
  const list = random.chance(0.6);
  return {
    temper: { name: `cloud${n}`, endsMaking, deletesBehind: (find || list) && random.chance(0.3) },
    can: { check: random.chance(0.6), find, list, reset: random.chance(0.6) },
    settlesWithinMs: endsMaking ? 0 : random.between(5, 15) * 1_000,
    max: random.chance(0.2) ? random.between(2, large ? 20 : 6) : undefined,
  };
}

function drawPool(
  random: Random,
  n: number,
  provider: number,
  providers: readonly ProviderPlan[],
  large: boolean,
  store: Scenario["store"],
): PoolPlan {
  const { can } = providers[provider] as ProviderPlan;
  const max = random.between(1, large ? 12 : 4);
  const reuse = random.chance(0.7);
  const keeping = reuse ? random.pick(["sandboxed", can.reset ? "cleans" : "plain", "plain"] as const) : "plain";
  return {
    name: `pool${n}`,
    provider,
    max,
    warm: random.below(max + 1),
    maxAllocating: random.between(1, 4),
    reuse,
    sandboxed: keeping === "sandboxed" ? (can.reset && random.chance(0.3) ? "reset" : "dispose") : undefined,
    idleMs: random.between(2, 20) * 1_000,
    cleans: keeping === "cleans",
    lend: random.pick(["most-recently-used", "least-recently-used", "oldest"] as const),
    maxUses: reuse && random.chance(0.2) ? random.between(2, 4) : undefined,
    maxAgeMs: random.chance(0.2) ? random.between(20, 90) * 1_000 : undefined,
    onFailed: random.pick(can.reset ? (["dispose", "reset", "hold"] as const) : (["dispose", "hold"] as const)),
    shrinkAfterMs: random.between(5, 60) * 1_000,
    checkOnAcquire: can.check && random.chance(0.3),
    checkEveryMs: random.between(4, 15) * 1_000,
    ttlMs: random.chance(0.8) ? random.between(5, 20) * 1_000 : undefined,
    graceMs: random.between(0, 5) * 1_000,
    // Between machines a lifespan is measured by wall clocks, and these may be hours apart here.
    lifespan: store !== "shared" && random.chance(0.4) ? drawLifespan(random) : undefined,
    ackWithinMs: random.chance(0.4) ? random.between(3, 8) * 1_000 : undefined,
    unclaimedMs: random.chance(0.15) ? random.between(15, 60) * 1_000 : undefined,
    tags: ["any", random.pick(["odd", "even"])],
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

function drawHolder(
  random: Random,
  n: number,
  pools: readonly PoolPlan[],
  chaosMs: number,
  store: Scenario["store"],
): HolderPlan {
  const named = random.chance(0.7);
  const pool = named ? random.pick(pools) : undefined;
  const kind = random.pick(["acquire", "manual", "request", "request"] as const);
  return {
    name: `holder${n}`,
    kind,
    arrivesAtMs: Math.floor(random.next() ** 1.3 * chaosMs * 0.9),
    pool: pool?.name,
    tags: named ? [] : [random.pick(["any", "any", "odd", "even"])],
    sandbox: random.chance(0.7) ? random.pick(["red", "green", "blue"]) : undefined,
    minLifeMs: random.chance(0.15) ? random.between(1, 15) * 1_000 : undefined,
    priority: random.chance(0.8) ? 0 : random.between(-2, 2),
    waitsMs: random.chance(0.5) ? random.between(1, 60) * 1_000 : undefined,
    ttlMs: kind === "manual" || random.chance(0.9) ? random.between(4, 15) * 1_000 : undefined,
    holdsMs: random.between(200, 9_000),
    lifespanMs: store !== "shared" && random.chance(0.25) ? random.between(1, 20) * 1_000 : undefined,
    startsLaterMs: random.chance(0.1) ? random.between(1, 10_000) : undefined,
    group: random.chance(0.15) ? `run${random.below(2)}` : undefined,
    staysAway: kind === "request" && pool?.ackWithinMs !== undefined && random.chance(0.15),
  };
}

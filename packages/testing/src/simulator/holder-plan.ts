import type { PoolPlan } from "./pool-plan.js";
import type { Random } from "./random.js";
import type { Scenario } from "./scenario.js";

/** Where from: a pool, any that has all tags, or any behind the alias. */
export interface PlacePlan {
  readonly pool?: string;
  readonly tags?: readonly string[];
  readonly alias?: string;
}

/** What matters to whom. */
interface Crowd {
  readonly chaosMs: number;
  readonly store: Scenario["store"];
  /** Names that several ask under. */
  readonly owners: readonly string[];
}

/** The alias of all pools that are made without being asked for. */
export const ALIAS = "either";

/** Somebody who will want something. */
export interface HolderPlan {
  readonly name: string;
  /** Who he says that he is; others may say the same. */
  readonly owner: string;
  readonly kind: "acquire" | "manual" | "request";
  readonly arrivesAtMs: number;
  readonly place: PlacePlan;
  /** He wants all of these or nothing, instead of one. */
  readonly items: readonly (PlacePlan & { readonly count: number })[] | undefined;
  /** He wants the one of that name. */
  readonly thing: string | undefined;
  /** He wants a dirty one, to clean it. */
  readonly cleans: boolean;
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
  /** He comes so long after he asked: what he was granted by then waits for him. */
  readonly comesAfterMs: number;
}

export function drawHolder(
  random: Random,
  n: number,
  pools: readonly PoolPlan[],
  { chaosMs, store, owners }: Crowd,
): HolderPlan {
  const place = drawPlace(random, pools);
  const pool = pools.find(({ name }) => name === place.pool);
  const kind = random.pick(["acquire", "manual", "request", "request"] as const);
  const name = `holder${n}`;
  const items = random.chance(0.2) ? drawItems(random, pools) : undefined;
  const thing = items === undefined && pool?.named && random.chance(0.4) ? `thing-${random.between(1, 6)}` : undefined;
  return {
    name,
    owner: owners.length > 0 && random.chance(0.5) ? random.pick(owners) : name,
    kind,
    arrivesAtMs: Math.floor(random.next() ** 1.3 * chaosMs * 0.9),
    place,
    items,
    thing,
    cleans: false,
    sandbox: random.chance(0.7) ? random.pick(["red", "green", "blue"]) : undefined,
    minLifeMs: items === undefined && random.chance(0.15) ? random.between(1, 15) * 1_000 : undefined,
    priority: random.chance(0.8) ? 0 : random.between(-2, 2),
    // The thing of that name may never come.
    waitsMs: thing !== undefined || random.chance(0.8) ? random.between(1, 30) * 1_000 : undefined,
    ttlMs:
      kind === "manual" || random.chance(0.9)
        ? random.between(4, 15) * (store === "shared" ? 2_000 : 1_000)
        : undefined,
    holdsMs: random.between(200, random.chance(0.7) ? 2_500 : 9_000),
    lifespanMs: store !== "shared" && random.chance(0.25) ? random.between(1, 20) * 1_000 : undefined,
    startsLaterMs: random.chance(0.1) ? random.between(1, 10_000) : undefined,
    group: random.chance(0.15) ? `run${random.below(2)}` : undefined,
    staysAway: kind === "request" && random.chance(0.15) && (items ?? [place]).every((one) => mustBeTaken(one, pools)),
    comesAfterMs: kind === "request" && random.chance(items === undefined ? 0.2 : 0.7) ? random.between(1, 15_000) : 0,
  };
}

/** Whatever comes from there goes back if nobody comes for it. */
function mustBeTaken({ pool }: PlacePlan, pools: readonly PoolPlan[]): boolean {
  return pools.find(({ name }) => name === pool)?.ackWithinMs !== undefined;
}

function drawPlace(random: Random, pools: readonly PoolPlan[]): PlacePlan {
  if (random.chance(0.65)) return { pool: random.pick(pools).name };
  if (random.chance(0.3)) return { alias: ALIAS };
  // What no pool has is asked for, too, now and then.
  const tags = pools.flatMap(({ tags, onDemand }) => [...tags.map(({ name }) => name), ...(onDemand ? ["rare"] : [])]);
  return { tags: [random.chance(0.1) ? random.pick(["odd", "even", "rare"]) : random.pick(tags)] };
}

function drawItems(random: Random, pools: readonly PoolPlan[]): HolderPlan["items"] {
  return Array.from({ length: random.between(1, 2) }, () => ({
    ...drawPlace(random, pools),
    count: random.chance(0.6) ? 1 : 2,
  }));
}

/** Who cleans what is dirty in a pool: he comes for one and gives it back as free. */
export function janitorPlan(n: number, pool: string, nowMs: number): HolderPlan {
  return {
    name: `janitor${n}`,
    owner: `janitor${n}`,
    kind: "acquire",
    arrivesAtMs: nowMs,
    place: { pool },
    items: undefined,
    thing: undefined,
    cleans: true,
    sandbox: undefined,
    minLifeMs: undefined,
    priority: 0,
    waitsMs: 2_000,
    ttlMs: 8_000,
    holdsMs: 300,
    lifespanMs: undefined,
    startsLaterMs: undefined,
    group: undefined,
    staysAway: false,
    comesAfterMs: 0,
  };
}

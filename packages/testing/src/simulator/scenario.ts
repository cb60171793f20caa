import type { CloudTemper } from "./cloud.js";
import { drawHolder, type HolderPlan } from "./holder-plan.js";
import { drawPool, type PoolPlan } from "./pool-plan.js";
import type { Random } from "./random.js";

/** What a provider can do, and how long its calls may take. */
export interface ProviderPlan {
  readonly temper: CloudTemper;
  readonly can: { readonly check: boolean; readonly find: boolean; readonly list: boolean; readonly reset: boolean };
  readonly settlesWithinMs: number;
  /** Shared by its pools; `undefined`: no limit. */
  readonly max: number | undefined;
}

/** Of those who share a name: how much is theirs. */
export interface OwnerPlan {
  readonly weight: number;
  readonly maxLeases?: number;
  readonly maxWaiting?: number;
}

/** Everything about a run that was decided before it began. */
export interface Scenario {
  readonly store: "memory" | "durable" | "shared";
  readonly managers: number;
  readonly providers: readonly ProviderPlan[];
  readonly pools: readonly PoolPlan[];
  readonly holders: readonly HolderPlan[];
  /** Names that several holders ask under; empty: nobody's name makes a difference. */
  readonly owners: Readonly<Record<string, OwnerPlan>>;
  /** They take turns. */
  readonly fair: boolean;
  /** Each step of priority is worth so long; `false`: it always goes first. */
  readonly ageing: number | false;
  /** By order, or in turn. */
  readonly alias: "order" | "turns";
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
  /** What is found without a record becomes ours again, or is deleted. */
  readonly reap: "adopt" | "delete";
  /** Somebody restores backups in this run. */
  readonly restores: boolean;
  /** Somebody listens to events. */
  readonly listens: boolean;
  /** A memory store whose installation outlives its process. */
  readonly keepsInstallation: boolean;
}

/** All kinds of stores, */
export const KINDS: readonly Scenario["store"][] = ["memory", "durable", "shared"];

/** and how often each is drawn: where several processes share a store, a run takes as long as three others. */
const KINDS_DRAWN = ["memory", "memory", "durable", "durable", "shared"] as const;

/** Draws a scenario. Mostly small ones: they find as much, and are easier to understand. */
export function drawScenario(random: Random, stores: readonly Scenario["store"][]): Scenario {
  const store = random.pick(stores.length === KINDS.length ? KINDS_DRAWN : stores);
  const large = random.chance(0.1);
  const providers = Array.from({ length: random.chance(0.3) ? 2 : 1 }, (_, n) => drawProvider(random, n, large));
  const pools = Array.from({ length: large ? 3 : random.between(1, 2) }, (_, n) =>
    drawPool(random, n, random.below(providers.length), providers, large, store),
  );
  const owners = random.chance(0.4) ? drawOwners(random) : {};
  // Beginning and calming down take half a minute and more, in which little goes wrong.
  // Whoever shares a store sends heartbeats all the time: there, more is to happen meanwhile.
  const isShared = store === "shared";
  const chaosMs = random.between(225, 450) * (isShared ? 750 : 1_000);
  const crowd = large ? random.between(120, 180) : random.between(60, 120);
  const holders = Array.from({ length: crowd }, (_, n) =>
    drawHolder(random, n, pools, { chaosMs, store, owners: Object.keys(owners) }),
  );
  const managers = isShared ? random.between(2, 5) : 1;
  return {
    store,
    managers,
    clients: isShared && random.chance(0.5) ? random.between(0, managers - 1) : 0,
    sessionTtlMs: random.between(12, 40) * 1_000,
    providers,
    pools,
    holders,
    owners,
    fair: Object.keys(owners).length > 0 && random.chance(0.5),
    ageing: random.pick([60_000, 5_000, false] as const),
    alias: random.pick(["order", "turns"] as const),
    groups: [0, 1].map((n) => ({ name: `run${n}`, endsAtMs: random.between(20, 100) * 1_000 })),
    chaosMs,
    intensity: random.pick([0.5, 1.1, 1.7]),
    mishapEveryMs: random.between(1_500, 4_000) / (isShared ? 2 : 1),
    callTimeoutMs: random.between(2, 8) * 500,
    leaderTtlMs: isShared ? random.between(6, 15) * 500 : 0,
    reap: random.chance(0.2) ? "adopt" : "delete",
    restores: store === "durable" && random.chance(0.7),
    listens: random.chance(0.3),
    keepsInstallation: store === "memory" && random.chance(0.5),
  };
}

function drawProvider(random: Random, n: number, large: boolean): ProviderPlan {
  const endsMaking = random.chance(0.2);
  const find = random.chance(0.6);
  const list = random.chance(0.65);
  return {
    temper: { name: `cloud${n}`, endsMaking, deletesBehind: (find || list) && random.chance(0.3) },
    can: { check: random.chance(0.6), find, list, reset: random.chance(0.6) },
    settlesWithinMs: endsMaking ? 0 : random.between(3, 10) * 1_000,
    max: random.chance(0.2) ? random.between(2, large ? 20 : 6) : undefined,
  };
}

function drawOwners(random: Random): Scenario["owners"] {
  const draw = (): OwnerPlan => ({
    weight: random.between(1, 3),
    ...(random.chance(0.7) && { maxLeases: random.between(1, 3) }),
    ...(random.chance(0.3) && { maxWaiting: random.between(1, 4) }),
  });
  return { ann: draw(), bob: draw() };
}

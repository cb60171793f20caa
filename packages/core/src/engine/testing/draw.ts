import type { LifespanPolicy } from "../lifespan.js";
import type { OwnerPolicy } from "../owners.js";
import type { Reuse } from "../policy.js";
import { MINUTE, type PoolSketch, type ProviderSketch, SECOND } from "./policies.js";
import type { Random } from "./random.js";

/** What an inventory has: more than most pools may. */
export const ITEMS = ["anna", "berta", "carl", "dora"];

export function drawProviders(random: Random): Record<string, ProviderSketch> {
  const providers: Record<string, ProviderSketch> = {};
  for (const name of random.chance(0.4) ? ["cloud", "iron"] : ["cloud"]) {
    providers[name] = {
      can: { check: random.chance(0.6), find: random.chance(0.5), list: random.chance(0.5), reset: random.chance(0.5) },
      settlesWithinMs: random.chance(0.2) ? 0 : 90 * SECOND,
      max: random.chance(0.4) ? 2 + random.below(4) : Number.POSITIVE_INFINITY,
      breakAfter: 2 + random.below(5),
      listTimeoutMs: 30 * SECOND,
      reap: {
        everyMs: 2 * MINUTE,
        minAgeMs: 10 * SECOND,
        limit: 1 + random.below(10),
        mode: random.chance(0.2) ? "adopt" : "delete",
      },
    };
  }
  return providers;
}

export function drawPools(random: Random, providers: readonly string[]): Record<string, PoolSketch> {
  const pools: Record<string, PoolSketch> = {};
  for (const name of ["one", "two", "three"].slice(0, 1 + random.below(3))) {
    pools[name] = {
      provider: random.pick(providers) as string,
      ...drawSize(random),
      maxAllocating: 1 + random.below(4),
      allocateDelayMs: random.chance(0.2) ? 3 * SECOND : 0,
      shrinkAfterMs: random.chance(0.2) ? 0 : 2 * MINUTE,
      tags: ["a", "b", "c"].filter(() => random.chance(0.5)).map((tag) => ({ name: tag, priority: random.below(2) })),
      check: {
        everyMs: random.chance(0.2) ? Number.POSITIVE_INFINITY : 2 * MINUTE,
        attempts: 1 + random.below(3),
        onAcquire: random.chance(0.3),
      },
      maxAgeMs: random.chance(0.2) ? 20 * MINUTE : Number.POSITIVE_INFINITY,
      ...drawKeeping(random),
      counters: ["port", "display"].filter(() => random.chance(0.2)),
      ...drawNames(random),
      lend: random.pick(["most-recently-used", "least-recently-used", "oldest"] as const) as "oldest",
      onFailed: random.pick(["dispose", "reset", "hold"] as const) as "dispose",
      holdForMs: 3 * MINUTE,
      onPermanent: random.chance(0.5) ? "reject" : "wait",
      // Longer than it takes to make a whole buffer one after the other: otherwise that is replaced for ever.
      ...(random.chance(0.15) && { unclaimedMs: (130 + random.below(100)) * SECOND }),
      lease: {
        ttlMs: MINUTE,
        graceMs: random.chance(0.2) ? 0 : 15 * SECOND,
        ...(random.chance(0.3) && { ackWithinMs: 20 * SECOND }),
        ...(random.chance(0.4) && { lifespan: drawLifespan(random) }),
      },
      backoff: { firstMs: SECOND, maxMs: MINUTE },
      maxUnavailable: 1 + random.below(2),
      timeouts: { allocateMs: MINUTE, deleteMs: MINUTE, resetMs: MINUTE, findMs: 30 * SECOND },
    };
  }
  return pools;
}

/** Whether resources have names: what `find` and `allocate` say of them, and no checkpoint; or an inventory's, by slot. */
function drawNames(random: Random): Pick<PoolSketch, "names" | "nameOf"> {
  if (random.chance(0.3)) return { nameOf: (data) => (data as { at?: string } | undefined)?.at };
  if (random.chance(0.8)) return {};
  return { names: ITEMS, nameOf: (data) => ITEMS[(data as { slot?: number } | undefined)?.slot ?? -1] };
}

function drawKeeping(random: Random): Pick<PoolSketch, "reuse" | "conditions" | "maxUses"> {
  const maxUses = random.chance(0.3) ? 1 + random.below(4) : Number.POSITIVE_INFINITY;
  if (random.chance(0.8)) return { reuse: drawReuse(random), maxUses };
  const names = ["free", "dirty", "cleaning"];
  const silent = { in: ["free", "cleaning"], afterMs: MINUTE, to: "dirty" };
  return {
    reuse: true,
    conditions: {
      names,
      initial: random.pick(["free", "free", "dirty"]) as string,
      released: random.pick(names) as string,
      abandoned: random.pick(["dirty", "dirty", "free"]) as string,
      clean: random.chance(0.7) ? { from: "dirty", via: "cleaning", to: "free" } : undefined,
      silent: random.chance(0.3) ? silent : undefined,
    },
  };
}

function drawReuse(random: Random): boolean | Partial<Reuse> {
  if (random.chance(0.6)) return random.chance(0.5);
  return {
    within: random.pick(["any", "owner", "sandbox"] as const) as "any",
    idleMs: random.below(3) * MINUTE,
    maxAgeMs: random.chance(0.3) ? 5 * MINUTE : Number.POSITIVE_INFINITY,
    leave: random.chance(0.5) ? "reset" : "dispose",
  };
}

export function drawSize(random: Random): { max: number; warm: number } {
  const max = 1 + random.below(5);
  return { max, warm: random.below(max + 1) };
}

function drawLifespan(random: Random): Partial<LifespanPolicy> {
  const length = () => (10 + random.below(150)) * SECOND;
  return {
    ...(random.chance(0.5) && { defaultMs: length() }),
    ...(random.chance(0.5) && { maximumMs: length() }),
    ...(random.chance(0.3) && { relativeMaximumMs: length() }),
  };
}

/** What each who asks may have. */
export function drawOwners(random: Random): Record<string, OwnerPolicy> {
  return Object.fromEntries(["ann", "bob", "cat"].map((name) => [name, drawOwner(random)]));
}

function drawOwner(random: Random): OwnerPolicy {
  return {
    weight: 1 + random.below(3),
    maxLeases: random.chance(0.5) ? 1 + random.below(4) : Number.POSITIVE_INFINITY,
    maxWaiting: random.chance(0.3) ? random.below(5) : Number.POSITIVE_INFINITY,
  };
}

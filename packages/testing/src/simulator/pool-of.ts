import { definePool } from "@warmpool/core";
import type { ThingData } from "./cloud.js";
import type { cloudProvider } from "./cloud-provider.js";
import type { PoolPlan } from "./pool-plan.js";
import type { Scenario } from "./scenario.js";

/** What comes back is dirty, however it does, and nobody gets it before it is clean. */
const CLEANED = {
  reset: {
    names: ["free", "dirty", "cleaning"],
    released: "dirty",
    clean: { from: "dirty", via: "cleaning", to: "free" },
  },
  janitor: {
    names: ["free", "dirty", "cleaning"],
    released: "dirty",
    silent: { in: "cleaning", after: "20s", to: "dirty" },
  },
} as const;

function sandboxed(leave: "dispose" | "reset", idle: number) {
  return { within: "sandbox" as const, idle, leave };
}

/** A pool in words of the public API. */
export function poolOf(plan: PoolPlan, providers: readonly ReturnType<typeof cloudProvider>[], scenario: Scenario) {
  const { callTimeoutMs: timeout } = scenario;
  const provider = providers[plan.provider] as ReturnType<typeof cloudProvider>;
  return definePool({
    provider,
    params: { revision: plan.revision },
    max: plan.max,
    warm: plan.warm,
    maxAllocating: plan.maxAllocating,
    shrinkAfter: plan.shrinkAfterMs,
    tags: plan.tags,
    ...(plan.onDemand && { tagsOnDemand: ["rare"] }),
    counters: plan.counters,
    ...(plan.named && { nameOf: ({ n }: ThingData) => `thing-${n}` }),
    allocateDelay: plan.allocateDelayMs,
    ...(provider.check !== undefined && {
      check: { every: plan.checkEveryMs, attempts: 2, timeout, onAcquire: plan.checkOnAcquire },
    }),
    ...(plan.maxUses !== undefined && { maxUses: plan.maxUses }),
    ...(plan.maxAgeMs !== undefined && { maxAge: plan.maxAgeMs }),
    ...(plan.cleanedBy !== undefined
      ? { conditions: CLEANED[plan.cleanedBy] }
      : { reuse: plan.sandboxed === undefined ? plan.reuse : sandboxed(plan.sandboxed, plan.idleMs) }),
    lend: plan.lend,
    onFailed: plan.onFailed,
    holdFor: "10s",
    ...(plan.unclaimedMs !== undefined && { unclaimed: plan.unclaimedMs }),
    lease: {
      ...(plan.ttlMs !== undefined && { ttl: plan.ttlMs }),
      grace: plan.graceMs,
      ...(plan.ackWithinMs !== undefined && { ackWithin: plan.ackWithinMs }),
      ...(plan.lifespan !== undefined && { lifespan: plan.lifespan }),
    },
    backoff: { first: "100ms", max: "1s" },
    timeouts: { allocate: timeout, delete: timeout, reset: timeout, find: timeout },
  });
}

// Options are checked by name, kind and unit.
import { createManager, createPool, type Duration, definePool, memoryStore, type Provider } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";

const provider: Provider<string> = { name: "p", allocate: async () => "a", delete: async () => {} };

createPool({
  provider,
  name: "web",
  max: 8,
  warm: 3,
  maxAllocating: 2,
  allocateDelay: "250ms",
  shrinkAfter: "0.5h",
  tags: ["x86_64", { name: "fast", priority: 2 }],
  check: { every: "1m", attempts: 3, timeout: 10_000, onAcquire: true },
  maxUses: 10,
  maxAge: "1d",
  reuse: true,
  onFailed: "hold",
  holdFor: "1h",
  onPermanent: "wait",
  lease: { ttl: "2m", grace: "30s" },
  acquireTimeout: "5m",
  backoff: { first: "1s", max: "5m" },
  maxUnavailable: 2,
  timeouts: { allocate: "15m", delete: "5m", reset: "5m", find: "1m" },
  store: memoryStore({ installation: "abcdefgh" }),
  owner: "me",
  providers: { p: { max: 10, breakAfter: 3, listTimeout: "1m", reap: { mode: "report" } } },
  reap: { every: "5m", minAge: "10m", limit: 5, mode: "adopt" },
  keepClosed: "1d",
  releaseTimeout: "10s",
  closeTimeout: "30s",
  backlog: 1_000,
  allowExitOnIdle: true,
});

const durations: Duration[] = [0, 1.5, 60_000, "250ms", "30s", "5m", "2h", "1d", "1.5h"];
durations.push(1);

// ── Durations ────────────────────────────────────────────────────────────────────────────────────────────────────────

// @ts-expect-error: the unit is m
createPool({ provider, max: 1, acquireTimeout: "5 minutes" });
// @ts-expect-error: no such unit
createPool({ provider, max: 1, acquireTimeout: "5x" });
// @ts-expect-error: no unit
createPool({ provider, max: 1, acquireTimeout: "5" });
// @ts-expect-error: no number
createPool({ provider, max: 1, lease: { ttl: "m" } });
// @ts-expect-error: no such unit
definePool({ provider, max: 1, check: { every: "1min" } });
const pool = createPool({ provider, max: 1 });
// @ts-expect-error: no such unit
await pool.acquire({ timeout: "5 sec" });
// @ts-expect-error: no such unit
await pool.close({ timeout: "5x" });
// @ts-expect-error: no such unit
sqliteStore("a.db", { waitForOwner: "5x" });

// ── Names ────────────────────────────────────────────────────────────────────────────────────────────────────────────

// @ts-expect-error: it is warm
createPool({ provider, max: 1, warn: 1 });
// @ts-expect-error: it is warm
definePool({ provider, max: 1, warn: 1 });
// @ts-expect-error: max is required
createPool({ provider });
// @ts-expect-error: max is required
definePool({ provider });
// @ts-expect-error: the provider is required
createPool({ max: 1 });
// @ts-expect-error: it is every
createPool({ provider, max: 1, check: { evry: "1m" } });
// @ts-expect-error: it is ttl
definePool({ provider, max: 1, lease: { tll: "1m" } });
// @ts-expect-error: the name is the namespace
createPool({ provider, max: 1, namespace: "a" });
// @ts-expect-error: it is timeout
await pool.acquire({ timout: "1m" });
// @ts-expect-error: it is requestId
await pool.request({ requestID: "a" });
// @ts-expect-error: it is resources
await pool.close({ resource: "keep" });
// @ts-expect-error: it is namespace
createManager({ pools: { a: definePool({ provider, max: 1 }) }, nameSpace: "a" });
// @ts-expect-error: a pool of a manager has its name there
definePool({ provider, max: 1, name: "a" });
// @ts-expect-error: the store is the manager's
definePool({ provider, max: 1, store: memoryStore() });

// ── Kinds ────────────────────────────────────────────────────────────────────────────────────────────────────────────

// @ts-expect-error: a number
createPool({ provider, max: "8" });
// @ts-expect-error: no such verdict of the pool
createPool({ provider, max: 1, onFailed: "delete" });
// @ts-expect-error: a tag is a text, or { name, priority }
createPool({ provider, max: 1, tags: [1] });
// @ts-expect-error: keep or delete
await pool.close({ resources: "drop" });
// @ts-expect-error: no such mode
createPool({ provider, max: 1, reap: { mode: "kill" } });
// @ts-expect-error: a provider has allocate and delete
createPool({ provider: { name: "p", allocate: async () => "a" }, max: 1 });

import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { createManager, createPool, definePool, memoryStore, type Provider } from "../index.js";
import { parseManager } from "./manager-options.js";
import { parsePool } from "./pool-options.js";
import { MapStore } from "./testing/map-store.js";
import { scene } from "./testing/scene.js";
import { settled } from "./testing/simulated-clock.js";

const provider: Provider<{ n: number }> = { name: "cloud", allocate: async () => ({ n: 1 }), delete: async () => {} };
const never = Number.POSITIVE_INFINITY;
const NOT_A_DURATION =
  'must be a duration (milliseconds, or a number with one of the units ms, s, m, h, d, such as "30s")';

/** What `createPool` says to these options. */
function complaint(options: object): { code: string; message: string; paths: string[] } {
  try {
    void createPool({ provider, max: 2, ...options } as never).close();
  } catch (error) {
    const { code, message, details } = error as never as {
      code: string;
      message: string;
      details: { problems: { path: string }[] };
    };
    return { code, message, paths: details.problems.map(({ path }) => path) };
  }
  throw new Error("nothing was wrong");
}

describe("options of a pool that do not parse", () => {
  test.each<[object, string]>([
    [
      { provider: undefined },
      "provider: is required: it must be a provider: an object with name, allocate and delete.",
    ],
    [{ provider: { name: "x" } }, "provider: must be a provider: an object with name, allocate and delete."],
    [
      { provider: { ...provider, name: "" } },
      "provider: must be a provider: an object with name, allocate and delete.",
    ],
    [
      { provider: { ...provider, settlesWithin: "soon" } },
      'provider.settlesWithin: "soon" is not a duration. Give milliseconds as a number, or a number with one of the units ms, s, m, h, d, such as "30s".',
    ],
    [{ max: undefined }, "max: is required: it must be a whole number."],
    [{ max: "8" }, 'max: must be a whole number, not "8".'],
    [{ max: 0 }, "max: must be 1 or more, not 0."],
    [{ max: 1.5 }, "max: must be a whole number, not 1.5."],
    [{ max: never }, "max: must be a whole number, not Infinity."],
    [{ warm: -1 }, "warm: must be 0 or more, not -1."],
    [{ warm: 3 }, "warm: is 3, above max (2). Raise max, or keep fewer warm."],
    [{ maxAllocating: 0 }, "maxAllocating: must be 1 or more, not 0."],
    [{ allocateDelay: -5 }, `allocateDelay: ${NOT_A_DURATION}, not -5.`],
    [{ shrinkAfter: "10 minutes" }, `shrinkAfter: ${NOT_A_DURATION}, not "10 minutes".`],
    [{ tags: "linux" }, 'tags: must be a list of tags, not "linux".'],
    [{ tags: [""] }, 'tags.0: must not be empty, not "".'],
    [{ tags: [5] }, "tags.0: must be a text, or { name, priority }, not 5."],
    [{ tags: [null] }, "tags.0: must be a text, or { name, priority }, not null."],
    [{ tags: [{}] }, "tags.0.name: is required: it must be a text."],
    [{ tags: ["a", { name: "b", prio: 1 }] }, "tags.1.prio: unknown option, known are name, priority."],
    [{ tags: [{ name: "b", priority: "1" }] }, 'tags.0.priority: must be a whole number, not "1".'],
    [{ tags: ["a", { name: "a" }] }, 'tags: has "a" twice.'],
    [{ counters: ["display", "display"] }, 'counters: has "display" twice.'],
    [{ check: true }, "check: must be an object, not true."],
    [{ check: ["1m"] }, "check: must be an object."],
    [{ check: {} }, 'check: provider "cloud" has no check.'],
    [{ check: { every: 0 } }, "check.every: must be longer than 0, not 0."],
    [{ check: { evry: "1m" } }, 'check.evry: unknown option, did you mean "every"?'],
    [{ check: { attempts: 0 } }, "check.attempts: must be 1 or more, not 0."],
    [{ check: { timeout: "0s" } }, 'check.timeout: must be longer than 0, not "0s".'],
    [{ check: { onAcquire: "yes" } }, 'check.onAcquire: must be true or false, not "yes".'],
    [{ maxUses: 0, reuse: true }, "maxUses: must be 1 or more, not 0."],
    [{ maxUses: 2 }, "maxUses: is above 1, but resources are not reused. Set reuse: true."],
    [{ maxAge: 0 }, "maxAge: must be longer than 0, not 0."],
    [{ reuse: 1 }, "reuse: must be true, false, or an object, not 1."],
    [{ reuse: { within: "team" } }, 'reuse.within: must be "any", "owner" or "sandbox", not "team".'],
    [
      { reuse: { idle: "5m" } },
      'reuse.idle: needs within: "owner" or "sandbox": otherwise nothing is kept for anybody.',
    ],
    [{ reuse: { within: "owner", leave: "reset" } }, 'reuse.leave: is "reset", but provider "cloud" has no reset.'],
    [{ lend: "newest" }, 'lend: must be "most-recently-used", "least-recently-used" or "oldest", not "newest".'],
    [{ onFailed: "delete" }, 'onFailed: must be "dispose", "reset" or "hold", not "delete".'],
    [{ onFailed: "reset" }, 'onFailed: is "reset", but provider "cloud" has no reset.'],
    [{ holdFor: "1w" }, `holdFor: ${NOT_A_DURATION}, not "1w".`],
    [{ onPermanent: "throw" }, 'onPermanent: must be "reject" or "wait", not "throw".'],
    [{ lease: "2m" }, 'lease: must be an object, not "2m".'],
    [{ lease: { tll: "2m" } }, 'lease.tll: unknown option, did you mean "ttl"?'],
    [{ lease: { ttl: 0 } }, "lease.ttl: must be longer than 0, not 0."],
    [{ lease: { grace: null } }, `lease.grace: ${NOT_A_DURATION}, not null.`],
    [{ acquireTimeout: Number.NaN }, `acquireTimeout: ${NOT_A_DURATION}, not NaN.`],
    [{ acquireTimeout: never }, `acquireTimeout: ${NOT_A_DURATION}, not Infinity.`],
    [{ backoff: { first: 0 } }, "backoff.first: must be longer than 0, not 0."],
    [{ backoff: { first: "10m" } }, "backoff.first: is 10m, longer than backoff.max (5m)."],
    [{ maxUnavailable: 0 }, "maxUnavailable: must be 1 or more, not 0."],
    [{ timeouts: { alocate: "5m" } }, 'timeouts.alocate: unknown option, did you mean "allocate"?'],
    [{ timeouts: { allocate: 0 } }, "timeouts.allocate: must be longer than 0, not 0."],
    [{ wram: 1 }, 'wram: unknown option, did you mean "warm"?'],
    [{ namespace: "x" }, "namespace: is the pool's name: set name."],
  ])("%j", (options, message) => {
    expect(complaint(options)).toMatchObject({ code: "INVALID_OPTIONS", message, paths: [message.split(":")[0]] });
  });

  test("are all told at once", () => {
    expect(complaint({ max: 0, warm: "x", check: { attempts: 0 } }).paths).toEqual(["max", "warm", "check.attempts"]);
    expect(complaint({ max: 0, check: { attempts: 0, evry: 1, timout: 1 } }).paths).toEqual([
      "max",
      "check.attempts",
      "check.evry",
      "check.timout",
    ]);
  });

  test("show no secrets: what objects hold is not told", () => {
    expect(complaint({ owner: { password: "hunter2" } }).message).toBe("owner: must be a text.");
    expect(complaint({ shrinkAfter: "y".repeat(99) }).message).toContain(`not "${"y".repeat(40)}…"`);
  });

  test("an unknown option that is near none names all", () => {
    expect(complaint({ frobnicate: 1 }).message).toMatch(
      /^frobnicate: unknown option, known are provider, params, max,/,
    );
  });
});

describe("options of a manager that do not parse", () => {
  test.each<[object, string]>([
    [{ name: "" }, "name: must be a text, and not empty."],
    [{ name: 5 }, "name: must be a text, and not empty."],
    [{ store: {} }, "store: must be a store, such as memoryStore() or sqliteStore(path)."],
    [{ store: "pool.db" }, 'store: must be a store, such as memoryStore() or sqliteStore(path), not "pool.db".'],
    [{ owner: "" }, 'owner: must not be empty, not "".'],
    [{ logger: { info() {} } }, "logger: must have debug, info, warn and error."],
    [{ providers: { cloud: { mx: 1 } } }, 'providers.cloud.mx: unknown option, did you mean "max"?'],
    [{ providers: { cloud: { max: 0 } } }, "providers.cloud.max: must be 1 or more, not 0."],
    [{ providers: { cloud: { breakAfter: 0 } } }, "providers.cloud.breakAfter: must be 1 or more, not 0."],
    [{ providers: { cloud: { listTimeout: 0 } } }, "providers.cloud.listTimeout: must be longer than 0, not 0."],
    [
      { providers: { cloud: { reap: { limt: 3 } } } },
      'providers.cloud.reap.limt: unknown option, did you mean "limit"?',
    ],
    [{ providers: { cluod: {} } }, 'providers.cluod: no pool has a provider of that name, did you mean "cloud"?'],
    [{ providers: { aws: {} } }, "providers.aws: no pool has a provider of that name, the providers are cloud."],
    [{ providers: 5 }, "providers: must be an object, not 5."],
    [{ reap: { every: 0 } }, "reap.every: must be longer than 0, not 0."],
    [{ reap: { minAge: "x" } }, `reap.minAge: ${NOT_A_DURATION}, not "x".`],
    [{ reap: { limit: 0 } }, "reap.limit: must be 1 or more, not 0."],
    [{ reap: { mode: "kill" } }, 'reap.mode: must be "delete", "adopt" or "report", not "kill".'],
    [{ keepClosed: "x" }, `keepClosed: ${NOT_A_DURATION}, not "x".`],
    [{ releaseTimeout: -1 }, `releaseTimeout: ${NOT_A_DURATION}, not -1.`],
    [{ closeTimeout: -1 }, `closeTimeout: ${NOT_A_DURATION}, not -1.`],
    [{ backlog: 0 }, "backlog: must be 1 or more, not 0."],
    [{ allowExitOnIdle: 1 }, "allowExitOnIdle: must be true or false, not 1."],
    [{ clock: {} }, "clock: must be a Clock."],
    [{ ids: {} }, "ids: must be an Ids."],
  ])("%j", (options, message) => {
    expect(complaint(options)).toMatchObject({ code: "INVALID_OPTIONS", message });
  });

  test.each<[object, string]>([
    [{}, "pools: must be an object with at least one pool."],
    [{ pools: {} }, "pools: must be an object with at least one pool."],
    [{ pools: { web: { provider } } }, "pools.web.max: is required: it must be a whole number."],
    [
      { pools: { web: { provider, max: 1, lease: { tll: 1 } } } },
      'pools.web.lease.tll: unknown option, did you mean "ttl"?',
    ],
    [
      { pools: { web: definePool({ provider, max: 1 }) }, namespce: "x" },
      'namespce: unknown option, did you mean "namespace"?',
    ],
    [{ pools: { "": definePool({ provider, max: 1 }) } }, "pools: has a pool without a name."],
  ])("of several pools: %j", (options, message) => {
    expect(() => createManager(options as never)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTIONS", message }),
    );
  });

  test("the installation of a memory store", () => {
    expect(() => memoryStore({ installation: "short" })).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
  });
});

describe("options of acquire() and request() that do not parse", () => {
  const both = ["acquire", "request"] as const;
  test.each<[readonly ("acquire" | "request")[], unknown, string]>([
    [both, { timeuot: 5 }, 'timeuot: unknown option, did you mean "timeout"?'],
    [both, { timeout: "soon" }, 'timeout: "soon" is not a duration.'],
    [both, { timeout: -1 }, "timeout: -1 is not a duration."],
    [both, { ttl: 0 }, "ttl: must be longer than 0."],
    [both, { owner: "" }, "owner: must be a text, and not empty."],
    [both, { priority: 1.5 }, "priority: must be a whole number."],
    [both, { params: {} }, "params: this pool takes no parameters."],
    [["acquire"], { signal: {} }, "signal: must be an AbortSignal."],
    [["acquire"], { renew: "never" }, 'renew: must be "auto" or "manual".'],
    [["acquire"], { requestId: "x" }, "requestId: unknown option"],
    [["request"], { requestId: "" }, "requestId: must be a text, and not empty."],
    [["request"], { signal: {} }, "signal: unknown option"],
    [both, "web", "options: must be an object."],
    [both, null, "options: must be an object."],
    [both, { tags: "x" }, "tags: must be a list of texts."],
    [both, { pool: "" }, "pool: must be a text, and not empty."],
  ])("%s(%j)", async (calls, options, message) => {
    const manager = createManager({ pools: { web: definePool({ provider, max: 1 }) } });
    for (const call of calls) {
      const rejected = (manager[call] as (options: never) => Promise<unknown>).call(manager, options as never);
      await expect(rejected).rejects.toMatchObject({
        code: "INVALID_OPTIONS",
        message: expect.stringContaining(message),
      });
    }
    await manager.close();
  });

  test("the pool of use() is asked for its function", async () => {
    await using pool = createPool({ provider, max: 1 });
    await expect(pool.use({} as never, undefined as never)).rejects.toThrow("fn: is required.");
    expect((await pool.resources()).length).toBe(0);
  });

  test("explicit undefined is as good as nothing", async () => {
    await using pool = createPool({ provider, max: 1, warm: undefined, check: undefined, store: undefined } as never);
    await using lease = await pool.acquire({ timeout: undefined, signal: undefined } as never);
    expect(lease.active).toBe(true);
  });
});

describe("defaults", () => {
  test("of a pool", () => {
    expect(parsePool("web", { provider: provider as never, max: 2 }, true)).toEqual({
      provider,
      params: undefined,
      acquireTimeoutMs: 300_000,
      policy: {
        name: "web",
        max: 2,
        warm: 0,
        maxAllocating: 4,
        allocateDelayMs: 0,
        shrinkAfterMs: 600_000,
        tags: [],
        check: { everyMs: 60_000, attempts: 3, timeoutMs: 10_000, onAcquire: false },
        maxUses: never,
        maxAgeMs: never,
        unclaimedMs: never,
        reuse: undefined,
        lend: "most-recently-used",
        tagsOnDemand: [],
        aliases: [],
        counters: [],
        conditions: undefined,
        nameOf: undefined,
        names: undefined,
        onFailed: "dispose",
        holdForMs: 3_600_000,
        onPermanent: "reject",
        lease: { ttlMs: 120_000, graceMs: 30_000, ackWithinMs: undefined, lifespan: undefined },
        backoff: { firstMs: 1_000, maxMs: 300_000 },
        maxUnavailable: 1,
        timeouts: { allocateMs: 900_000, deleteMs: 300_000, resetMs: 300_000, findMs: 60_000 },
        spec: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    });
  });

  test("of a pool in memory: leases end only by their holders", () => {
    const { policy } = parsePool("web", { provider: provider as never, max: 2 }, false);
    expect(policy.lease).toMatchObject({ ttlMs: undefined, graceMs: 30_000 });
  });

  test("of reuse are the provider's", () => {
    const reusing = { ...provider, reuse: true } as never;
    expect(parsePool("web", { provider: reusing, max: 2 }, false).policy.reuse).toEqual({
      within: "any",
      idleMs: 600_000,
      maxAgeMs: never,
      leave: "dispose",
    });
    expect(parsePool("web", { provider: reusing, max: 2, reuse: false }, false).policy.reuse).toBeUndefined();
  });

  test("of a manager", () => {
    const parsed = parseManager({});
    expect(parsed).toMatchObject({
      namespace: "default",
      owner: undefined,
      keepClosedMs: 86_400_000,
      releaseTimeoutMs: 10_000,
      closeTimeoutMs: 30_000,
      backlog: 100_000,
      allowExitOnIdle: false,
      store: { name: "memory", durable: false },
    });
    expect(parsed.policyOf(provider as never)).toEqual({
      name: "cloud",
      can: { check: false, find: false, list: false, reset: false },
      settlesWithinMs: 900_000,
      max: never,
      breakAfter: 5,
      listTimeoutMs: 120_000,
      reap: { everyMs: 300_000, minAgeMs: 600_000, limit: 10, mode: "delete" },
    });
  });

  test("of a provider's reaping are the manager's", () => {
    const parsed = parseManager({
      reap: { every: "1m", mode: "report" },
      providers: { cloud: { reap: { mode: "adopt" } } },
    });
    expect(parsed.policyOf(provider as never).reap).toEqual({
      everyMs: 60_000,
      minAgeMs: 600_000,
      limit: 10,
      mode: "adopt",
    });
    expect(parsed.policyOf({ ...provider, name: "constructor" } as never)).toMatchObject({ max: never, breakAfter: 5 });
  });

  test("of a provider give way to its own options, whatever its name", () => {
    const parsed = parseManager({ providers: { constructor: { max: 3 } } });
    expect(parsed.policyOf({ ...provider, name: "constructor" } as never)).toMatchObject({ max: 3, breakAfter: 5 });
  });

  test("of an acquire: this process, priority 0, the pool's wait; the pool and namespace are called pool", async () => {
    const store = new MapStore();
    const pool = await scene().durable({ store, max: 1 });
    await pool.acquire();
    void pool.acquire().catch(() => {});
    await settled();
    const [record] = await pool.tickets({ state: "waiting" });
    expect(pool.name).toBe("pool");
    expect(record).toMatchObject({
      owner: `${hostname()}:${process.pid}`,
      priority: 0,
      renewal: "session",
      ttlMs: 120_000,
      waitUntilAtMs: (record?.createdAtMs ?? 0) + 300_000,
      items: [{ pool: "pool", count: 1 }],
    });
    const { id } = await pool.request();
    const request = (await pool.tickets()).find((ticket) => ticket.id === id);
    expect(request).not.toHaveProperty("session");
    expect(request).not.toHaveProperty("waitUntilAtMs");
    expect(request).not.toHaveProperty("ttlMs");
  });
});

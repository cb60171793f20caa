import { describe, expect, test } from "vitest";
import { createManager, createPool, definePool, inventoryProvider } from "../index.js";
import { scene } from "./testing/scene.js";
import { outcome } from "./testing/simulated-clock.js";

const conditions = ["free", "dirty", "busy"];

describe("conditions", () => {
  test("are asked for, set with the lease, and left behind", async () => {
    const pool = await scene().durable({ conditions, max: 1 });
    const lease = await pool.acquire({ condition: "free", set: "busy" });
    expect(lease.condition).toBe("busy");
    expect(await pool.resources({ condition: "busy" })).toMatchObject([{ id: 1, state: "leased" }]);
    await lease.release({ condition: "dirty" });
    expect(await pool.resources({ condition: "dirty" })).toMatchObject([{ id: 1, state: "ready" }]);
    expect(await outcome(pool.acquire())).toBe("pending");
  });

  test.each([
    [{ condition: "fre" }, 'condition: "fre" is no condition of this pool, did you mean "free"?'],
    [{ set: "clean" }, 'set: "clean" is no condition of this pool, they are free, dirty, busy.'],
  ])("a typo in acquire names the nearest: %j", async (options, message) => {
    const pool = await scene().memory({ conditions });
    await expect(pool.acquire(options)).rejects.toMatchObject({ code: "INVALID_OPTIONS", message });
  });

  test("a typo in release names the nearest, and the lease goes on", async () => {
    const pool = await scene().memory({ conditions });
    const lease = await pool.acquire();
    await expect(lease.release({ condition: "drity" })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: 'condition: "drity" is no condition of this pool, did you mean "dirty"?',
    });
    expect(lease.active).toBe(true);
    await lease.release({ condition: "dirty" });
  });

  test("in a pool that has none are an error that says so", async () => {
    const pool = await scene().memory({ name: "web" });
    await expect(pool.acquire({ condition: "free" })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: 'condition: pool "web" has no conditions.',
    });
    const lease = await pool.acquire();
    await expect(lease.release({ condition: "free" })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });

  test("released again into another one rejects", async () => {
    const lease = await (await scene().memory({ conditions })).acquire();
    await lease.release({ condition: "dirty" });
    await lease.release({ condition: "dirty" });
    await expect(lease.release({ condition: "free" })).rejects.toMatchObject({ code: "LEASE_ENDED" });
  });
});

describe("taking away what silent holders have, without", () => {
  const whole = { condition: "busy", silentFor: "1m", to: "dirty" } as const;

  test.each([
    [{ ...whole, condition: undefined }, "condition: is required: one of free, dirty, busy."],
    [{ ...whole, to: undefined }, "to: is required: one of free, dirty, busy."],
    [{ ...whole, to: "drity" }, 'to: "drity" is no condition of this pool, did you mean "dirty"?'],
    [{ ...whole, silentFor: undefined }, "silentFor: is required: it is a duration."],
    [undefined, "silentFor: is required: it is a duration."],
  ])("all that it needs is an error that says what is missing: %j", async (options, message) => {
    const pool = await scene().memory({ conditions });
    await expect(pool.resetSilent(options as never)).rejects.toMatchObject({ code: "INVALID_OPTIONS", message });
  });

  test("conditions in the pool, or a pool, is an error too", async () => {
    const manager = createManager({ pools: { web: definePool({ provider: scene().cloud.provider(), max: 1 }) } });
    await expect(manager.resetSilent({ pool: "web", ...whole })).rejects.toThrow('pool "web" has no conditions');
    await expect(manager.resetSilent(undefined as never)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });
});

describe("user data", () => {
  test("is seen by the holder, in listings, and by the next holder", async () => {
    const pool = await scene().durable({ conditions, max: 1 });
    const lease = await pool.acquire();
    expect(lease.userData).toEqual({});
    await lease.update({ task: "t1", step: 1 });
    await lease.update({ step: null });
    expect(lease.userData).toEqual({ task: "t1" });
    expect(await pool.resources()).toMatchObject([{ userData: { task: "t1" } }]);
    await lease.release();
    expect((await pool.acquire()).userData).toEqual({ task: "t1" });
  });

  test("that is not JSON is refused", async () => {
    const lease = await (await scene().memory()).acquire();
    await expect(lease.update({ when: new Date(0) })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: "userData: userData.when (a Date) is not JSON.",
    });
    await expect(lease.update("x" as never)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });

  test("of a lease that is over is refused", async () => {
    const lease = await (await scene().memory()).acquire();
    await lease.release();
    await expect(lease.update({})).rejects.toMatchObject({ code: "LEASE_ENDED" });
  });

  test("is written when the store, which was lost meanwhile, is open again", async () => {
    const { store, durable } = scene();
    const pool = await durable({ conditions });
    const lease = await pool.acquire();
    store.faults.push("is fenced");
    await lease.update({ a: 1 });
    expect(await pool.resources()).toMatchObject([{ userData: { a: 1 } }]);
  });
});

test("silent holders lose what they have by a command, which says who they were", async () => {
  const { clock, memory } = scene();
  const pool = await memory({ conditions });
  const lease = await pool.acquire({ set: "busy", owner: "ann", renew: "manual", ttl: "1d" });
  await clock.advance(600_000);
  expect(await pool.resetSilent({ condition: "busy", silentFor: "11m", to: "dirty" })).toEqual([]);
  const reset = await pool.resetSilent({ condition: "busy", silentFor: "10m", to: "dirty" });
  expect(reset).toEqual([{ resource: 1, name: undefined, owner: "ann" }]);
  expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST" });
  await expect(lease.update({})).rejects.toMatchObject({ code: "LEASE_LOST" });
  await expect(pool.resetSilent({ condition: "busi", silentFor: 1, to: "dirty" })).rejects.toMatchObject({
    code: "INVALID_OPTIONS",
  });
});

describe("names", () => {
  const phones = { anna: { port: 1 }, berta: { port: 2 } };

  test("of an inventory are what its things are acquired by, made or not", async () => {
    const pool = createPool({ provider: inventoryProvider({ items: phones }), max: 2 });
    const lease = await pool.acquire({ name: "berta" });
    expect([lease.name, lease.data]).toEqual(["berta", { port: 2, name: "berta" }]);
    expect(await pool.resources({ name: "berta" })).toMatchObject([{ slot: 1, name: "berta" }]);
    await pool.close();
  });

  test("that an inventory does not have are an error that names the nearest", async () => {
    const pool = createPool({ name: "phones", provider: inventoryProvider({ items: phones }), max: 2 });
    await expect(pool.acquire({ name: "bertha" })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: 'name: pool "phones" never has "bertha", did you mean "berta"?',
    });
    await pool.close();
  });

  test("are what nameOf says of the data; one that throws names nothing", async () => {
    const { memory } = scene();
    const pool = await memory({ reuse: true, nameOf: ({ n }: { n: number }) => `thing-${n}` });
    await (await pool.acquire()).release();
    expect((await pool.acquire({ name: "thing-1" })).name).toBe("thing-1");
    const broken = await scene().memory({
      nameOf: () => {
        throw new Error("no name");
      },
    });
    expect((await broken.acquire()).name).toBeUndefined();
  });
});

test("several are taken by their names and in a condition, all or nothing", async () => {
  const provider = inventoryProvider({ items: { anna: { port: 1 }, berta: { port: 2 } } });
  const phones = definePool({ provider, max: 2, warm: 2, conditions });
  const manager = createManager({ pools: { phones } });
  const both = [
    { pool: "phones", name: "berta" },
    { pool: "phones", name: "anna" },
  ] as const;
  const leases = await manager.acquireAll(both, { condition: "free", set: "busy" });
  expect(leases.map(({ name, condition }) => [name, condition])).toEqual([
    ["berta", "busy"],
    ["anna", "busy"],
  ]);
  await leases[0]?.release({ condition: "dirty" });
  await leases[1]?.release({ condition: "free" });
  const none = manager.acquireAll(both, { condition: "dirty", timeout: 0 });
  await expect(none).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT" });
  expect(await manager.resources({ state: "leased" })).toEqual([]);
  await manager.close();
});

describe("a manager", () => {
  const provider = inventoryProvider({ items: { one: {} } });
  const pool = () => definePool({ provider: { ...provider, name: "p" }, max: 1 });

  test("lends from any pool behind an alias, in their order", async () => {
    const manager = createManager({ pools: { a: pool(), b: pool() }, aliases: { fast: ["b", "a"] } });
    expect((await manager.acquire({ alias: "fast" })).pool).toBe("b");
    expect((await manager.acquire({ alias: "fast" })).pool).toBe("a");
    await expect(manager.acquire({ alias: "fats" })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: 'alias: there is no alias "fats", did you mean "fast"?',
    });
    await manager.close();
  });

  test.each([
    [{ aliases: { fast: ["oracle"] } }, 'aliases.fast: there is no pool "oracle", the pools are a, web.'],
    [{ aliases: { fast: ["wbe"] } }, 'aliases.fast: there is no pool "wbe", did you mean "web"?'],
    [{ aliases: { fast: ["web", "web"] } }, 'aliases.fast: has "web" twice.'],
    [{ aliases: { fast: [] } }, "aliases.fast: must have at least one pool."],
    [{ aliases: { fast: { a: -1 } } }, "aliases.fast.a: must be 0 or more, not -1."],
    [{ aliases: { fast: "a" } }, 'aliases.fast: must be a list of pools, or a weight by pool, not "a".'],
  ])("refuses %j", (options, message) => {
    expect(() => createManager({ pools: { a: pool(), web: pool() }, ...options } as never)).toThrow(message);
  });

  test("refuses a tag that is on demand in one pool and not in another", () => {
    const pools = {
      a: definePool({ provider, max: 1, tagsOnDemand: ["gpu"] }),
      b: definePool({ provider, max: 1, tags: ["gpu"] }),
    };
    expect(() => createManager({ pools })).toThrow(
      'pools.a.tagsOnDemand: has "gpu", which pool "b" has among its tags. A tag is on demand everywhere, or nowhere.',
    );
  });

  test("tells providers the numbers that pools share", async () => {
    const told: unknown[] = [];
    const numbered = {
      name: "n",
      allocate: async ({ counters }: { counters?: unknown }) => void told.push(counters),
      delete: async () => {},
    };
    const numbers = () => definePool({ provider: numbered, max: 2, counters: ["port"] });
    const manager = createManager({ pools: { a: numbers(), b: numbers(), c: pool() } });
    await manager.acquire({ pool: "a" });
    await manager.acquire({ pool: "b" });
    expect(told).toEqual([{ port: 0 }, { port: 1 }]);
    await manager.close();
  });
});

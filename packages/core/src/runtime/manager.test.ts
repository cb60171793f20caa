import { describe, expect, test } from "vitest";
import { createManager, definePool } from "../index.js";
import { poolsOfOneCloud } from "./testing/pools-of-one-cloud.js";
import { scene } from "./testing/scene.js";
import { outcome, settled } from "./testing/simulated-clock.js";

describe("acquiring from several pools", () => {
  test("by name takes from that pool, by no selection from any", async () => {
    const { clock, pool } = poolsOfOneCloud();
    const manager = createManager({ clock, pools: { a: pool(), b: pool() } });
    expect((await manager.acquire({ pool: "b" })).pool).toBe("b");
    expect((await manager.acquire()).pool).toBe("a");
    expect(await manager.use({ pool: "b" }, (lease) => lease.pool)).toBe("b");
  });

  test("by tags takes from the pool that gives them the highest priority, and then from the next", async () => {
    const { clock, pool } = poolsOfOneCloud();
    const manager = createManager({
      clock,
      pools: {
        arm: pool({ tags: ["linux", "arm"] }),
        slow: pool({ tags: ["linux", { name: "x86", priority: -1 }], max: 1 }),
        fast: pool({ tags: ["linux", { name: "x86", priority: 5 }], max: 1 }),
      },
    });
    const pools = [];
    for (let count = 0; count < 2; count++) pools.push((await manager.acquire({ tags: ["x86", "linux"] })).pool);
    expect(pools).toEqual(["fast", "slow"]);
    expect(await outcome(manager.acquire({ tags: ["linux", "x86"] }))).toBe("pending");
  });

  test("by name and tags takes from that pool only if it has them", async () => {
    const { clock, pool } = poolsOfOneCloud();
    const manager = createManager({ clock, pools: { a: pool({ tags: ["x"] }), b: pool() } });
    expect((await manager.acquire({ pool: "a", tags: ["x"] })).pool).toBe("a");
    await expect(manager.acquire({ pool: "b", tags: ["x"] })).rejects.toMatchObject({
      code: "NO_MATCHING_POOL",
      message: 'Pool "b" does not have all of the tags x. The pools have: x.',
    });
  });

  test("by an alias takes only from pools behind it, and says so", async () => {
    const { clock, pool } = poolsOfOneCloud();
    const pools = { a: pool({ tags: ["x"] }), b: pool({ tags: ["y"] }) };
    const manager = createManager({ clock, pools, aliases: { first: ["a"] } });
    const wrong = (options: object) => manager.acquire({ alias: "first", ...options });
    await expect(wrong({ pool: "b" })).rejects.toMatchObject({
      code: "NO_MATCHING_POOL",
      message: 'Pool "b" is not behind alias "first".',
    });
    await expect(wrong({ tags: ["y"] })).rejects.toThrow('No pool behind alias "first" has all of the tags y.');
    await expect(wrong({ pool: "b", tags: ["x"] })).rejects.toThrow(
      'Pool "b" is not behind alias "first", or does not have all of the tags x.',
    );
  });

  test("that do not exist is NO_SUCH_POOL, naming the nearest", async () => {
    const { clock, pool } = poolsOfOneCloud();
    const manager = createManager({ clock, pools: { windows: pool(), linux: pool() } });
    const wrong = (name: string, tags?: string[]) => manager.acquire({ pool: name as "linux", ...(tags && { tags }) });
    await expect(wrong("linus")).rejects.toMatchObject({
      code: "NO_SUCH_POOL",
      message: 'There is no pool "linus". Did you mean "linux"?',
      details: { pool: "linus", known: ["windows", "linux"] },
    });
    await expect(wrong("macos")).rejects.toThrow('There is no pool "macos". The pools are: windows, linux.');
    await expect(wrong("linus", ["x"])).rejects.toMatchObject({ code: "NO_SUCH_POOL" });
    await expect(manager.pause("linus" as "linux")).rejects.toMatchObject({ code: "NO_SUCH_POOL" });
    await expect(manager.request({ pool: "linus" as "linux" })).rejects.toMatchObject({ code: "NO_SUCH_POOL" });
  });

  test("that have no such tag is NO_MATCHING_POOL, naming the nearest", async () => {
    const { clock, pool } = poolsOfOneCloud();
    const manager = createManager({
      clock,
      pools: { a: pool({ tags: ["x86_64", "linux"] }), b: pool({ tags: ["arm"] }) },
    });
    await expect(manager.acquire({ tags: ["x86-64"] })).rejects.toMatchObject({
      code: "NO_MATCHING_POOL",
      message: 'No pool has tag "x86-64"; asked for x86-64. Did you mean "x86_64"?',
      details: { tags: ["x86-64"], known: ["x86_64", "linux", "arm"] },
    });
    await expect(manager.acquire({ tags: ["arm", "linux"] })).rejects.toThrow(
      "No pool has all of the tags arm, linux. The pools have: x86_64, linux, arm.",
    );
  });

  test("goes by priority, then by order of arrival", async () => {
    const { clock, pool } = poolsOfOneCloud();
    const manager = createManager({ clock, pools: { a: pool({ max: 1, reuse: true }) } });
    const held = await manager.acquire();
    const order: string[] = [];
    const acquires = [0, 5, 0, 5].map(async (priority, index) => {
      const lease = await manager.acquire({ priority });
      order.push(`${priority}:${index}`);
      await lease.release();
    });
    await held.release();
    await Promise.all(acquires);
    expect(order).toEqual(["5:1", "5:3", "0:0", "0:2"]);
  });
});

describe("a cap that pools share by their provider", () => {
  test("is never passed, and idle ones of one pool give way to those who wait for another", async () => {
    const { clock, cloud } = poolsOfOneCloud();
    const provider = cloud.provider();
    const pools = {
      a: definePool({ provider, max: 5, warm: 2 }),
      b: definePool({ provider, max: 5 }),
    };
    const manager = createManager({ clock, pools, providers: { cloud: { max: 3 } } });
    await manager.ready();
    await settled();
    const leases = [await manager.acquire({ pool: "b" }), await manager.acquire({ pool: "b" })];
    const waiting = manager.acquire({ pool: "b" });
    leases.push(await waiting);
    expect(cloud.things.size).toBe(3);
    const rejected = manager.acquire({ pool: "a", timeout: 0 });
    await expect(rejected).rejects.toThrow('provider "cloud" is at its cap of 3');
  });

  test("needs one provider object: two of a name are refused", () => {
    const { clock, pool } = poolsOfOneCloud();
    const make = () => createManager({ clock, pools: { a: pool(), b: pool() }, providers: { cloud: { max: 3 } } });
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
    expect(make).toThrow("give its pools the same object");
  });
});

describe("configure()", () => {
  test("tells which pools were added, changed and are draining", async () => {
    const { clock, pool } = poolsOfOneCloud();
    const [kept, changed, dropped] = [pool(), pool(), pool({ warm: 1 })];
    const manager = createManager({ clock, pools: { kept, changed, dropped } });
    await manager.ready();
    await settled();
    const result = await manager.configure({ pools: { kept, changed: { ...changed, max: 7 }, added: pool() } });
    expect(result).toEqual({ added: ["added"], changed: ["changed"], draining: ["dropped"] });
    await clock.advance(0);
    expect(Object.keys(manager.stats().pools)).toEqual(["kept", "changed", "added"]);
    expect(await manager.configure({ pools: { kept, changed: { ...changed, max: 7 }, added: pool() } })).toMatchObject({
      added: [],
      draining: [],
    });
  });

  test("leaves leases of a pool that was taken out to their holders", async () => {
    const { clock, cloud, pool } = poolsOfOneCloud();
    const manager = createManager({ clock, pools: { a: pool(), b: pool({ warm: 1 }) } });
    const lease = await manager.acquire({ pool: "b" });
    const waiting = manager.request({ pool: "b" });
    await (await waiting).wait();
    await manager.configure({ pools: { a: pool() } });
    await clock.advance(0);
    expect(lease.active).toBe(true);
    expect(manager.stats().pools["b"]).toMatchObject({ mode: "leaving", total: 2 });
    await expect(manager.acquire({ pool: "b" })).rejects.toMatchObject({ code: "POOL_DRAINING" });
    await lease.release();
    await clock.advance(0);
    expect(cloud.count("delete")).toBe(1);
    await (await waiting).close();
    await clock.advance(0);
    expect(Object.keys(manager.stats().pools)).toEqual(["a"]);
    await expect(manager.acquire({ pool: "b" })).rejects.toMatchObject({ code: "NO_SUCH_POOL" });
  });

  test("that fails changes nothing", async () => {
    const { clock, pool } = poolsOfOneCloud();
    const manager = createManager({ clock, pools: { a: pool() } });
    const wrong = { a: pool(), b: pool({ warm: 9 }) };
    await expect(manager.configure({ pools: wrong })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      details: { problems: [{ path: "pools.b.warm" }] },
    });
    await expect(manager.configure({ pools: {} })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    await expect(manager.configure({} as never)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    await expect(manager.configure({ pools: { a: pool() }, pool: 1 } as never)).rejects.toThrow(
      'did you mean "pools"?',
    );
    expect(Object.keys(manager.stats().pools)).toEqual(["a"]);
  });

  test("with another spec replaces free resources one at a time, and leased ones when they come back", async () => {
    const { clock, cloud } = poolsOfOneCloud();
    const web = (spec: number) => definePool({ provider: cloud.provider([], { spec }), max: 5, warm: 3, reuse: true });
    const manager = createManager({ clock, pools: { web: web(1) } });
    const lease = await manager.acquire({ pool: "web" });
    await settled();
    let fewest = 3;
    manager.on("resource.changed", () => {
      fewest = Math.min(fewest, manager.stats().pools.web?.resources.ready ?? 0);
    });
    expect(await manager.configure({ pools: { web: web(2) } })).toMatchObject({ changed: ["web"] });
    await clock.advance(0);
    expect(cloud.count("delete")).toBe(3);
    expect(cloud.count("allocate")).toBe(7);
    expect(fewest).toBe(2);
    await lease.release();
    await clock.advance(0);
    expect(cloud.count("delete")).toBe(4);
    const specs = new Set((await manager.resources()).map(({ spec }) => spec));
    expect(specs.size).toBe(1);
  });
});

describe("stats()", () => {
  test("counts by state, owner and outcome", async () => {
    const { memory, clock } = scene();
    const pool = await memory({ max: 2, reuse: true });
    const lease = await pool.acquire({ owner: "a" });
    await pool.acquire({ owner: "__proto__" });
    void pool.acquire({ owner: "b", timeout: "1m" }).catch(() => {});
    await settled();
    expect(pool.stats()).toMatchObject({ total: 2, waiting: 1, max: 2, warm: 0, allocateSuccess: 1 });
    expect(Object.entries(pool.stats().owners)).toEqual([
      ["b", { leased: 0, waiting: 1 }],
      ["a", { leased: 1, waiting: 0 }],
      ["__proto__", { leased: 1, waiting: 0 }],
    ]);
    await clock.advance(60_000);
    await lease.release();
    expect(pool.stats().totals).toMatchObject({ made: 2, granted: 2, released: 1, timedOut: 1 });
    expect({}).not.toHaveProperty("leased");
  });

  test("filters of listings are checked", async () => {
    const { memory } = scene();
    const pool = await memory();
    await expect(pool.resources({ sate: "ready" } as never)).rejects.toThrow(
      'sate: unknown option, did you mean "state"?',
    );
    await expect(pool.tickets({ key: "x" } as never)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });
});

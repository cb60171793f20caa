import { describe, expect, test } from "vitest";
import { createManager, definePool, type PoolDefinition } from "../index.js";
import { FakeCloud, type Thing } from "./testing/fake-cloud.js";
import { scene } from "./testing/scene.js";
import { outcome, SimulatedClock, settled } from "./testing/simulated-clock.js";

const setUp = () => {
  const clock = new SimulatedClock();
  const cloud = new FakeCloud();
  const pool = (options: object = {}): PoolDefinition<Thing, void> =>
    definePool({ provider: cloud.provider(), max: 2, ...options });
  return { clock, cloud, pool };
};

describe("acquiring from several pools", () => {
  test("by name takes from that pool, by no selection from any", async () => {
    const { clock, pool } = setUp();
    const manager = createManager({ clock, pools: { a: pool(), b: pool() } });
    expect((await manager.acquire({ pool: "b" })).pool).toBe("b");
    expect((await manager.acquire()).pool).toBe("a");
    expect(await manager.use({ pool: "b" }, (lease) => lease.pool)).toBe("b");
  });

  test("by tags takes from the pool that gives them the highest priority, and then from the next", async () => {
    const { clock, pool } = setUp();
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
    const { clock, pool } = setUp();
    const manager = createManager({ clock, pools: { a: pool({ tags: ["x"] }), b: pool() } });
    expect((await manager.acquire({ pool: "a", tags: ["x"] })).pool).toBe("a");
    await expect(manager.acquire({ pool: "b", tags: ["x"] })).rejects.toMatchObject({
      code: "NO_MATCHING_POOL",
      message: 'Pool "b" does not have all of the tags x. The pools have: x.',
    });
  });

  test("by an alias takes only from pools behind it, and says so", async () => {
    const { clock, pool } = setUp();
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
    const { clock, pool } = setUp();
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
    const { clock, pool } = setUp();
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
    const { clock, pool } = setUp();
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
    const { clock, cloud } = setUp();
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
    const { clock, pool } = setUp();
    const make = () => createManager({ clock, pools: { a: pool(), b: pool() }, providers: { cloud: { max: 3 } } });
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
    expect(make).toThrow("give its pools the same object");
  });
});

describe("configure()", () => {
  test("tells which pools were added, changed and are draining", async () => {
    const { clock, pool } = setUp();
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
    const { clock, cloud, pool } = setUp();
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
    const { clock, pool } = setUp();
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
    const { clock, cloud } = setUp();
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

describe("drain()", () => {
  test("refuses what is new, serves who waits, and resolves when nothing is left", async () => {
    const { memory, cloud } = scene();
    const pool = await memory({ max: 1, warm: 1 });
    const lease = await pool.acquire();
    const waiting = pool.acquire();
    const drained = pool.drain();
    await settled();
    await expect(pool.acquire()).rejects.toMatchObject({ code: "POOL_DRAINING", details: { pool: "pool" } });
    await lease.release();
    const last = await waiting;
    expect(await outcome(drained)).toBe("pending");
    await last.release();
    await drained;
    expect(cloud.things.size).toBe(0);
    expect(pool.stats()).toMatchObject({ mode: "draining", total: 0 });
  });

  test("is undone by resume(), which also resolves it", async () => {
    const { memory } = scene();
    const pool = await memory();
    await pool.acquire();
    const drained = pool.drain();
    await settled();
    await pool.resume();
    await drained;
    expect((await pool.acquire()).active).toBe(true);
  });

  test("rejects with POOL_CLOSED when the pool is closed meanwhile", async () => {
    const { durable } = scene();
    const pool = await durable();
    await pool.acquire();
    const drained = pool.drain();
    const rejected = expect(drained).rejects.toMatchObject({ code: "POOL_CLOSED" });
    await settled();
    await pool.close();
    await rejected;
  });

  test("of one pool leaves the others, and tags lead to POOL_DRAINING when no other has them", async () => {
    const { clock, pool } = setUp();
    const manager = createManager({ clock, pools: { a: pool({ tags: ["x"] }), b: pool({ tags: ["y"] }) } });
    await manager.drain("a");
    await expect(manager.acquire({ tags: ["x"] })).rejects.toMatchObject({
      code: "POOL_DRAINING",
      details: { pool: "a" },
    });
    expect((await manager.acquire()).pool).toBe("b");
    expect(manager.stats().pools.b?.mode).toBe("open");
  });
});

describe("pause()", () => {
  test("stops lending and making until resume(); leases go on, tickets wait", async () => {
    const { memory, cloud } = scene();
    const pool = await memory({ warm: 1, max: 3, reuse: true });
    await settled();
    const lease = await pool.acquire();
    await settled();
    const made = cloud.count("allocate");
    await pool.pause();
    const waiting = pool.acquire();
    expect(await outcome(waiting)).toBe("pending");
    await lease.release();
    expect(await outcome(waiting)).toBe("pending");
    expect(pool.stats()).toMatchObject({ mode: "paused", obstacles: [{ why: "paused" }] });
    expect(cloud.count("allocate")).toBe(made);
    await pool.resume();
    expect((await waiting).active).toBe(true);
  });

  test("of all pools pauses all", async () => {
    const { clock, pool } = setUp();
    const manager = createManager({ clock, pools: { a: pool(), b: pool() } });
    await manager.pause();
    expect(Object.values(manager.stats().pools).map(({ mode }) => mode)).toEqual(["paused", "paused"]);
    await manager.resume("b");
    expect((await manager.acquire()).pool).toBe("b");
  });
});

describe("resource()", () => {
  test("hold() keeps it, for as long as told; delete() and forget() end it", async () => {
    const { memory, clock, cloud } = scene();
    const pool = await memory({ warm: 3, max: 3 });
    await settled();
    await pool.resource(1).hold("look", { for: "5m" });
    await pool.resource(2).delete();
    cloud.hold("delete");
    await pool.resource(3).forget("I unplugged it");
    expect(await pool.resources()).toMatchObject([{ id: 1, state: "held", note: "look" }, { id: 4 }, { id: 5 }]);
    await clock.advance(299_999);
    expect((await pool.resources({ state: "held" })).length).toBe(1);
    await clock.advance(1);
    expect((await pool.resources({ state: "held" })).length).toBe(0);
  });

  test("that does not exist is NO_SUCH_RESOURCE", async () => {
    const control = (await scene().memory()).resource(7);
    for (const call of [control.delete(), control.hold("x"), control.forget("x")]) {
      await expect(call).rejects.toMatchObject({ code: "NO_SUCH_RESOURCE", details: { resource: 7 } });
    }
  });

  test("hold() for no duration is INVALID_OPTIONS, and changes nothing", async () => {
    const { memory } = scene();
    const pool = await memory({ warm: 1 });
    await settled();
    await expect(pool.resource(1).hold("x", { for: "soon" as never })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
    });
    await expect(pool.resource(1).hold("x", { fro: 5 } as never)).rejects.toThrow('did you mean "for"?');
    expect(pool.stats().resources.ready).toBe(1);
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

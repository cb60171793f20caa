import { describe, expect, test } from "vitest";
import { createManager } from "../index.js";
import { poolsOfOneCloud } from "./testing/pools-of-one-cloud.js";
import { scene } from "./testing/scene.js";
import { outcome, settled } from "./testing/simulated-clock.js";

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
    const { clock, pool } = poolsOfOneCloud();
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
    const { clock, pool } = poolsOfOneCloud();
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

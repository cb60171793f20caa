import { describe, expect, test } from "vitest";
import { definePool } from "../define-pool.js";
import { createManager, type PoolManager } from "../manager.js";
import { SharedMapStore } from "../testing/shared-map-store.js";
import { outcome, settled } from "../testing/simulated-clock.js";
import { team } from "../testing/team.js";

/** Processes of one namespace, each configured in its own way. */
function setUp() {
  const all = team();
  const { map, clock, cloud } = all;
  const warned: string[] = [];
  const logger = { debug() {}, info() {}, error() {}, warn: ({ err }: { err: Error }) => warned.push(err.message) };
  const poolsOf = (warm: number, more: object = {}) => ({
    web: definePool({ provider: cloud.provider(), max: 3, warm }),
    ...more,
  });
  let ids = 0;
  const start = async (warm: number, options: object = {}) => {
    const own = { draw: (length: number) => String(++ids).padStart(length, "p"), jitter: () => 0.5 };
    const store = new SharedMapStore(map);
    const pools = poolsOf(warm);
    const manager = createManager({ store, clock, ids: own, logger, pools, ...options } as never) as PoolManager;
    await settled();
    return manager;
  };
  const stored = () => map.record<{ configuration: { revision: number } }>("counters", 1)?.configuration;
  return { ...all, start, poolsOf, warned, stored };
}

describe("a process whose configuration differs", () => {
  test("is served by whoever leads, and says so once", async () => {
    const { start, warned } = setUp();
    await start(1);
    const other = await start(2);
    await (await other.acquire({ pool: "web" })).release();
    expect(warned).toEqual([expect.stringMatching(/says something else .* both have revision 0.* above 0 /)]);
  });

  test("never leads while the revision is the same", async () => {
    const { start, map, clock, stored, cloud } = setUp();
    const leader = await start(1);
    const before = stored();
    const other = await start(2);
    await leader.close();
    await clock.advance(600_000);
    expect(map.leader).toBeUndefined();
    expect(stored()).toEqual(before);
    expect(cloud.things.size).toBe(1);
    const acquired = other.acquire({ pool: "web", timeout: "1s" });
    void clock.advance(2_000);
    await expect(acquired).rejects.toMatchObject({
      code: "ACQUIRE_TIMEOUT",
      message: expect.stringContaining("Deploy the same configuration everywhere"),
      cause: { code: "CONFIG_DIFFERS", details: { namespace: "default", revision: 0, stored: 0 } },
    });
  });

  test("gives way to one that may lead", async () => {
    const { start, map, clock } = setUp();
    const leader = await start(1);
    const other = await start(2);
    const same = await start(1);
    await leader.close();
    await clock.advance(10);
    expect(map.leader).toBeDefined();
    for (const manager of [other, same]) await (await manager.acquire({ pool: "web" })).release();
    expect(same.stats().pools["web"]?.resources.ready).toBe(1);
  });

  test("is told so by ready() when nobody else could lead", async () => {
    const { start, clock } = setUp();
    await (await start(1)).close();
    const other = await start(2);
    const ready = other.ready();
    ready.catch(() => {});
    await clock.advance(10_000);
    await expect(ready).rejects.toMatchObject({ code: "CONFIG_DIFFERS" });
    await other.close();
  });

  test("leads with a higher revision, and the ones before follow it", async () => {
    const { start, clock, stored, warned } = setUp();
    const old = await start(1);
    const another = await start(1);
    const next = await start(2, { revision: 1 });
    expect(warned).toEqual([]);
    await old.close();
    // Who leads now is as the one before was.
    await clock.advance(10_000);
    expect(stored()).toMatchObject({ revision: 0 });
    await another.close();
    await clock.advance(10_000);
    expect(stored()).toMatchObject({ revision: 1 });
    expect(next.stats().pools["web"]).toMatchObject({ resources: { ready: 2 } });
    const late = await start(1);
    await (await late.acquire({ pool: "web" })).release();
    expect(warned).toEqual([expect.stringMatching(/has revision 0, and it is led by revision 1\. .* above 1 /)]);
  });
});

describe("the same configuration", () => {
  test("is what says the same, in whatever order, under whatever number", async () => {
    const { start, poolsOf, clock, stored, warned, cloud } = setUp();
    const more = definePool({ provider: cloud.provider(), max: 1 });
    const leader = await start(1, { revision: 3, pools: poolsOf(1, { more }) });
    const same = await start(1, { pools: { ...poolsOf(1, { more }) } });
    await leader.close();
    await clock.advance(10);
    await (await same.acquire({ pool: "web" })).release();
    expect(warned).toEqual([]);
    expect(stored()).toMatchObject({ revision: 3 });
  });
});

describe("configure", () => {
  test("is refused without a higher revision, and changes nothing", async () => {
    const { start, poolsOf, clock } = setUp();
    const leader = await start(1);
    const other = await start(1);
    for (const manager of [leader, other]) {
      await expect(manager.configure({ pools: poolsOf(2) })).rejects.toMatchObject({ code: "CONFIG_DIFFERS" });
    }
    await leader.close();
    await clock.advance(1_000);
    await other.ready();
    expect(other.stats().pools["web"]).toMatchObject({ resources: { ready: 1 } });
  });

  test("with a higher one holds at once where it leads, and elsewhere once it does", async () => {
    const { start, poolsOf, clock, stored, warned, cloud } = setUp();
    const leader = await start(1);
    const other = await start(1);
    const more = definePool({ provider: cloud.provider(), max: 1 });
    const change = { pools: poolsOf(2, { more }), revision: 1 };
    expect(await other.configure(change)).toEqual({ added: ["more"], changed: ["web"], draining: [] });
    expect(warned).toEqual([]);
    expect(await leader.configure(change)).toEqual({ added: ["more"], changed: ["web"], draining: [] });
    await clock.advance(1_000);
    expect(leader.stats().pools["web"]).toMatchObject({ resources: { ready: 2 } });
    expect(stored()).toMatchObject({ revision: 1 });
    await leader.close();
    await clock.advance(1_000);
    await (await other.acquire({ pool: "more" })).release();
    expect(warned).toEqual([]);
  });

  test("tells those that are left behind", async () => {
    const { start, poolsOf, warned } = setUp();
    const leader = await start(1);
    await start(1);
    await leader.configure({ pools: poolsOf(2), revision: 1 });
    await settled();
    expect(warned).toEqual([expect.stringContaining("led by revision 1")]);
  });

  test("lets one lead that had kept out of the way", async () => {
    const { start, poolsOf, clock } = setUp();
    await (await start(1)).close();
    const other = await start(2);
    const waiting = other.acquire({ pool: "web" });
    await clock.advance(1_000);
    expect(await outcome(waiting)).toBe("pending");
    await other.configure({ pools: poolsOf(2), revision: 1 });
    await clock.advance(1_000);
    await (await waiting).release();
  });
});

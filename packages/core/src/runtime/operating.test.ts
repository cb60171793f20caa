import { describe, expect, test } from "vitest";
import { createManager, definePool } from "../index.js";
import { FakeCloud } from "./testing/fake-cloud.js";
import { scene } from "./testing/scene.js";
import { SimulatedClock, settled } from "./testing/simulated-clock.js";

async function crowd() {
  const clock = new SimulatedClock();
  const cloud = new FakeCloud();
  const pool = (tags: string[]) => definePool({ provider: cloud.provider(), max: 1, tags });
  const manager = createManager({ clock, pools: { arm: pool(["linux", "arm"]), x86: pool(["linux", "x86"]) } });
  const a = await manager.acquire({ pool: "arm", owner: "ann", group: "run" });
  const b = await manager.acquire({ pool: "x86", owner: "bob" });
  const c = await manager.request({ tags: ["linux"], owner: "ann" });
  const d = await manager.request({ pool: "x86", owner: "bob", group: "run" });
  return { manager, ids: { a: a.ticket, b: b.ticket, c: c.id, d: d.id } };
}

describe("listings", () => {
  test.each([
    ["all", {}, "abcd"],
    ["by state", { state: "waiting" }, "cd"],
    ["by owner", { owner: "ann" }, "ac"],
    ["by group", { group: "run" }, "ad"],
    ["by pool: what it serves, and could serve", { pool: "arm" }, "ac"],
    ["by a tag of the pool", { tag: "x86" }, "bcd"],
    ["by all of them", { state: "waiting", owner: "bob", group: "run", pool: "x86", tag: "linux" }, "d"],
    ["by what nobody has", { owner: "nobody" }, ""],
  ] as const)("of tickets: %s", async (_, filter, expected) => {
    const { manager, ids } = await crowd();
    const listed = (await manager.tickets(filter)).map(({ id }) => id);
    const wanted = Object.entries(ids).filter(([name]) => expected.includes(name));
    expect(listed.sort()).toEqual(wanted.map(([, id]) => id).sort());
  });

  test("of leases and resources: by pool, owner, group and tag", async () => {
    const { manager, ids } = await crowd();
    expect((await manager.leases({ owner: "bob" })).map(({ id }) => id)).toEqual([ids.b]);
    expect((await manager.leases({ tag: "linux" })).map(({ id }) => id)).toEqual([ids.a, ids.b]);
    expect((await manager.leases({ pool: "arm", group: "run" })).map(({ id }) => id)).toEqual([ids.a]);
    const pools = async (filter: object) => (await manager.resources(filter)).map(({ pool }) => pool);
    expect(await pools({ owner: "ann" })).toEqual(["arm"]);
    expect(await pools({ group: "run" })).toEqual(["arm"]);
    expect(await pools({ tag: "x86" })).toEqual(["x86"]);
    expect(await pools({ state: "ready" })).toEqual([]);
    expect(await manager.groups()).toEqual([{ group: "run", leases: 1, waiting: 1 }]);
  });

  test("of closed tickets: by the pool that served them", async () => {
    const pool = await scene().memory({ name: "web" });
    const ticket = await pool.request();
    await (await ticket.wait()).release();
    expect(await pool.tickets({ pool: "web", state: "closed" })).toMatchObject([{ id: ticket.id }]);
  });

  test("by a tag on demand, as by any other", async () => {
    const { cloud } = scene();
    const gpu = definePool({ provider: cloud.provider(), max: 2, tags: ["linux"], tagsOnDemand: ["gpu"] });
    const manager = createManager({ pools: { gpu, usual: definePool({ provider: cloud.provider(), max: 2 }) } });
    const lease = await manager.acquire({ tags: ["gpu"] });
    expect((await manager.leases({ tag: "gpu" })).map(({ id }) => id)).toEqual([lease.ticket]);
    expect((await manager.resources({ tag: "gpu" })).map(({ id }) => id)).toEqual([lease.resource.id]);
  });

  test("with a slip in the filter are refused, instead of listing nothing", async () => {
    const { manager } = await crowd();
    await expect(manager.tickets({ status: "waiting" } as never)).rejects.toThrow(/did you mean "state"\?/);
    await expect(manager.tickets({ state: "waitng" as never })).rejects.toThrow(
      /state: must be one of waiting, granted, closed, not "waitng"/,
    );
    await expect(manager.leases({ state: "waiting" } as never)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    await expect(manager.resources({ owner: "" })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });
});

describe("a held resource", () => {
  async function held(options: object = {}) {
    const stage = scene();
    const provider = stage.cloud.provider(["check"]);
    const pool = await stage.memory({ provider, warm: 1, max: 1, reuse: true, ...options });
    await settled();
    const [{ id } = { id: 0 }] = await pool.resources();
    await pool.resource(id).hold("it looks odd", { for: "10m" });
    return { ...stage, pool, id };
  }

  test("shows its note and its deadline, and is deleted then", async () => {
    const { pool, clock, cloud } = await held();
    expect(await pool.resources()).toMatchObject([
      { state: "held", note: "it looks odd", untilAtMs: clock.now() + 600_000 },
    ]);
    await clock.advance(600_000);
    expect(cloud.count("delete")).toBe(1);
  });

  test("is lent to nobody, until it is given back and was checked", async () => {
    const { pool, id, cloud } = await held({ check: { every: "1h" } });
    const waiting = pool.acquire();
    await settled();
    expect(cloud.count("check")).toBe(0);
    await pool.resource(id).unhold();
    expect((await waiting).resource.id).toBe(id);
    expect(cloud.count("check")).toBe(1);
    expect(await pool.resources()).not.toHaveProperty("0.note");
  });

  test("can be held again, with another note and deadline", async () => {
    const { pool, id, clock } = await held();
    await pool.resource(id).hold("it still does", { for: "1h" });
    expect(await pool.resources()).toMatchObject([{ note: "it still does", untilAtMs: clock.now() + 3_600_000 }]);
  });

  test("that was lent is deleted where each is lent once", async () => {
    const { memory, cloud } = scene();
    const pool = await memory({ max: 1, onFailed: "hold" });
    const lease = await pool.acquire();
    await lease.release({ failed: "it broke" });
    await pool.resource(lease.resource.id).unhold();
    await settled();
    expect(cloud.count("delete")).toBe(1);
  });
});

describe("commands to a resource", () => {
  test("that make no sense for its state are WRONG_STATE, and say which states they are for", async () => {
    const { memory } = scene();
    const pool = await memory({ warm: 1, max: 1 });
    await settled();
    const [{ id } = { id: 0 }] = await pool.resources();
    await expect(pool.resource(id).unhold()).rejects.toMatchObject({
      code: "WRONG_STATE",
      message: `Resource ${id} is ready: unhold() is for one that is held. Look at resources() first.`,
      details: { resource: id, state: "ready", command: "unhold" },
    });
  });

  test("without a word why are refused", async () => {
    const { memory } = scene();
    const pool = await memory({ warm: 1 });
    await settled();
    await expect(pool.resource(1).hold("")).rejects.toThrow(/note: must be a text/);
    await expect(pool.resource(1).forget(undefined as never)).rejects.toThrow(/reason: must be a text/);
    await expect(pool.resource(99).delete()).rejects.toMatchObject({ code: "NO_SUCH_RESOURCE" });
  });
});

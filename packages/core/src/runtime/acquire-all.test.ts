import { describe, expect, expectTypeOf, test } from "vitest";
import { createManager, definePool, type Lease, type LeaseGroup, type PoolDefinition } from "../index.js";
import { factoryProvider } from "../provider/factory.js";
import type { Store } from "../store/store.js";
import { FakeCloud, type Thing } from "./testing/fake-cloud.js";
import { MapStore } from "./testing/map-store.js";
import { SharedMap, SharedMapStore } from "./testing/shared-map-store.js";
import { SimulatedClock, settled } from "./testing/simulated-clock.js";

function scene(options: { store?: Store; web?: object; vm?: object } = {}) {
  const clock = new SimulatedClock();
  const cloud = new FakeCloud();
  const pool = (own: object = {}): PoolDefinition<Thing, void> =>
    definePool({ provider: cloud.provider(), max: 2, tags: ["any"], ...own });
  const create = () =>
    createManager({
      clock,
      pools: { web: pool(options.web), vm: pool(options.vm) },
      ...(options.store && { store: options.store as Store<false> }),
    });
  return { clock, cloud, create, manager: create() };
}

const ITEMS = [{ pool: "web", count: 2 }, { pool: "vm" }] as const;

describe.each([
  ["in memory", () => scene()],
  ["on a store", () => scene({ store: new MapStore() })],
  ["on a store that several processes share", () => scene({ store: new SharedMapStore(new SharedMap()) })],
])("acquireAll %s", (_where, setUp) => {
  test("gives a lease of each, in the order of the items, with tokens that follow each other", async () => {
    const { manager } = setUp();
    const leases = await manager.acquireAll(ITEMS);
    expect(leases.map(({ pool }) => pool)).toEqual(["web", "web", "vm"]);
    const [first] = leases;
    expect(leases.map(({ token }) => token - first.token)).toEqual([0, 1, 2]);
    expect(new Set(leases.map(({ resource }) => resource.id)).size).toBe(3);
    expect(leases.map(({ ticket }) => ticket)).toEqual([leases.ticket, leases.ticket, leases.ticket]);
  });

  test("gives back each by itself; the ticket is closed with the last", async () => {
    const { manager } = setUp();
    const [first, second, third] = await manager.acquireAll(ITEMS);
    await first.release();
    expect([first.active, second.active, third.active]).toEqual([false, true, true]);
    expect((await manager.leases()).map(({ id }) => id)).toEqual([first.ticket]);
    await second.release();
    await third.release({ failed: "it broke" });
    expect(await manager.leases()).toEqual([]);
  });

  test("gives back all at the end of its block, as far as that was not done before", async () => {
    const { manager } = setUp();
    {
      await using leases = await manager.acquireAll(ITEMS);
      await leases[1].release();
    }
    expect(await manager.leases()).toEqual([]);
  });

  test("releases all by one call, with one verdict", async () => {
    const { manager, cloud } = setUp();
    const leases = await manager.acquireAll([{ pool: "web", count: 2 }]);
    await leases.release({ failed: "the network was down" });
    await settled();
    expect(leases.map(({ active }) => active)).toEqual([false, false]);
    expect(cloud.things.size).toBe(0);
  });

  test("with no wait takes all or nothing", async () => {
    const { manager } = setUp();
    const first = await manager.acquireAll([{ pool: "web" }, { pool: "vm" }]);
    await first[0].release();
    await settled();
    await expect(manager.acquireAll([{ pool: "web" }, { pool: "vm", count: 2 }], { timeout: 0 })).rejects.toMatchObject(
      {
        code: "ACQUIRE_TIMEOUT",
      },
    );
    expect((await manager.leases()).map(({ id }) => id)).toEqual([first.ticket]);
  });

  test("that waits has an error which says what it waited for", async () => {
    const { manager, clock } = setUp();
    await manager.acquire({ pool: "vm" });
    await manager.acquire({ pool: "vm" });
    const waiting = manager.acquireAll(ITEMS, { timeout: "1m" }).catch(String);
    await settled();
    await clock.advance(60_000);
    expect(await waiting).toMatch(/pool "vm": all 2 places are taken/);
  });

  test("aborted while it waits takes nothing", async () => {
    const { manager } = setUp();
    const holders = [await manager.acquire({ pool: "vm" }), await manager.acquire({ pool: "vm" })] as const;
    const controller = new AbortController();
    const waiting = manager.acquireAll(ITEMS, { signal: controller.signal });
    controller.abort("no longer needed");
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    await holders[0].release();
    await settled();
    expect((await manager.leases()).length).toBe(1);
  });

  test("of a name or tag that nobody has is refused at once and takes nothing", async () => {
    const { manager } = setUp();
    await expect(manager.acquireAll([{ pool: "web" }, { pool: "wbe" as "web" }])).rejects.toMatchObject({
      code: "NO_SUCH_POOL",
    });
    await expect(manager.acquireAll([{ pool: "web" }, { tags: ["gpu"] }])).rejects.toMatchObject({
      code: "NO_MATCHING_POOL",
    });
    expect(await manager.tickets()).toEqual([]);
  });

  test("of more than there may ever be is refused at once", async () => {
    const { manager } = setUp();
    await expect(manager.acquireAll([{ pool: "web", count: 3 }])).rejects.toMatchObject({
      code: "REFUSED",
      message: expect.stringContaining('3 of pool "web" (at most 2)'),
    });
  });

  test("loses the lease of a resource that died, and no other", async () => {
    const { manager } = setUp();
    const leases = await manager.acquireAll(ITEMS);
    await manager.resource(leases[1].resource.id).delete();
    await settled();
    expect(leases.map(({ active }) => active)).toEqual([true, false, true]);
    await expect(leases.release()).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(leases.map(({ active }) => active)).toEqual([false, false, false]);
    expect(await manager.leases()).toEqual([]);
  });

  test("lasts longer by an extension of any of its leases", async () => {
    const { manager, clock } = setUp();
    const leases = await manager.acquireAll(ITEMS, { lifespan: "1m" });
    await clock.advance(50_000);
    const until = await leases[1].extend("1m");
    expect(leases.map((lease) => lease.until)).toEqual([until, until, until]);
    await clock.advance(50_000);
    expect(leases.map(({ active }) => active)).toEqual([true, true, true]);
  });

  test("whose lifespan is over lives on by an extension within the grace of any of its leases", async () => {
    const { manager, clock } = setUp();
    const leases = await manager.acquireAll(ITEMS, { lifespan: "1m" });
    await clock.advance(70_000);
    expect(leases.map(({ active }) => active)).toEqual([false, false, false]);
    await leases[1].extend("1m");
    expect(leases.map(({ active, signal }) => active && !signal.aborted)).toEqual([true, true, true]);
    await clock.advance(40_000);
    expect(leases.map(({ active }) => active)).toEqual([true, true, true]);
  });

  test("is rejected when the manager closes", async () => {
    const { manager } = setUp();
    await manager.acquireAll([{ pool: "vm", count: 2 }]);
    const waiting = manager.acquireAll(ITEMS).catch(String);
    await settled();
    await manager.close();
    expect(await waiting).toContain("is closed");
  });
});

test.each([
  [[], "items: must be a list of at least one thing"],
  [[{ pool: "web", count: 0 }], "items[0].count: must be a whole number, 1 or more"],
  [[{ pool: "web" }, { pol: "vm" }], 'items[1].pol: unknown option, did you mean "pool"?'],
  [[7], "items[0]: must be an object"],
])("acquireAll checks what it is given: %j", async (items, message) => {
  await expect(scene().manager.acquireAll(items as never)).rejects.toThrow(message);
});

describe("a durable ticket for several things", () => {
  test("gives all their leases, again and again the same", async () => {
    const { manager } = scene({ store: new MapStore() });
    const ticket = await manager.request({ items: ITEMS });
    const leases = await ticket.wait();
    expect(await ticket.wait()).toBe(leases);
    expect(ticket.status().output?.map(({ pool }) => pool)).toEqual(["web", "web", "vm"]);
    await leases[0]?.release();
    await ticket.close();
    expect(ticket.status()).toMatchObject({ state: "closed", end: "released" });
    expect(ticket.status().output?.length).toBe(3);
  });

  test("of one thing gives a list of one", async () => {
    const { manager } = scene({ store: new MapStore() });
    const leases = await (await manager.request({ items: [{ pool: "web" }] })).wait();
    expect(leases.map(({ pool }) => pool)).toEqual(["web"]);
  });

  test("asked for again by its requestId is the same; with other items it is a conflict", async () => {
    const { manager } = scene({ store: new MapStore() });
    const ticket = await manager.request({ items: ITEMS, requestId: "r" });
    expect((await manager.request({ items: ITEMS, requestId: "r" })).id).toBe(ticket.id);
    const other = manager.request({ items: [{ pool: "web", count: 1 }, { pool: "vm" }], requestId: "r" });
    await expect(other).rejects.toMatchObject({ code: "REQUEST_CONFLICT" });
    await expect(manager.request({ pool: "web", requestId: "r" })).rejects.toMatchObject({ code: "REQUEST_CONFLICT" });
  });

  test("outlives its process, with the leases that did not come back before", async () => {
    const store = new MapStore();
    const { manager, create } = scene({ store });
    const ticket = await manager.request({ items: ITEMS });
    const before = await ticket.wait();
    await before[0]?.release();
    await manager.close();
    const next = create();
    await next.ready();
    const leases = (await next.ticket<LeaseGroup>(ticket.id)?.wait()) ?? [];
    expect(leases.map(({ token }) => token)).toEqual(before.slice(1).map(({ token }) => token));
    await leases[0]?.release();
    await leases[1]?.release();
    expect(next.ticket(ticket.id)?.status()).toMatchObject({ state: "closed", end: "released" });
  });
});

test("leases of one ticket live on when the store is lost and opened anew", async () => {
  const store = new MapStore();
  const { manager, clock } = scene({ store });
  const leases = await manager.acquireAll(ITEMS);
  store.faults.push("is fenced");
  const pausing = manager.pause();
  await clock.advance(60_000);
  await pausing;
  expect(leases.map(({ active }) => active)).toEqual([true, true, true]);
  await leases.release();
  expect(await manager.leases()).toEqual([]);
});

test("the compiler knows what each lease of a list is", async () => {
  const page = factoryProvider({ name: "pages", create: () => ({ url: "" }) });
  const database = factoryProvider({ name: "databases", create: () => ({ port: 1 }) });
  const manager = createManager({
    pools: { page: definePool({ provider: page, max: 2 }), db: definePool({ provider: database, max: 2 }) },
  });
  await using leases = await manager.acquireAll([{ pool: "page", count: 2 }, { pool: "db" }]);
  expectTypeOf(leases[0]).toEqualTypeOf<Lease<{ url: string }, "page">>();
  expectTypeOf(leases[1]).toEqualTypeOf<Lease<{ url: string }, "page">>();
  expectTypeOf(leases[2]).toEqualTypeOf<Lease<{ port: number }, "db">>();
  expectTypeOf(leases.length).toEqualTypeOf<3>();
  expect(leases[2].data.port).toBe(1);
  const count = 2 as number;
  const some = await manager.acquireAll([{ pool: "db", count: count - 1 }]);
  expectTypeOf(some[0]).toEqualTypeOf<Lease<{ port: number }, "db"> | undefined>();
});

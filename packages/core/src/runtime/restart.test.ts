import { describe, expect, test } from "vitest";
import { type CallContext, createManager, definePool, type ResourceRecord, type TicketRecord } from "../index.js";
import type { CallKind, FakeCloud, Thing } from "./testing/fake-cloud.js";
import { scene } from "./testing/scene.js";
import { settled } from "./testing/simulated-clock.js";

type Scene = ReturnType<typeof scene>;

describe("after a restart", () => {
  test("a lease of acquire keeps its token and resource, and ends a ttl and a grace later", async () => {
    const { durable, clock, cloud } = scene();
    const first = await durable({ lease: { ttl: "2m", grace: "30s" } });
    const lease = await first.acquire({ owner: "build" });
    const { token, resource } = lease;
    await clock.advance(3_600_000);
    const second = await durable({ lease: { ttl: "2m", grace: "30s" } });
    expect(await second.leases()).toMatchObject([{ owner: "build", lease: { token, resources: [resource.id] } }]);
    expect(await second.resources()).toMatchObject([{ id: resource.id, key: resource.key, state: "leased" }]);
    await clock.advance(149_999);
    expect(cloud.count("delete")).toBe(0);
    await clock.advance(1);
    expect(cloud.last("delete")?.key).toBe(resource.key);
    expect(await second.leases()).toEqual([]);
  });

  test("a lease of request lives on until it is released", async () => {
    const { durable, clock } = scene();
    const lease = await (await (await durable()).request({ requestId: "a" })).wait();
    const second = await durable();
    await clock.advance(86_400_000);
    const again = await (await second.request({ requestId: "a" })).wait();
    expect(again).toMatchObject({ token: lease.token, resource: lease.resource, data: lease.data, active: true });
  });

  test("tickets of acquire of the process that died are cancelled, those of request wait on", async () => {
    const { durable, store } = scene();
    const first = await durable({ max: 1 });
    await first.acquire();
    void first.acquire().catch(() => {});
    const { id } = await first.request();
    await settled();
    expect(await first.tickets({ state: "waiting" })).toHaveLength(2);
    const second = await durable({ max: 1 });
    expect(await second.tickets({ state: "waiting" })).toMatchObject([{ id }]);
    await settled();
    expect([...store.records.keys()].filter((key) => key.startsWith("ticket"))).toHaveLength(2);
  });

  test("warm resources are lent, and none is made in their place", async () => {
    const { durable, cloud } = scene();
    await durable({ warm: 2 });
    await settled();
    const second = await durable({ warm: 2 });
    expect((await second.acquire({ timeout: 0 })).data).toEqual({ n: 1 });
    await settled();
    expect(cloud.count("allocate")).toBe(2);
  });

  test("keys are never given twice", async () => {
    const { durable, cloud } = scene();
    await durable({ warm: 2, max: 8 });
    await settled();
    await durable({ warm: 4, max: 8 });
    await settled();
    const keys = cloud.calls.filter(({ kind }) => kind === "allocate").map(({ key }) => key);
    expect(new Set(keys).size).toBe(4);
  });

  test("a process that only seemed dead is fenced, opens the store anew, and loses no lease", async () => {
    const { durable, store } = scene();
    const first = await durable();
    const lease = await first.acquire();
    await durable();
    const other = await first.acquire();
    expect(store.epoch).toBe(3);
    expect([lease.active, other.active]).toEqual([true, true]);
    expect(other.token).toBeGreaterThan(lease.token);
  });
});

describe("an allocate that was under way", () => {
  const interrupted = async (can: readonly CallKind[], members: object = {}) => {
    const made = scene();
    made.cloud.hold("allocate");
    const pool = await made.durable({ provider: made.cloud.provider(can, members), warm: 1, max: 1 });
    await settled();
    const [record] = await pool.resources();
    const key = record?.key ?? "";
    expect(record?.state).toBe("allocating");
    delete made.cloud.instead.allocate;
    const again = () => made.durable({ provider: made.cloud.provider(can, members), warm: 1, max: 1 });
    return { ...made, key, again };
  };

  test("and made it is found and used", async () => {
    const { cloud, key, again } = await interrupted(["find"]);
    cloud.things.set(key, { n: 77 });
    const pool = await again();
    expect((await pool.acquire()).data).toEqual({ n: 77 });
    expect(cloud.count("allocate")).toBe(1);
  });

  test("and made nothing is asked for, and another is made in its place", async () => {
    const { cloud, key, again } = await interrupted(["find"]);
    const pool = await again();
    const lease = await pool.acquire();
    expect(cloud.calls.map(({ kind }) => kind)).toEqual(["allocate", "find", "allocate"]);
    expect(lease.resource.key).not.toBe(key);
  });

  test("is not settled before settlesWithin, and counts until then", async () => {
    const { cloud, again, clock } = await interrupted(["find"], { settlesWithin: "10m" });
    const pool = await again();
    await clock.advance(10 * 60_000 - 1);
    expect(cloud.count("find")).toBe(0);
    expect(pool.stats()).toMatchObject({ total: 1, resources: { unknown: 1 } });
    await clock.advance(1);
    expect(cloud.count("find")).toBe(1);
    expect((await pool.acquire()).active).toBe(true);
  });

  test("is deleted by a provider without find, and then another is made", async () => {
    const { cloud, again, key } = await interrupted([]);
    const pool = await again();
    await pool.acquire();
    expect(cloud.calls.map(({ kind }) => kind)).toEqual(["allocate", "delete", "allocate"]);
    expect(cloud.calls[1]?.key).toBe(key);
  });

  test("and was checkpointed is deleted with what it said so far", async () => {
    const made = scene();
    const { cloud, durable, store } = made;
    cloud.instead.allocate = async (_call, context: CallContext<Thing>) => {
      await context.checkpoint({ n: 5 });
      return await new Promise(() => {});
    };
    let deleted: unknown;
    const provider = () =>
      cloud.provider([], {
        delete: async ({ data }) => {
          deleted = data;
        },
      });
    await durable({ provider: provider(), warm: 1, max: 1 });
    await settled();
    expect(store.record<ResourceRecord>("resource", 1)).toMatchObject({ state: "allocating", data: { n: 5 } });
    delete cloud.instead.allocate;
    await durable({ provider: provider(), warm: 1, max: 1 });
    await settled();
    expect(deleted).toEqual({ n: 5 });
  });
});

describe("other calls that were under way", () => {
  test("a reset is not repeated: the resource is deleted", async () => {
    const { durable, cloud } = scene();
    const provider = () => cloud.provider(["reset"]);
    cloud.hold("reset");
    const first = await durable({ provider: provider(), reuse: true });
    await (await first.acquire()).release();
    await settled();
    expect(cloud.count("reset")).toBe(1);
    await durable({ provider: provider(), reuse: true });
    await settled();
    expect(cloud.count("reset")).toBe(1);
    expect(cloud.count("delete")).toBe(1);
  });

  test("a delete is repeated", async () => {
    const { durable, cloud } = scene();
    cloud.hold("delete");
    await (await (await durable()).acquire()).release();
    await settled();
    const key = cloud.last("delete")?.key;
    delete cloud.instead.delete;
    const second = await durable();
    await settled();
    expect(cloud.calls.filter((call) => call.kind === "delete" && call.key === key)).toHaveLength(2);
    expect(await second.resources()).toEqual([]);
  });
});

describe("a pool that is in no configuration any more", () => {
  const manager = ({ clock, store }: Scene, pools: Record<string, FakeCloud>, names: Record<string, string> = {}) =>
    createManager({
      clock,
      store,
      pools: Object.fromEntries(
        Object.entries(pools).map(([name, cloud]) => [
          name,
          definePool({ provider: cloud.provider([], { name: names[name] ?? "cloud" }), max: 2, warm: 1 }),
        ]),
      ),
    });

  test("is emptied by a provider of the same name", async () => {
    const made = scene();
    const first = manager(made, { web: made.cloud, old: made.cloud });
    await first.ready();
    await settled();
    await first.close();
    const second = manager(made, { web: made.cloud });
    await second.ready();
    await settled();
    expect(await second.resources()).toMatchObject([{ pool: "web" }]);
    expect(made.cloud.things.size).toBe(1);
    expect(Object.keys(second.stats().pools)).toEqual(["web"]);
    await expect(second.acquire({ pool: "old" as never })).rejects.toMatchObject({ code: "NO_SUCH_POOL" });
  });

  test("is stranded without one: it is told, kept, and waits for its provider to come back", async () => {
    const made = scene();
    const names = { web: "cloud", old: "another" };
    const first = manager(made, { web: made.cloud, old: made.cloud }, names);
    await first.ready();
    await settled();
    await first.close();
    const second = manager(made, { web: made.cloud }, names);
    second.on("event", (event) => made.events.push(event));
    await second.ready();
    await settled();
    expect(made.events).toContainEqual(
      expect.objectContaining({ type: "pool.stranded", data: { provider: "another", resources: 1 } }),
    );
    expect(await second.resources({ pool: "old" as never })).toHaveLength(1);
    await second.configure({
      pools: {
        web: definePool({ provider: made.cloud.provider(), max: 2, warm: 1 }),
        late: definePool({ provider: made.cloud.provider([], { name: "another" }), max: 1 }),
      },
    });
    await made.clock.advance(0);
    expect(await second.resources({ pool: "old" as never })).toEqual([]);
  });

  test("refuses tickets that only it could serve", async () => {
    const made = scene();
    const first = manager(made, { web: made.cloud, old: made.cloud });
    const leases = [await first.acquire({ pool: "old" }), await first.acquire({ pool: "old" })];
    const { id } = await first.request({ pool: "old" });
    expect(leases).toHaveLength(2);
    await first.close();
    const second = manager(made, { web: made.cloud });
    await second.ready();
    const ticket = second.ticket(id);
    expect(ticket?.status()).toMatchObject({ state: "closed", end: "refused" });
    await expect(ticket?.wait()).rejects.toMatchObject({ code: "REFUSED", details: { ticket: id } });
    expect(made.store.record<TicketRecord>("ticket", id)?.reason).toContain('pool "old"');
  });
});

test("records of another release: a later format is STORE_TOO_NEW, garbage is STORE_CORRUPT", async () => {
  const { create, store } = scene();
  store.records.set("ticket 1", { kind: "ticket", id: 1, record: '{"v":2}' });
  await expect(create({ store }).ready()).rejects.toMatchObject({
    code: "STORE_TOO_NEW",
    details: { store: "map", found: 2, supported: 1 },
  });
  for (const record of ["{", '"text"', "null", "{}"]) {
    store.records.set("ticket 1", { kind: "ticket", id: 1, record });
    await expect(create({ store }).ready()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  }
});

test("fields of records that this release does not know survive rewriting", async () => {
  const { durable, store } = scene();
  await durable({ warm: 1 });
  await settled();
  const record = store.record<ResourceRecord>("resource", 1);
  const text = JSON.stringify({ ...record, colour: "blue" });
  store.records.set("resource 1", { kind: "resource", id: 1, record: text });
  const second = await durable({ warm: 1 });
  await second.acquire();
  expect(store.record("resource", 1)).toMatchObject({ state: "leased", colour: "blue" });
});

import { describe, expect, test } from "vitest";
import { closeOnSignal, createPool } from "../index.js";
import { scene } from "./testing/scene.js";
import { outcome, settled } from "./testing/simulated-clock.js";

const closed = { code: "POOL_CLOSED", details: { pool: "pool" } };

describe("close()", () => {
  test("rejects those who wait and everything that is asked for afterwards", async () => {
    const { memory } = scene();
    const pool = await memory({ max: 1 });
    await pool.acquire();
    const ticket = await pool.request();
    const waiting = [pool.acquire(), ticket.wait()].map((call) => expect(call).rejects.toMatchObject(closed));
    const closing = pool.close();
    await expect(pool.acquire()).rejects.toMatchObject(closed);
    await Promise.all([closing, ...waiting]);
    const calls = [
      pool.acquire(),
      pool.request(),
      pool.ready(),
      pool.pause(),
      pool.resume(),
      pool.drain(),
      pool.configure({ provider: scene().cloud.provider(), max: 1 }),
      pool.resources(),
      pool.tickets(),
      pool.leases(),
      pool.explain(1),
      pool.resource(1).delete(),
      pool.acceptRollback(),
      ticket.wait(),
      ticket.close(),
      pool.use(() => {}),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject(closed);
    expect(() => pool.stats()).toThrow(expect.objectContaining(closed));
    expect(() => pool.ticket(1)).toThrow(expect.objectContaining(closed));
  });

  test("twice is the same promise", async () => {
    const pool = await scene().memory();
    const first = pool.close();
    expect(pool.close({ resources: "keep" })).toBe(first);
    await first;
    await pool[Symbol.asyncDispose]();
  });

  test("of a pool in memory deletes everything; leases are lost", async () => {
    const { memory, cloud } = scene();
    const pool = await memory({ warm: 1, max: 3 });
    const lease = await pool.acquire();
    await settled();
    await pool.close();
    expect(cloud.things.size).toBe(0);
    expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST", details: { reason: "its pool was closed" } });
    await expect(lease.release()).rejects.toMatchObject({ code: "LEASE_LOST" });
  });

  test("of a durable pool keeps everything; a lease can't be released by this process any more", async () => {
    const { durable, cloud, store } = scene();
    const pool = await durable({ warm: 1, max: 3 });
    const lease = await pool.acquire();
    await settled();
    await pool.close();
    expect(cloud.things.size).toBe(2);
    expect(cloud.count("delete")).toBe(0);
    expect([...store.records.keys()].filter((key) => key.startsWith("resource"))).toHaveLength(2);
    expect([lease.active, lease.signal.aborted]).toEqual([true, false]);
    await expect(lease.release()).rejects.toMatchObject(closed);
    await lease[Symbol.asyncDispose]();
    expect(store.closed).toBe(1);
  });

  test("of a durable pool tells who has a lease when its time is over: nobody renews it any more", async () => {
    const { durable, clock } = scene();
    const pool = await durable({ lease: { ttl: "1m" } });
    const lease = await pool.acquire();
    const ticket = await pool.request({ ttl: "2m" });
    const { signal } = await ticket.wait();
    await pool.close();
    await clock.advance(59_000);
    expect([lease.active, signal.aborted]).toEqual([true, false]);
    await clock.advance(1_000);
    expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST" });
    expect(signal.aborted).toBe(false);
    await clock.advance(60_000);
    expect(signal.aborted).toBe(true);
  });

  test("tells those who wait for a ticket at once, and leaves its lease alone", async () => {
    const { durable, cloud } = scene();
    const pool = await durable({ max: 1 });
    const lease = await (await pool.request()).wait();
    const waiting = (await pool.request()).wait();
    cloud.hold("allocate");
    await pool.configure({ provider: cloud.provider(), max: 2 });
    await settled();
    const closing = pool.close();
    await expect(waiting).rejects.toMatchObject(closed);
    expect(await outcome(closing)).toBe("pending");
    expect([lease.active, lease.signal.aborted]).toEqual([true, false]);
  });

  test.each([
    ["memory", "keep", 1],
    ["durable", "delete", 0],
  ] as const)("of a pool in %s with resources: %s", async (kind, resources, left) => {
    const made = scene();
    const pool = await made[kind]({ warm: 1 });
    await settled();
    await pool.close({ resources });
    expect(made.cloud.things.size).toBe(left);
  });

  test("with resources delete opens the store first, if it has to", async () => {
    const { durable, create, store, cloud } = scene();
    const first = await durable({ warm: 2 });
    await settled();
    await first.close();
    const second = create({ store });
    await second.close({ resources: "delete" });
    expect(cloud.things.size).toBe(0);
    expect([...store.records.keys()].filter((key) => key.startsWith("resource"))).toEqual([]);
  });

  test("commits what was asked for before", async () => {
    const { durable } = scene();
    const pool = await durable({ reuse: true });
    const lease = await pool.acquire();
    const released = lease.release();
    await pool.close();
    await released;
    const again = await durable({ reuse: true });
    expect(again.stats().resources).toMatchObject({ ready: 1, leased: 0 });
  });

  test("waits for the last commit", async () => {
    const { durable, store } = scene();
    const pool = await durable({ reuse: true });
    const lease = await pool.acquire();
    store.hold();
    const released = lease.release();
    const closing = pool.close();
    expect(await outcome(closing)).toBe("pending");
    store.letGo();
    await Promise.all([released, closing]);
  });

  test("waits for an allocate under way, and keeps what it made", async () => {
    const { durable, cloud } = scene();
    const letGo = cloud.hold("allocate");
    const pool = await durable({ warm: 1 });
    await settled();
    const closing = pool.close();
    expect(await outcome(closing)).toBe("pending");
    await expect(pool.pause()).rejects.toMatchObject(closed);
    letGo();
    await closing;
    const again = await durable();
    expect(again.stats().resources.ready).toBe(1);
  });

  test.each([
    [undefined, 30_000],
    ["5s", 5_000],
  ] as const)("with a provider that hangs takes no longer than its timeout (%s)", async (timeout, ms) => {
    const { memory, cloud, clock } = scene();
    cloud.instead.delete = () => new Promise(() => {});
    const pool = await memory({ warm: 1 });
    await settled();
    const closing = pool.close(timeout === undefined ? {} : { timeout });
    await clock.advance(ms - 1);
    expect(await outcome(closing)).toBe("pending");
    expect(cloud.last("delete")?.signal.aborted).toBe(false);
    // Once its time is over, it has two more seconds to obey its signal.
    await clock.advance(1);
    expect(cloud.last("delete")?.signal.aborted).toBe(true);
    await clock.advance(2_000);
    expect(await outcome(closing)).toBe("resolved");
  });

  test("calls no provider afterwards", async () => {
    const { durable, cloud, clock } = scene();
    cloud.instead.delete = async () => {
      throw new Error("not now");
    };
    const pool = await durable({ provider: cloud.provider(["check"]), warm: 1 });
    await (await pool.acquire()).release();
    await settled();
    await pool.close();
    const calls = cloud.calls.length;
    await clock.advance(3_600_000);
    expect(cloud.calls).toHaveLength(calls);
  });

  test("begins no call when its time is over, whatever the last answers ask for", async () => {
    const { durable, cloud, clock } = scene();
    cloud.instead.allocate = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("interrupted"))));
    const pool = await durable({ provider: cloud.provider(["find"]), warm: 1 });
    await settled();
    const closing = pool.close({ timeout: "1s" });
    await clock.advance(3_000);
    await closing;
    expect(cloud.calls.map(({ kind }) => kind)).toEqual(["allocate"]);
  });

  test("with a store that hangs takes no longer than its timeout", async () => {
    const { durable, store, clock } = scene();
    const pool = await durable({ closeTimeout: "4s" });
    store.hold();
    const calls: Promise<unknown>[] = [pool.acquire(), pool.request()];
    await settled();
    calls.push(pool.request(), pool.configure({ provider: scene().cloud.provider(), max: 1 }));
    await settled();
    const rejected = calls.map((call) => expect(call).rejects.toMatchObject(closed));
    const closing = pool.close();
    await clock.advance(4_000);
    expect(await outcome(closing)).toBe("resolved");
    await Promise.all(rejected);
  });

  test.each([
    [{ resources: "kepp" }, 'resources: must be "keep" or "delete".'],
    [{ resource: "keep" }, 'resource: unknown option, did you mean "resources"?'],
    [{ timeout: "soon" }, 'timeout: "soon" is not a duration'],
  ])("with %j is INVALID_OPTIONS, and closes nothing", async (options, message) => {
    const pool = await scene().memory();
    await expect(pool.close(options as never)).rejects.toThrow(message);
    expect((await pool.acquire()).active).toBe(true);
  });
});

describe("closing while the store is being opened", () => {
  test("gives it up: those who wait are told that the pool is closed", async () => {
    const { create, store, cloud, clock } = scene();
    const letGo = store.holdOpening();
    const pool = create({ store, warm: 1 });
    const calls = [pool.acquire(), pool.request(), pool.ready(), pool.resources()];
    const rejected = calls.map((call) => expect(call).rejects.toMatchObject(closed));
    const closing = pool.close({ timeout: "10s" });
    await settled();
    letGo();
    await Promise.all([closing, ...rejected]);
    await clock.advance(0);
    expect(cloud.calls).toEqual([]);
    expect(store.sent).toEqual([]);
  });

  test("takes no longer than its timeout, though opening hangs", async () => {
    const { create, store, clock } = scene();
    const letGo = store.holdOpening();
    const pool = create({ store });
    const calls = [pool.acquire(), pool.request(), pool.ready()];
    const rejected = calls.map((call) => expect(call).rejects.toMatchObject(closed));
    const closing = pool.close({ timeout: "10s" });
    await clock.advance(10_000);
    await Promise.all([closing, ...rejected]);
    letGo();
    await settled();
    expect(store.sent).toEqual([]);
  });

  test("anew gives it up as well", async () => {
    const { durable, store, clock } = scene();
    const pool = await durable({ max: 1 });
    const lease = await pool.acquire();
    const waiting = expect(pool.acquire()).rejects.toMatchObject(closed);
    await settled();
    const letGo = store.holdOpening();
    store.faults.push("is fenced");
    const released = expect(lease.release()).rejects.toMatchObject(closed);
    await settled();
    const closing = pool.close({ timeout: "10s" });
    await clock.advance(0);
    letGo();
    await Promise.all([closing, waiting, released]);
  });

  test("in memory, at once after making it, makes nothing", async () => {
    const { create, cloud } = scene();
    const pool = create({ warm: 2 });
    await pool.close();
    expect(cloud.calls).toEqual([]);
  });
});

test("await using closes the pool", async () => {
  const { cloud } = scene();
  {
    await using pool = createPool({ provider: cloud.provider(), max: 1 });
    await pool.acquire();
  }
  expect(cloud.things.size).toBe(0);
});

test("pools install no signal handlers; closeOnSignal does, until it is called off", () => {
  const count = () => process.listenerCount("SIGTERM") + process.listenerCount("SIGINT");
  const before = count();
  const pool = createPool({ provider: scene().cloud.provider(), max: 1 });
  expect(count()).toBe(before);
  const off = closeOnSignal([pool]);
  expect(count()).toBe(before + 2);
  off();
  expect(count()).toBe(before);
});

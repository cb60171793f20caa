import { describe, expect, test } from "vitest";
import { type AnyEvent, createManager, createPool, definePool, ProviderError } from "../index.js";
import { FakeCloud } from "./testing/fake-cloud.js";
import { scene } from "./testing/scene.js";
import { outcome, SimulatedClock, settled } from "./testing/simulated-clock.js";

const failing = (error: unknown) => async () => {
  throw error;
};

const noQuota = new ProviderError("no quota", { kind: "quota", made: "nothing" });
const badImage = new ProviderError("image abc does not exist", { kind: "permanent", made: "nothing" });

describe("a provider that fails to allocate", () => {
  test.each(["memory", "durable"] as const)("is asked again after ever longer pauses (%s)", async (kind) => {
    const made = scene();
    const { clock, cloud } = made;
    cloud.instead.allocate = failing(noQuota);
    const pool = await made[kind]({ warm: 2, max: 8, backoff: { first: "1s", max: "1m" } });
    const waiting = Array.from({ length: 5 }, () => pool.acquire({ timeout: "1d" }));
    await clock.advance(0);
    // One for each at first, as nobody knows yet.
    expect(cloud.count("allocate")).toBeLessThanOrEqual(8);
    const before = cloud.count("allocate");
    await clock.advance(3_600_000);
    expect(cloud.count("allocate") - before).toBeGreaterThan(30);
    expect(cloud.count("allocate") - before).toBeLessThan(75);
    delete cloud.instead.allocate;
    await clock.advance(120_000);
    expect(await Promise.all(waiting)).toHaveLength(5);
  });

  test.each([
    ["throws instead of rejecting", new Error("boom")],
    ["rejects with a text", "boom"],
    ["rejects with something that has no text", Object.create(null)],
    ["rejects with undefined", undefined],
  ])("and %s is a failing provider", async (_, error) => {
    const { memory, clock, cloud } = scene();
    const provider = cloud.provider([], {
      allocate: () => {
        throw error;
      },
    });
    const pool = await memory({ provider });
    const rejected = pool.acquire({ timeout: "5s" }).catch((reason: Error) => reason);
    await clock.advance(5_000);
    expect(await rejected).toMatchObject({ code: "ACQUIRE_TIMEOUT" });
    expect(pool.stats()).toMatchObject({ allocateSuccess: 0, lastFailure: { kind: "unknown" } });
  });

  test("after retryAfterMs only, if it asks for that", async () => {
    const { memory, clock, cloud } = scene();
    cloud.instead.allocate = failing(
      new ProviderError("slow down", { kind: "throttled", made: "nothing", retryAfterMs: 90_000 }),
    );
    await memory({ warm: 1 });
    await clock.advance(89_999);
    expect(cloud.count("allocate")).toBe(1);
    await clock.advance(1);
    expect(cloud.count("allocate")).toBe(2);
  });

  test("tells by events and statistics", async () => {
    const { memory, cloud, events } = scene();
    cloud.instead.allocate = failing(noQuota);
    const pool = await memory({ warm: 1 });
    await settled();
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "provider.failed",
        data: { call: "allocate", kind: "quota", message: "no quota", retryInMs: 1_000 },
      }),
    );
    expect(pool.stats()).toMatchObject({
      totals: { made: 0, failed: 1 },
      lastFailure: { kind: "quota", message: "no quota" },
      obstacles: [{ why: "failing", kind: "quota", lastError: "no quota", retryInMs: 1_000 }],
    });
  });
});

describe("a provider that fails for good", () => {
  test("makes waiters be refused at once, with its error as the cause", async () => {
    const { memory, cloud, clock } = scene();
    cloud.instead.allocate = failing(badImage);
    const pool = await memory({ name: "vm" });
    const refused = { code: "REFUSED", cause: badImage, details: { reason: 'pool "vm": image abc does not exist' } };
    await Promise.all([pool.acquire(), pool.acquire()].map((call) => expect(call).rejects.toMatchObject(refused)));
    await expect(pool.acquire()).rejects.toMatchObject(refused);
    const calls = cloud.count("allocate");
    await clock.advance(299_999);
    expect(cloud.count("allocate")).toBe(calls);
  });

  test("leaves them waiting with onPermanent wait", async () => {
    const { memory, cloud, clock } = scene();
    cloud.instead.allocate = failing(badImage);
    const pool = await memory({ onPermanent: "wait" });
    const waiting = pool.acquire({ timeout: "1h" });
    expect(await outcome(waiting)).toBe("pending");
    delete cloud.instead.allocate;
    await clock.advance(300_000);
    expect((await waiting).active).toBe(true);
  });

  test("leaves them waiting while another pool may serve them", async () => {
    const [broken, sound] = [new FakeCloud(), new FakeCloud()];
    broken.instead.allocate = failing(badImage);
    const letGo = sound.hold("allocate");
    const manager = createManager({
      clock: new SimulatedClock(),
      pools: {
        a: definePool({ provider: broken.provider(), max: 1, tags: [{ name: "x", priority: 1 }] }),
        b: definePool({ provider: sound.provider([], { name: "b" }), max: 1, tags: ["x"] }),
      },
    });
    const waiting = manager.acquire({ tags: ["x"] });
    expect(await outcome(waiting)).toBe("pending");
    letGo();
    expect((await waiting).pool).toBe("b");
  });

  test("works again when it is configured anew", async () => {
    const { memory, cloud } = scene();
    cloud.instead.allocate = failing(badImage);
    const pool = await memory();
    await expect(pool.acquire()).rejects.toMatchObject({ code: "REFUSED" });
    await pool.configure({ provider: new FakeCloud().provider(), max: 2 });
    expect((await pool.acquire()).active).toBe(true);
  });
});

describe("a call that runs past its deadline", () => {
  test("has its signal aborted, and is answered as a timeout", async () => {
    const { memory, clock, cloud } = scene();
    cloud.hold("allocate");
    const pool = await memory({ timeouts: { allocate: "2m" }, max: 1 });
    const rejected = pool.acquire({ timeout: "3m" }).catch((reason: Error) => reason);
    await clock.advance(120_000);
    expect(cloud.last("allocate")?.signal.reason).toMatchObject({
      code: "PROVIDER_TIMEOUT",
      details: { provider: "cloud", call: "allocate", timeoutMs: 120_000 },
    });
    await clock.advance(60_000);
    expect(await rejected).toMatchObject({ code: "ACQUIRE_TIMEOUT", cause: { code: "PROVIDER_TIMEOUT" } });
  });

  test("and ends after all brings a resource that is used", async () => {
    const { memory, clock, cloud } = scene();
    const letGo = cloud.hold("allocate");
    const pool = await memory({
      provider: cloud.provider([], { settlesWithin: "1h" }),
      timeouts: { allocate: "2m" },
      max: 1,
    });
    const waiting = pool.acquire({ timeout: "10m" });
    await clock.advance(180_000);
    expect(pool.stats().resources).toMatchObject({ unknown: 1 });
    letGo();
    expect((await waiting).data).toEqual({ n: 1 });
    expect(cloud.count("allocate")).toBe(1);
  });

  test("does not keep later calls waiting, be there ever so many that hang", async () => {
    const { memory, clock, cloud } = scene();
    const pool = await memory({ max: 30, timeouts: { delete: "1m" } });
    const leases = await Promise.all(Array.from({ length: 15 }, () => pool.acquire()));
    cloud.instead.delete = () => new Promise(() => {});
    await Promise.all(leases.map((lease) => lease.release()));
    await settled();
    expect(cloud.count("delete")).toBe(10);
    await clock.advance(60_000);
    expect(cloud.count("delete")).toBe(15);
    delete cloud.instead.delete;
    await clock.advance(600_000);
    expect(pool.stats().total).toBe(0);
  });

  test("keeps no find waiting, be there ever so many checks that hang", async () => {
    const { memory, clock, cloud } = scene();
    const pool = await memory({ provider: cloud.provider(["check", "find"]), max: 14, warm: 13, maxAllocating: 14 });
    cloud.hold("check");
    await clock.advance(60_000);
    expect(cloud.count("check")).toBe(10);
    cloud.instead.allocate = failing(new Error("no answer"));
    await pool.acquire();
    await settled();
    expect(cloud.count("find")).toBe(1);
    expect(cloud.count("check")).toBe(10);
  });

  test.each(["check", "find", "reset", "delete"] as const)("is aborted: %s", async (kind) => {
    const { memory, clock, cloud } = scene();
    const pool = await memory({
      provider: cloud.provider(["check", "find", "reset"]),
      reuse: true,
      check: { every: "10s", timeout: "5s" },
      timeouts: { find: "5s", reset: "5s", delete: "5s" },
    });
    const lease = await pool.acquire();
    cloud.hold(kind);
    if (kind === "find" || kind === "delete") await lease.release({ failed: "x" });
    else if (kind === "reset") await lease.release();
    await clock.advance(kind === "check" ? 10_000 : 4_999);
    const call = cloud.last(kind);
    expect(call?.signal.aborted).toBe(false);
    await clock.advance(5_000);
    expect(call?.signal.reason).toMatchObject({ code: "PROVIDER_TIMEOUT", details: { call: kind, timeoutMs: 5_000 } });
  });
});

describe("a provider that answers nonsense", () => {
  test.each([
    ["check", { status: "fine" }, 'check of provider "cloud" answered with status "fine"'],
    ["check", 5, "answered with status undefined"],
    ["find", { status: "there" }, 'find of provider "cloud" answered with status "there"'],
    ["find", undefined, "answered with status undefined"],
    ["list", [{ name: "x" }], "brought a thing without a key"],
    ["list", [undefined], "brought a thing without a key"],
  ] as const)("to %s: %j is a failure", async (kind, answer, message) => {
    const { memory, clock, cloud } = scene();
    const events: AnyEvent[] = [];
    const pool = await memory({ provider: cloud.provider([kind]), warm: 1 });
    pool.on("event", (event) => events.push(event));
    await clock.advance(0);
    cloud.instead[kind] = async () => answer;
    if (kind === "find") await (await pool.acquire()).release();
    await clock.advance(400_000);
    expect(JSON.stringify(events.map(({ data }) => data))).toContain(JSON.stringify(message).slice(1, -1));
    expect(cloud.count(kind)).toBeLessThan(100);
  });

  test("a listing that breaks off ends nothing, and is tried again", async () => {
    const { memory, clock, cloud, events } = scene();
    const provider = cloud.provider([], {
      async *list() {
        yield { key: "wp-aaaaaaaa-bbbbbb-1" };
        throw new ProviderError("the connection broke", { kind: "transient" });
      },
    });
    const pool = await memory({ provider, warm: 2 });
    await clock.advance(3_600_000);
    expect(pool.stats().resources.ready).toBe(2);
    expect(cloud.count("delete")).toBe(0);
    const lists = events.filter(
      ({ type, data }) => type === "provider.failed" && "call" in data && data.call === "list",
    );
    expect(lists.length).toBeGreaterThan(10);
    expect(lists.length).toBeLessThan(40);
  });
});

describe("data that is not JSON", () => {
  test.each([
    ["data.when (a Date)", { when: new Date() }],
    ["data.run (function)", { run: () => {} }],
    ["data[1] (undefined)", [1, undefined]],
    ["data.price (NaN)", { price: Number.NaN }],
    ["data.self (a cycle)", cyclic()],
    ["data (a Map)", new Map()],
  ])("on a durable store is refused: %s", async (at, data) => {
    const { durable, cloud } = scene();
    cloud.instead.allocate = async () => data;
    const pool = await durable();
    await expect(pool.acquire()).rejects.toMatchObject({
      code: "REFUSED",
      cause: { code: "DATA_NOT_JSON", details: { at }, message: expect.stringContaining("use the memory store") },
    });
  });

  test("in memory is lent as it is", async () => {
    const live = cyclic();
    await using pool = createPool({
      provider: { name: "x", allocate: async () => live, delete: async () => {} },
      max: 1,
    });
    expect((await pool.acquire()).data).toBe(live);
  });
});

function cyclic(): object {
  const data: { self?: object } = {};
  data.self = data;
  return data;
}

test("an allocate that is given up before its commit never leaves", async () => {
  const { durable, store, cloud } = scene();
  const pool = await durable({ max: 1 });
  store.hold();
  const waiting = pool.acquire();
  await settled();
  const draining = pool.resource(1).delete();
  store.letGo();
  await draining;
  await waiting;
  expect(cloud.count("allocate")).toBe(1);
});

import { describe, expect, test } from "vitest";
import { createManager, definePool, ProviderError } from "../index.js";
import { countedIds } from "./testing/counted-ids.js";
import { FakeCloud } from "./testing/fake-cloud.js";
import { scene } from "./testing/scene.js";
import { outcome, SimulatedClock, settled } from "./testing/simulated-clock.js";

describe("a timeout", () => {
  test("of 0 takes what is there, and fails at once when nothing is", async () => {
    const { memory } = scene();
    const pool = await memory({ max: 1, reuse: true });
    await (await pool.acquire()).release();
    const lease = await pool.acquire({ timeout: 0 });
    await expect(pool.acquire({ timeout: 0 })).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT" });
    await lease.release();
  });

  test("of 0 fails in the same turn, however late the turn began", async () => {
    const { create } = scene();
    let turnMs = 1_000;
    const clock = { now: () => 5_000, turn: () => turnMs, after: () => ({ cancel() {} }) };
    const pool = create({ clock, max: 1 });
    await pool.acquire();
    turnMs = 2_000;
    await expect(pool.acquire({ timeout: 0 })).rejects.toMatchObject({
      code: "ACQUIRE_TIMEOUT",
      details: { waitedMs: 0 },
    });
  });

  test("of 0 leaves the store time to confirm what was free, until releaseTimeout", async () => {
    const { durable, store, clock } = scene();
    const pool = await durable({ max: 2, warm: 2, releaseTimeout: "3s" });
    await settled();
    store.hold();
    const taken = pool.acquire({ timeout: 0 });
    await clock.advance(2_999);
    expect(await outcome(taken)).toBe("pending");
    store.letGo();
    expect((await taken).active).toBe(true);
    store.hold();
    const tooSlow = pool.acquire({ timeout: 0 }).catch((reason: Error) => reason);
    await clock.advance(3_000);
    expect(await tooSlow).toMatchObject({
      code: "ACQUIRE_TIMEOUT",
      message: expect.stringContaining("did not confirm"),
    });
    store.letGo();
  });

  test("of 0 fails at once while the store is being opened", async () => {
    const { create, store, clock } = scene();
    store.holdOpening();
    const error = create({ store })
      .acquire({ timeout: 0 })
      .catch((reason: Error) => reason);
    await clock.advance(0);
    expect(await error).toMatchObject({ code: "ACQUIRE_TIMEOUT" });
  });

  test("is the pool's acquireTimeout unless given", async () => {
    const { memory, clock } = scene();
    const pool = await memory({ max: 1, acquireTimeout: "30s" });
    await pool.acquire();
    const waiting = pool.acquire();
    const longer = pool.acquire({ timeout: "40s" });
    await clock.advance(29_999);
    expect(await outcome(waiting)).toBe("pending");
    await clock.advance(1);
    await expect(waiting).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT", details: { waitedMs: 30_000 } });
    expect(await outcome(longer)).toBe("pending");
  });

  test("says which cap it ran into", async () => {
    const { memory } = scene();
    const pool = await memory({ name: "web", max: 1 });
    await pool.acquire();
    await expect(pool.acquire({ timeout: 0 })).rejects.toThrow(
      'No resource within 0ms. Ticket 2 has waited 0ms. It is next in line; pool "web": all 1 places are taken (1 leased).',
    );
  });

  test("says how many go before it", async () => {
    const { memory, clock } = scene();
    const pool = await memory({ max: 1 });
    await pool.acquire();
    const waiting = [pool.acquire(), pool.acquire({ priority: 1 })];
    const last = pool.acquire({ timeout: "1s" });
    const message = last.catch((error: Error) => error.message);
    await clock.advance(1_000);
    expect(await message).toContain("2 go before it");
    await pool.close();
    await Promise.allSettled(waiting);
  });

  test("has the last provider error as its cause, and names it", async () => {
    const { memory, clock, cloud } = scene();
    const problem = new ProviderError("quota of 3 reached", { kind: "quota", made: "nothing" });
    cloud.instead.allocate = async () => {
      throw problem;
    };
    const pool = await memory();
    const waiting = pool.acquire({ timeout: "10s" });
    const error = waiting.catch((reason: Error) => reason);
    await clock.advance(10_000);
    expect(await error).toMatchObject({ code: "ACQUIRE_TIMEOUT", cause: problem });
    expect((await error) as Error).toHaveProperty("message", expect.stringContaining("quota: quota of 3 reached"));
  });

  test("of a ticket that several pools could serve has the newest of their errors as its cause", async () => {
    const clock = new SimulatedClock();
    const clouds = { a: new FakeCloud(), b: new FakeCloud() };
    const fail = (name: "a" | "b", error: Error) => {
      clouds[name].instead.allocate = async () => {
        throw error;
      };
    };
    const pool = (name: "a" | "b", first: "1m" | "20s") =>
      definePool({ provider: clouds[name].provider([], { name }), max: 1, backoff: { first }, tags: ["x"] });
    const manager = createManager({ clock, ids: countedIds(), pools: { a: pool("a", "1m"), b: pool("b", "20s") } });
    const older = new ProviderError("older", { made: "nothing" });
    const newer = new ProviderError("newer", { made: "nothing" });
    fail("a", older);
    fail("b", newer);
    const error = manager.acquire({ tags: ["x"], timeout: "50s" }).catch((reason: Error) => reason);
    await clock.advance(50_000);
    expect(clouds.b.count("allocate")).toBeGreaterThan(0);
    expect(await error).toMatchObject({ code: "ACQUIRE_TIMEOUT", cause: newer });
  });

  test("that comes before the store is open says so", async () => {
    const { create, store, clock } = scene();
    store.holdOpening();
    const pool = create({ store });
    const waiting = pool.acquire({ timeout: "5s" });
    const error = waiting.catch((reason: Error) => reason);
    await clock.advance(4_999);
    expect(await outcome(waiting)).toBe("pending");
    await clock.advance(1);
    expect(await error).toMatchObject({
      code: "ACQUIRE_TIMEOUT",
      message: "No resource within 5s. The store is still being opened.",
    });
  });

  test("counts from the call, not from when the store was open", async () => {
    const { create, store, clock } = scene();
    const letGo = store.holdOpening();
    const pool = create({ store, max: 1 });
    const [first, second] = [pool.acquire(), pool.acquire({ timeout: "5s" })];
    const error = second.catch((reason: Error) => reason);
    await clock.advance(4_000);
    letGo();
    await first;
    await clock.advance(1_000);
    expect(await error).toMatchObject({ code: "ACQUIRE_TIMEOUT" });
  });
});

import { describe, expect, test } from "vitest";
import { scene } from "./testing/scene.js";
import { settled } from "./testing/simulated-clock.js";

const HOUR = 3_600_000;
const hourly = { lease: { grace: "30s", lifespan: { default: "1h", maximum: "3h" } } } as const;

describe("a lease with a lifespan", () => {
  test("says until when it lasts, and aborts its signal then", async () => {
    const { memory, clock } = scene();
    const pool = await memory(hourly);
    const lease = await pool.acquire();
    expect(lease.until).toEqual(new Date(clock.now() + HOUR));
    expect(lease.expiresAt).toEqual(lease.until);
    const { signal } = lease;
    await clock.advance(HOUR - 1);
    expect([signal.aborted, lease.active]).toEqual([false, true]);
    await clock.advance(1);
    expect(lease.active).toBe(false);
    expect(signal.reason).toMatchObject({ code: "LEASE_LOST", details: { reason: "its lifespan is over" } });
  });

  test("is as long as was asked for, as a length or as a time", async () => {
    const { memory, clock } = scene();
    const pool = await memory();
    const until = new Date(clock.now() + 90_000);
    expect((await pool.acquire({ lifespan: "5m" })).until).toEqual(new Date(clock.now() + 300_000));
    expect((await pool.acquire({ until })).until).toEqual(until);
    const lease = await (await (await memory()).request({ until })).wait();
    expect(lease.until).toEqual(until);
  });

  test("expires by whichever comes first, its ttl or its lifespan", async () => {
    const { memory, clock } = scene();
    const pool = await memory({ lease: { ttl: "2m", lifespan: { default: "1h" } } });
    const lease = await pool.acquire();
    expect(lease.expiresAt).toEqual(new Date(clock.now() + 120_000));
    await clock.advance(HOUR - 60_000);
    expect(lease.expiresAt).toEqual(lease.until);
  });

  test("is not revived by renewing once it is over", async () => {
    const { memory, clock } = scene();
    const lease = await (await memory({ lease: { ttl: "10m", lifespan: { maximum: "1h" } } })).acquire();
    await clock.advance(HOUR);
    await expect(lease.renew()).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(lease.active).toBe(false);
  });

  test("aborts its signal in time while there is no store", async () => {
    const { durable, clock, store } = scene();
    const pool = await durable(hourly);
    const lease = await pool.acquire();
    const { signal } = lease;
    store.faults.push("is fenced");
    const letGo = store.holdOpening();
    void pool.acquire({ timeout: 0 }).catch(() => {});
    await clock.advance(HOUR - 1);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.aborted).toBe(true);
    letGo();
    await settled();
  });
});

describe("extending a lease", () => {
  test("resolves with its new end once that is committed", async () => {
    const { durable, clock, store } = scene();
    const lease = await (await durable(hourly)).acquire();
    store.hold();
    const extended = lease.extend("30m");
    let done = false;
    void extended.then(() => {
      done = true;
    });
    await settled();
    expect(done).toBe(false);
    store.letGo();
    expect(await extended).toEqual(new Date(clock.now() + HOUR + 30 * 60_000));
    expect(lease.until).toEqual(await extended);
  });

  test("to a time beyond the maximum gives what the pool allows, and an event says so", async () => {
    const { memory, clock, events } = scene();
    const lease = await (await memory(hourly)).acquire();
    const end = new Date(clock.now() + 3 * HOUR);
    expect(await lease.extend(new Date(clock.now() + 100 * HOUR))).toEqual(end);
    expect(events.find(({ type }) => type === "lease.clamped")).toMatchObject({
      data: { askedForAtMs: clock.now() + 100 * HOUR, endsAtMs: end.getTime(), by: "maximum" },
      ids: { ticket: lease.ticket, token: lease.token },
    });
    await expect(lease.extend("1m")).rejects.toMatchObject({ code: "LIFESPAN_EXHAUSTED", details: { endsAt: end } });
  });

  test("within its grace gives it back, with a new signal", async () => {
    const { memory, clock } = scene();
    const lease = await (await memory(hourly)).acquire();
    const { signal } = lease;
    await clock.advance(HOUR + 10_000);
    expect(signal.aborted).toBe(true);
    await lease.extend("10m");
    expect([lease.active, lease.signal.aborted]).toEqual([true, false]);
    await clock.advance(10 * 60_000 - 10_000);
    expect(lease.signal.aborted).toBe(true);
  });

  test("after its end rejects as renewing does", async () => {
    const { memory, clock } = scene();
    const pool = await memory(hourly);
    const [released, lost] = [await pool.acquire(), await pool.acquire()];
    await released.release();
    await clock.advance(HOUR + 30_000);
    await expect(released.extend("1m")).rejects.toMatchObject({ code: "LEASE_ENDED" });
    await expect(lost.extend("1m")).rejects.toMatchObject({ code: "LEASE_LOST" });
  });

  test("is asked for again when the engine was loaded anew before it was committed", async () => {
    const { durable, clock, store } = scene();
    const lease = await (await durable(hourly)).acquire();
    store.faults.push("is fenced");
    const extended = lease.extend("30m");
    await clock.advance(60_000);
    expect(await extended).toEqual(lease.until);
    expect(lease.until?.getTime()).toBe(clock.now() - 60_000 + HOUR + 30 * 60_000);
  });

  test("by what is no length is refused", async () => {
    const lease = await (await scene().memory()).acquire();
    await expect(lease.extend("soon" as "1m")).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    await expect(lease.extend(new Date(Number.NaN))).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    expect(await lease.extend("1m")).toBeNull();
  });
});

describe("asking for a lifespan", () => {
  test("that has passed, or is given twice, is INVALID_OPTIONS", async () => {
    const { memory, clock } = scene();
    const pool = await memory();
    const soon = new Date(clock.now() + 1);
    await expect(pool.acquire({ until: new Date(clock.now()) })).rejects.toThrow(/until: has passed/);
    await expect(pool.acquire({ until: soon, lifespan: "1m" })).rejects.toThrow(/until: cannot be given together/);
    await expect(pool.acquire({ lifespan: 0 })).rejects.toThrow(/lifespan: must be longer than 0/);
    await expect(pool.request({ until: 17 as unknown as Date })).rejects.toThrow(/until: must be a Date/);
  });

  test("does not wait for a lease that would be over", async () => {
    const { memory, clock } = scene();
    const pool = await memory({ max: 1 });
    await pool.acquire();
    const late = pool.acquire({ until: new Date(clock.now() + 20_000) });
    const failed = expect(late).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT", details: { waitedMs: 20_000 } });
    await clock.advance(20_000);
    await failed;
  });

  test("of another length is another request", async () => {
    const pool = await scene().durable();
    await pool.request({ requestId: "a", lifespan: "1m" });
    await expect(pool.request({ requestId: "a", lifespan: "2m" })).rejects.toMatchObject({ code: "REQUEST_CONFLICT" });
    expect((await pool.request({ requestId: "a", lifespan: 60_000 })).id).toBe(1);
  });

  test("whose default is longer than its maximum is no policy", async () => {
    const lifespan = { default: "2h", maximum: "1h" } as const;
    await expect(async () => scene().memory({ lease: { lifespan } })).rejects.toThrow(
      /lease.lifespan.default: is 2h, longer than lease.lifespan.maximum \(1h\)/,
    );
  });
});

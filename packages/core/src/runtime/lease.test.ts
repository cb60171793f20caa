import { describe, expect, test } from "vitest";
import { isWarmpoolError, type Lease } from "../index.js";
import { scene } from "./testing/scene.js";
import { outcome, settled } from "./testing/simulated-clock.js";

describe("a lease", () => {
  test("shows what was made, where, and under which number and key", async () => {
    const { memory, cloud } = scene();
    const pool = await memory({ name: "web" });
    const lease = await pool.acquire();
    expect(lease.data).toEqual({ n: 1 });
    expect(lease.pool).toBe("web");
    expect(lease.resource).toEqual({ id: 1, key: [...cloud.things.keys()][0] });
    expect(lease.active).toBe(true);
    expect(lease.signal.aborted).toBe(false);
    expect(lease.expiresAt).toBeNull();
  });

  test("has a larger token than every one before, over restarts too", async () => {
    const { durable } = scene();
    const first = await durable();
    const tokens = [(await first.acquire()).token, (await first.acquire()).token];
    await first.close();
    const second = await durable({ max: 4 });
    tokens.push((await second.acquire()).token);
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
    expect(new Set(tokens).size).toBe(3);
  });

  test("is of nobody else at the same time", async () => {
    const { memory } = scene();
    const pool = await memory({ max: 2 });
    const [one, other] = await Promise.all([pool.acquire(), pool.acquire()]);
    expect(one.resource.id).not.toBe(other.resource.id);
    expect(await outcome(pool.acquire())).toBe("pending");
  });
});

describe("releasing", () => {
  test("ends the lease at once, and resolves with the same promise when repeated", async () => {
    const { memory } = scene();
    const lease = await (await memory()).acquire();
    const first = lease.release();
    expect(lease.active).toBe(false);
    expect(lease.release()).toBe(first);
    await first;
    expect(lease.release("ok")).toBe(first);
    expect(lease.signal.aborted).toBe(false);
  });

  test("again with another verdict rejects with LEASE_ENDED", async () => {
    const { memory } = scene();
    const lease = await (await memory()).acquire();
    await lease.release({ failed: "it smells" });
    await lease.release({ failed: "it smells" });
    await expect(lease.release({ failed: "it burns" })).rejects.toMatchObject({ code: "LEASE_ENDED" });
    await expect(lease.release("ok")).rejects.toMatchObject({ code: "LEASE_ENDED", details: { token: lease.token } });
  });

  test("without a verdict uses the one that fail() set", async () => {
    const { memory } = scene();
    const pool = await memory({ reuse: true, onFailed: "hold" });
    const lease = await pool.acquire();
    lease.fail("the screen is blue");
    await lease.release();
    expect(await pool.resources()).toMatchObject([{ state: "held", note: "the screen is blue" }]);
    await expect(lease.release("ok")).rejects.toMatchObject({ code: "LEASE_ENDED" });
  });

  test("lets the next one have the resource, if it is reused", async () => {
    const { memory } = scene();
    const pool = await memory({ max: 1, reuse: true });
    const first = await pool.acquire();
    const next = pool.acquire();
    await first.release();
    expect((await next).resource).toEqual(first.resource);
    expect((await next).token).toBeGreaterThan(first.token);
  });

  test("renewing afterwards rejects with LEASE_ENDED", async () => {
    const { memory } = scene();
    const lease = await (await memory()).acquire({ ttl: "1m", renew: "manual" });
    await lease.release();
    await expect(lease.renew()).rejects.toMatchObject({ code: "LEASE_ENDED" });
  });

  test.each([
    ["dispose", [], "deleting"],
    ["reset", ["reset"], "resetting"],
    ["hold", [], "held"],
  ] as const)("as failed, with onFailed %s", async (onFailed, can, state) => {
    const { memory, cloud } = scene();
    cloud.hold("delete");
    cloud.hold("reset");
    const pool = await memory({ provider: cloud.provider(can), reuse: true, onFailed });
    await (await pool.acquire()).release({ failed: "no answer" });
    expect(await pool.resources()).toMatchObject([{ state }]);
  });

  test("as failed with onFailed hold keeps the resource for holdFor, and then deletes it", async () => {
    const { memory, clock, cloud } = scene();
    const pool = await memory({ onFailed: "hold", holdFor: "10m" });
    await (await pool.acquire()).release({ failed: "look at this" });
    await clock.advance(9.9 * 60_000);
    expect(cloud.count("delete")).toBe(0);
    await clock.advance(60_000);
    expect(cloud.count("delete")).toBe(1);
  });
});

describe("disposal", () => {
  test("releases at the end of the block", async () => {
    const { memory } = scene();
    const pool = await memory({ reuse: true });
    {
      await using lease = await pool.acquire();
      expect(lease.active).toBe(true);
      expect(pool.stats().resources.leased).toBe(1);
    }
    expect(pool.stats().resources).toMatchObject({ leased: 0, ready: 1 });
  });

  test("uses the verdict that fail() set", async () => {
    const { memory } = scene();
    const pool = await memory({ reuse: true, onFailed: "hold" });
    {
      await using lease = await pool.acquire();
      lease.fail("broken");
    }
    expect(pool.stats().resources.held).toBe(1);
  });

  test.each([
    ["was released", (lease: Lease) => lease.release()],
    ["was released as failed", (lease: Lease) => lease.release({ failed: "x" })],
  ])("of a lease that %s does nothing", async (_, end) => {
    const { memory } = scene();
    const pool = await memory();
    const lease = await pool.acquire();
    await end(lease);
    await lease[Symbol.asyncDispose]();
    expect(pool.stats().totals.released).toBe(1);
  });

  test("never rejects: of a lost lease, of a closed pool, on a lost store", async () => {
    const { memory, durable, store } = scene();
    const pool = await memory();
    const [lost, closed] = [await pool.acquire(), await pool.acquire()];
    await pool.resource(lost.resource.id).delete();
    await lost[Symbol.asyncDispose]();
    await pool.close();
    await closed[Symbol.asyncDispose]();
    const other = await durable();
    const lease = await other.acquire();
    store.faults.push("refuses for good");
    store.refusals.push(new Error("gone"));
    await lease[Symbol.asyncDispose]();
    await lease[Symbol.asyncDispose]();
    await expect(other.acquire()).rejects.toMatchObject({ code: "STORE_FAILED" });
  });
});

describe("use()", () => {
  test("releases, and resolves with what the function returned", async () => {
    const { memory } = scene();
    const pool = await memory({ reuse: true });
    expect(await pool.use(({ data }) => data.n)).toBe(1);
    expect(await pool.use({ priority: 3 }, async ({ data }) => data.n + 1)).toBe(2);
    expect(pool.stats().resources).toMatchObject({ ready: 1, leased: 0 });
  });

  test("releases as failed when the function throws, and throws the same", async () => {
    const { memory } = scene();
    const pool = await memory({ onFailed: "hold" });
    const mistake = new Error("the test failed");
    const failing = pool.use(() => {
      throw mistake;
    });
    await expect(failing).rejects.toBe(mistake);
    expect(await pool.resources()).toMatchObject([{ state: "held", note: "the test failed" }]);
  });

  test("throws what the function threw although the lease was lost", async () => {
    const { memory } = scene();
    const pool = await memory();
    const failing = pool.use(async (lease) => {
      await pool.resource(lease.resource.id).delete();
      throw lease.signal.reason;
    });
    await expect(failing).rejects.toMatchObject({ code: "LEASE_LOST" });
  });
});

describe("a lease with a ttl that its holder renews", () => {
  const setUp = async () => {
    const made = scene();
    const pool = await made.durable({ lease: { ttl: "2m", grace: "30s" } });
    const lease = await pool.acquire({ ttl: "1m", renew: "manual" });
    return { ...made, pool, lease };
  };

  test("says when it ends", async () => {
    const { clock, lease } = await setUp();
    expect(lease.expiresAt?.getTime()).toBe(clock.now() + 60_000);
    await clock.advance(20_000);
    await lease.renew();
    expect(lease.expiresAt?.getTime()).toBe(clock.now() + 60_000);
  });

  test("aborts its signal at the deadline, and is lost when the grace has passed", async () => {
    const { clock, lease, cloud, pool } = await setUp();
    const { signal } = lease;
    await clock.advance(59_999);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(isWarmpoolError(signal.reason, "LEASE_LOST")).toBe(true);
    expect(lease.active).toBe(false);
    expect(cloud.count("delete")).toBe(0);
    await clock.advance(30_000);
    expect(cloud.count("delete")).toBe(1);
    await expect(lease.renew()).rejects.toMatchObject({ code: "LEASE_LOST" });
    await expect(lease.release()).rejects.toMatchObject({ code: "LEASE_LOST", details: { pool: "pool" } });
    expect(pool.stats().totals.released).toBe(0);
  });

  test("a signal that is asked for late has aborted already", async () => {
    const { clock, lease } = await setUp();
    await clock.advance(60_000);
    expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST" });
  });

  test("renewed within its grace lives on, with a new signal", async () => {
    const { clock, lease, cloud } = await setUp();
    const before = lease.signal;
    await clock.advance(80_000);
    await lease.renew();
    expect(before.aborted).toBe(true);
    expect(lease.signal.aborted).toBe(false);
    expect(lease.active).toBe(true);
    await clock.advance(59_999);
    expect(cloud.count("delete")).toBe(0);
    expect(lease.signal.aborted).toBe(false);
    await lease.release();
  });

  test("released within its grace is released", async () => {
    const { clock, lease, pool } = await setUp();
    await clock.advance(80_000);
    await lease.release();
    await settled();
    expect(pool.stats().totals.released).toBe(1);
  });

  test("that ends beyond what a date can hold shows the last date", async () => {
    const { pool } = await setUp();
    const lease = await pool.acquire({ ttl: Number.MAX_SAFE_INTEGER, renew: "manual" });
    expect(lease.expiresAt?.getTime()).toBe(8.64e15);
  });
});

describe("a lease that this process renews", () => {
  test("does not end while the process lives, and shows a moving deadline", async () => {
    const { clock, durable } = scene();
    const lease = await (await durable()).acquire();
    await clock.advance(3_600_000);
    expect(lease.signal.aborted).toBe(false);
    expect(lease.expiresAt?.getTime()).toBe(clock.now() + 120_000);
  });
});

describe("a lease whose resource dies", () => {
  test("is lost: its signal aborts with the check's reason, and the resource is deleted after the grace", async () => {
    const { clock, memory, cloud } = scene();
    cloud.instead.check = async () => ({ status: "unhealthy", reason: "no heartbeat" });
    const pool = await memory({ provider: cloud.provider(["check"]), check: { every: "10s", attempts: 2 } });
    const lease = await pool.acquire();
    const { signal } = lease;
    await clock.advance(10_000);
    expect(signal.aborted).toBe(false);
    await clock.advance(10_000);
    expect(signal.reason).toMatchObject({
      code: "LEASE_LOST",
      details: { reason: "no heartbeat", token: lease.token },
    });
    expect(cloud.count("delete")).toBe(0);
    await clock.advance(30_000);
    expect(cloud.count("delete")).toBe(1);
    await expect(lease.release()).rejects.toBe(signal.reason);
    await expect(lease.renew()).rejects.toBe(signal.reason);
  });

  test("deleted by hand is lost", async () => {
    const { memory } = scene();
    const pool = await memory();
    const lease = await pool.acquire();
    await pool.resource(lease.resource.id).delete();
    expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST" });
  });
});

test("manager.ticket() of an acquire's lease leaves the lease its bad news", async () => {
  const { durable } = scene();
  const pool = await durable();
  const lease = await pool.acquire();
  expect(pool.ticket(lease.ticket)).toBeUndefined();
  await pool.resource(lease.resource.id).delete();
  expect(lease.signal.aborted).toBe(true);
});

import { describe, expect, test } from "vitest";
import type { LeaseRecord, TicketRecord } from "../index.js";
import { failing } from "./testing/map-store.js";
import { scene } from "./testing/scene.js";
import { settled } from "./testing/simulated-clock.js";

/** A pool with one free resource. */
async function setUp(options: object = {}) {
  const made = scene();
  const pool = await made.durable({ max: 2, warm: 1, reuse: true, ...options });
  await settled();
  return { ...made, pool };
}

describe("a session that is fenced", () => {
  test("is opened anew: waiters are served, leases that the store knows live on", async () => {
    const { pool, store, clock } = await setUp();
    const lease = await pool.acquire();
    const other = await pool.acquire();
    const waiting = [pool.acquire({ owner: "a" }), pool.acquire({ owner: "b" })];
    await settled();
    store.faults.push("is fenced");
    await other.release();
    expect(store.opened).toBe(2);
    const served = await waiting[0];
    expect(served?.token).toBeGreaterThan(other.token);
    expect(lease.active).toBe(true);
    expect(lease.signal.aborted).toBe(false);
    await lease.release();
    expect((await waiting[1])?.active).toBe(true);
    await clock.advance(0);
    const tokens = [...store.records.values()]
      .filter(({ kind }) => kind === "ticket")
      .map(({ record }) => (JSON.parse(record).lease as LeaseRecord | undefined)?.token);
    expect(tokens).toEqual([served?.token, (await waiting[1])?.token]);
  });

  test("keeps the order of those who waited, though their numbers are given again", async () => {
    const { pool, store } = await setUp({ max: 1 });
    const lease = await pool.acquire();
    store.hold();
    const order: string[] = [];
    const waiting = ["a", "b", "c", "d"].map(async (owner) => {
      const own = await pool.acquire({ owner });
      order.push(`${owner}${own.data.n}`);
      await own.release();
    });
    await settled();
    store.faults.push("is fenced");
    store.letGo();
    await settled();
    await lease.release();
    await Promise.all(waiting);
    expect(order).toEqual(["a1", "b1", "c1", "d1"]);
  });

  test("makes a lease that the store does not know a lost one", async () => {
    const { pool, store } = await setUp();
    const lease = await pool.acquire();
    store.records.delete(`ticket ${lease.ticket}`);
    store.faults.push("is fenced");
    await pool.request();
    expect(lease.signal.reason).toMatchObject({
      code: "LEASE_LOST",
      details: { reason: "the store does not know it any more" },
    });
    await expect(lease.release()).rejects.toMatchObject({ code: "LEASE_LOST" });
  });

  test("does what was asked of it again: release, request, close of a ticket, pause, delete", async () => {
    const { pool, store, clock } = await setUp({ onFailed: "hold" });
    const fenced = async <T>(call: () => Promise<T>): Promise<T> => {
      const { opened } = store;
      store.faults.push("is fenced");
      const called = call();
      await clock.advance(10_000);
      expect(store.opened).toBe(opened + 1);
      return await called;
    };
    const lease = await pool.acquire();
    const ticket = await pool.request({ requestId: "a" });
    await fenced(() => lease.release({ failed: "smoke" }));
    expect(await pool.resources({ state: "held" })).toMatchObject([{ note: "smoke" }]);
    await fenced(() => ticket.close());
    expect(store.record<TicketRecord>("ticket", ticket.id)).toMatchObject({ state: "closed" });
    const again = await fenced(() => pool.request({ requestId: "b" }));
    expect(store.record<TicketRecord>("ticket", again.id)).toMatchObject({ requestId: "b" });
    const [held] = await pool.resources({ state: "held" });
    await fenced(() => pool.resource(held?.id ?? 0).delete());
    expect(await pool.resources({ state: "held" })).toEqual([]);
  });

  test("leaves paused pools paused", async () => {
    const { pool, store } = await setUp();
    await pool.pause();
    store.faults.push("is fenced");
    const ticket = await pool.request();
    expect(pool.stats().mode).toBe("paused");
    expect(ticket.status()).toEqual({ state: "waiting" });
    await pool.resume();
    expect((await ticket.wait()).active).toBe(true);
  });

  test("lends what a waiter that gave up was granted to somebody else", async () => {
    const { pool, store } = await setUp({ max: 1 });
    store.hold();
    const controller = new AbortController();
    const waiting = pool.acquire({ signal: controller.signal });
    await settled();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    store.step();
    store.faults.push("is fenced");
    store.letGo();
    await settled();
    await pool.acquire({ timeout: 0 });
  });

  test("again and again is opened after ever longer pauses", async () => {
    const { pool, store, clock } = await setUp();
    store.faults.push(...Array.from({ length: 30 }, () => "is fenced" as const));
    const request = pool.request();
    await clock.advance(5_000);
    expect(store.opened).toBeLessThan(12);
    await clock.advance(300_000);
    expect((await request).status().state).toBe("granted");
  });

  test("gives a waiter that asked again no ticket that is another's, though it has its number now", async () => {
    const { cloud, durable, store, clock } = scene();
    const check = { every: "1m", attempts: 1 } as const;
    const pool = await durable({ provider: cloud.provider(["check"]), max: 1, warm: 1, reuse: true, check });
    let sicken!: (health: object) => void;
    cloud.instead.check = () => new Promise((resolve) => (sicken = resolve));
    await clock.advance(60_000);
    store.hold();
    // The grant of the first is under way; two more ask; then its resource dies, and it asks again, as the last.
    const waiting = [pool.acquire({ owner: "a" })];
    await settled();
    waiting.push(pool.acquire({ owner: "a" }), pool.acquire({ owner: "a" }));
    sicken({ status: "unhealthy" });
    delete cloud.instead.check;
    await settled();
    // Of all that only the grant is committed.
    store.step();
    await settled();
    store.faults.push("is fenced");
    store.letGo();
    await clock.advance(120_000);
    const tickets = new Set<number>();
    for (const lease of waiting.map(async (each) => await each)) {
      tickets.add((await lease).ticket);
      await (await lease).release();
    }
    expect(tickets.size).toBe(3);
  });

  test("asks no second time for a ticket that was committed, though nobody was told", async () => {
    const { pool, store, clock } = await setUp();
    store.faults.push("loses its answer", "is fenced");
    const request = pool.request();
    await clock.advance(1_000);
    expect((await pool.tickets()).map(({ id }) => id)).toEqual([(await request).id]);
  });

  test("withdraws a ticket that waits", async () => {
    const { pool, store, clock } = await setUp({ max: 1 });
    await pool.acquire();
    const ticket = await pool.request();
    store.faults.push("is fenced");
    const closed = ticket.close();
    await clock.advance(1_000);
    await closed;
    expect(ticket.status()).toMatchObject({ state: "closed", end: "cancelled" });
    expect(pool.stats().waiting).toBe(0);
  });

  test("tells what a configuration changed, though it is there already in the next life", async () => {
    const { pool, store, clock, cloud } = await setUp();
    store.faults.push("is fenced");
    await pool.request();
    store.faults.push("is fenced");
    const configured = pool.configure({ provider: cloud.provider(), max: 1 });
    const lease = pool.acquire();
    await clock.advance(1_000);
    expect(await configured).toEqual({ added: [], changed: ["pool"], draining: [] });
    await lease;
  });

  test("makes no promise to an allocate: what it said so far may be lost", async () => {
    const { pool, store, clock, cloud } = await setUp({ warm: 0 });
    let checkpoint: Promise<void> | undefined;
    cloud.instead.allocate = async (_call, context) => {
      delete cloud.instead.allocate;
      store.faults.push("is fenced");
      checkpoint = context.checkpoint({ n: 7 });
      await checkpoint;
    };
    const lease = pool.acquire();
    await clock.advance(1_000);
    await lease;
    await expect(checkpoint).rejects.toThrow("the manager lost its store");
  });

  test("aborts the provider calls of its life", async () => {
    const { pool, store, cloud, clock } = await setUp({ warm: 0 });
    await pool.acquire();
    const letGo = cloud.hold("allocate");
    void pool.acquire().catch(() => {});
    await settled();
    const call = cloud.last("allocate");
    expect(call?.signal.aborted).toBe(false);
    store.faults.push("is fenced");
    const request = pool.request();
    await settled();
    expect(call?.signal.aborted).toBe(true);
    letGo();
    await clock.advance(0);
    await request;
  });

  test("ends provider calls of its life before those of the next", async () => {
    const { pool, store, cloud } = await setUp();
    await pool.acquire();
    let running = 0;
    let most = 0;
    cloud.instead.delete = async () => {
      running += 1;
      most = Math.max(most, running);
      await settled();
      await settled();
      running -= 1;
    };
    await (await pool.acquire()).release({ failed: "x" });
    store.faults.push("is fenced");
    await pool.request();
    await settled();
    await settled();
    await settled();
    expect(most).toBe(1);
    expect(cloud.count("delete")).toBeGreaterThan(1);
  });

  test("does not know the number that a second loss gave again", async () => {
    const { pool, store, clock } = await setUp();
    store.faults.push("is fenced", "is fenced");
    const both = Promise.all([pool.acquire({ owner: "a" }), pool.acquire({ owner: "b" })]);
    await clock.advance(10_000);
    const [one, other] = await both;
    expect(one.ticket).not.toBe(other.ticket);
    expect(one.resource.id).not.toBe(other.resource.id);
  });
});

describe("a store that cannot be opened again", () => {
  test("fails everything with its reason", async () => {
    const { pool, store, clock } = await setUp({ max: 2 });
    const lease = await pool.acquire();
    const { signal } = lease;
    const other = await (await pool.request()).wait();
    const waiting = [pool.acquire(), pool.request().then((ticket) => ticket.wait()), pool.drain()];
    const outcomes = Promise.allSettled(waiting);
    await settled();
    store.faults.push("refuses for good");
    store.refusals.push(failing("map"));
    const released = lease.release();
    await expect(released).rejects.toMatchObject({ code: "STORE_FAILED" });
    for (const result of await outcomes) expect(result).toMatchObject({ reason: { code: "STORE_FAILED" } });
    for (const { reason } of [signal, other.signal]) {
      expect(reason).toMatchObject({ code: "LEASE_LOST", cause: { code: "STORE_FAILED" } });
      expect(reason.message).toMatch(/[^.]\. Stop using its resource\.$/);
    }
    const calls = [pool.acquire(), pool.request(), pool.resources(), pool.pause(), pool.ready(), pool.explain(1)];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(() => pool.stats()).toThrow(expect.objectContaining({ code: "STORE_FAILED" }));
    expect(() => pool.ticket(1)).toThrow(expect.objectContaining({ code: "STORE_FAILED" }));
    await clock.advance(60_000);
    await pool.close();
    await expect(pool.acquire()).rejects.toMatchObject({ code: "POOL_CLOSED" });
  });
});

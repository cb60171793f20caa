import { describe, expect, test } from "vitest";
import type { Pool, TicketRecord } from "../index.js";
import type { Thing } from "./testing/fake-cloud.js";
import { scene } from "./testing/scene.js";
import { outcome, settled } from "./testing/simulated-clock.js";

/** A pool with one free resource, whose commits wait from now on. */
async function setUp(options: object = {}) {
  const made = scene();
  const pool = await made.durable({ max: 2, warm: 1, reuse: true, ...options });
  await settled();
  made.store.hold();
  made.store.sent.length = 0;
  made.cloud.calls.length = 0;
  made.events.length = 0;
  return { ...made, pool };
}

describe("before its commit", () => {
  test("no provider is called", async () => {
    const { pool, store, cloud } = await setUp();
    const [first, second] = [pool.acquire(), pool.acquire()];
    await settled();
    expect(cloud.calls).toEqual([]);
    store.step();
    await settled();
    expect(cloud.calls).toMatchObject([{ kind: "allocate" }]);
    store.letGo();
    await Promise.all([first, second]);
  });

  test("no lease is handed out, no command or release resolves", async () => {
    const { pool, store } = await setUp();
    const acquire = pool.acquire();
    expect(await outcome(acquire)).toBe("pending");
    store.step();
    const lease = await acquire;
    const calls = [lease.release(), pool.request(), pool.configure({ provider: poolProvider(pool), max: 3 } as never)];
    for (const call of calls) expect(await outcome(call)).toBe("pending");
    store.letGo();
    await Promise.all(calls);
  });

  test("no event is told", async () => {
    const { pool, store, events } = await setUp({ max: 1 });
    const acquire = pool.acquire();
    await settled();
    expect(events).toEqual([]);
    store.step();
    await acquire;
    expect(events.map(({ type }) => type)).toEqual(["resource.changed", "ticket.changed"]);
  });

  test("readers see what was committed last", async () => {
    const { pool, store } = await setUp({ max: 1 });
    const acquire = pool.acquire();
    await settled();
    expect(pool.stats()).toMatchObject({ resources: { ready: 1, leased: 0 }, totals: { granted: 0 }, owners: {} });
    expect(await pool.resources()).toMatchObject([{ id: 1, state: "ready" }]);
    expect(await pool.tickets()).toEqual([]);
    expect(pool.ticket(1)).toBeUndefined();
    store.step();
    await acquire;
    expect(pool.stats()).toMatchObject({ resources: { ready: 0, leased: 1 }, totals: { granted: 1 } });
    expect(await pool.resources()).toMatchObject([{ id: 1, state: "leased" }]);
    expect(await pool.leases()).toMatchObject([{ id: 1, state: "granted" }]);
  });

  test("a ticket's status is the one before", async () => {
    const { pool, store } = await setUp();
    const request = pool.request();
    await settled();
    store.step();
    const ticket = await request;
    expect(ticket.status()).toEqual({ state: "granted", output: [{ pool: "pool", data: { n: 1 } }] });
    const closed = ticket.close();
    await settled();
    expect(ticket.status()).toMatchObject({ state: "granted" });
    store.letGo();
    await closed;
    expect(ticket.status()).toMatchObject({ state: "closed", end: "released" });
  });

  test("a lease's signal may abort", async () => {
    const { pool, store } = await setUp();
    const acquire = pool.acquire();
    await settled();
    store.step();
    const lease = await acquire;
    const deleted = pool.resource(1).delete();
    await settled();
    expect(lease.signal.aborted).toBe(true);
    expect(await outcome(deleted)).toBe("pending");
    store.letGo();
    await deleted;
  });
});

/** What the pool was made with does not matter here: the configuration is only to differ. */
function poolProvider(_pool: Pool<Thing>): object {
  return { name: "cloud", allocate: async () => ({ n: 0 }), delete: async () => {} };
}

describe("commits", () => {
  test("of one turn are one: 100 acquires in a batch", async () => {
    const { pool, store } = await setUp({ max: 100, warm: 100 });
    store.letGo();
    await settled();
    store.sent.length = 0;
    const leases = await Promise.all(Array.from({ length: 100 }, () => pool.acquire()));
    expect(store.sent).toHaveLength(1);
    await Promise.all(leases.map((lease) => lease.release()));
    expect(store.sent).toHaveLength(2);
  });

  test("gather while one is under way, and are sent when it was answered", async () => {
    const { pool, store } = await setUp();
    const acquires = [pool.acquire()];
    await settled();
    for (let turn = 0; turn < 5; turn++) {
      acquires.push(pool.acquire());
      await settled();
    }
    expect(store.sent).toHaveLength(1);
    store.step();
    await settled();
    expect(store.sent).toHaveLength(2);
    const numbers = store.sent.map(({ number }) => number);
    expect(numbers[1]).toBe((numbers[0] as number) + 1);
    store.letGo();
    await Promise.all(acquires.slice(0, 2));
    const rest = Promise.allSettled(acquires);
    await pool.close();
    await rest;
  });

  test("without changes are not sent", async () => {
    const { pool, store } = await setUp();
    await pool.pause();
    await pool.resume();
    expect(store.sent).toEqual([]);
  });

  test.each(["fails", "loses its answer"] as const)(
    "are repeated, the same number with the same changes, when one %s",
    async (fault) => {
      const { pool, store, clock, events } = await setUp();
      store.faults.push(fault, fault, fault);
      const acquire = pool.acquire();
      const later = pool.request();
      store.letGo();
      expect(await outcome(acquire)).toBe("pending");
      await clock.advance(20 + 40 + 80);
      const lease = await acquire;
      await later;
      const [first, ...rest] = store.sent.slice(0, 4);
      expect(rest).toHaveLength(3);
      for (const again of rest) expect(again).toEqual(first);
      expect(store.record<TicketRecord>("ticket", lease.ticket)?.lease?.token).toBe(lease.token);
      const attempts = events.filter(({ type }) => type === "store.failed").map(({ data }) => data);
      expect(attempts).toMatchObject([{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }]);
    },
  );

  test("are repeated after ever longer pauses, of at most five seconds", async () => {
    const { pool, store, clock } = await setUp();
    store.letGo();
    store.faults.push(...Array.from({ length: 40 }, () => "fails" as const));
    const acquire = pool.acquire({ timeout: "1d" });
    await clock.advance(10_000);
    expect(store.sent.length).toBeLessThan(12);
    await clock.advance(200_000);
    await acquire;
    expect(store.sent.filter(({ number }) => number === store.sent[0]?.number)).toHaveLength(41);
  });

  test("beyond the backlog make new calls fail with STORE_BUSY, and releases go on", async () => {
    const { pool, store } = await setUp({ backlog: 3 });
    const first = pool.acquire();
    await settled();
    store.step();
    const lease = await first;
    // The first is under way, the others wait.
    const acquires = [pool.acquire()];
    await settled();
    acquires.push(pool.acquire(), pool.acquire(), pool.acquire());
    const busy = { code: "STORE_BUSY", details: { waiting: 3, limit: 3 } };
    await expect(pool.acquire()).rejects.toMatchObject(busy);
    await expect(pool.request()).rejects.toMatchObject(busy);
    const released = lease.release();
    store.letGo();
    await released;
    await pool.close();
    await Promise.allSettled(acquires);
  });

  test("of a release are waited for until releaseTimeout, and go on behind it", async () => {
    const { pool, store, clock } = await setUp({ releaseTimeout: "3s" });
    const acquire = pool.acquire();
    await settled();
    store.step();
    const lease = await acquire;
    const released = lease.release();
    await clock.advance(2_999);
    expect(await outcome(released)).toBe("pending");
    await clock.advance(1);
    expect(await outcome(released)).toBe("resolved");
    expect(pool.stats().resources.leased).toBe(1);
    store.letGo();
    await settled();
    expect(pool.stats().resources.leased).toBe(0);
  });
});

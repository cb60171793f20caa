import { describe, expect, test } from "vitest";
import { createManager, definePool } from "../index.js";
import { scene } from "./testing/scene.js";
import { outcome, settled } from "./testing/simulated-clock.js";

const acked = { warm: 1, max: 1, reuse: true, lease: { ackWithin: "30s" } } as const;

describe("with ackWithin, the lease of a ticket", () => {
  test("is taken by whoever waits, and is his for good", async () => {
    const { durable, clock, store } = scene();
    const pool = await durable(acked);
    await settled();
    const ticket = await pool.request();
    const lease = await ticket.wait();
    expect(store.record<{ lease: object }>("ticket", ticket.id)?.lease).not.toHaveProperty("untaken");
    await clock.advance(3_600_000);
    expect([lease.active, ticket.status().state]).toEqual([true, "granted"]);
  });

  test("is nobody's before it is written down that he has it", async () => {
    const { durable, store } = scene();
    const pool = await durable(acked);
    await settled();
    const ticket = await pool.request();
    await settled();
    store.hold();
    const waiting = [ticket.wait(), ticket.wait()];
    expect(await outcome(Promise.race(waiting))).toBe("pending");
    store.letGo();
    const [one, other] = await Promise.all(waiting);
    expect(one).toBe(other);
  });

  test("goes back when nobody takes it, and who comes too late is told why", async () => {
    const { durable, clock, cloud } = scene();
    const pool = await durable(acked);
    await settled();
    const ticket = await pool.request();
    await clock.advance(30_000);
    expect(ticket.status()).toEqual({ state: "closed", end: "cancelled", reason: "nobody took its lease in time" });
    await expect(ticket.wait()).rejects.toMatchObject({ code: "TICKET_CANCELLED" });
    expect(await pool.resources()).toMatchObject([{ state: "ready", uses: 0 }]);
    expect(cloud.count("delete")).toBe(0);
  });

  test("is not shown to whoever only looks: what nobody took, nobody has", async () => {
    const { durable } = scene();
    const pool = await durable(acked);
    await settled();
    const ticket = await pool.request();
    await settled();
    expect(ticket.status()).toEqual({ state: "granted" });
    await ticket.wait();
    expect(ticket.status()).toEqual({ state: "granted", output: [{ pool: "pool", data: { n: 1 } }] });
  });

  test("is taken by the next process, if that asks in time", async () => {
    const { durable, clock } = scene();
    const first = await durable(acked);
    await settled();
    await first.request({ requestId: "a", owner: "build" });
    await settled();
    const second = await durable(acked);
    await clock.advance(20_000);
    const lease = await (await second.request({ requestId: "a", owner: "build" })).wait();
    await clock.advance(3_600_000);
    expect(lease.active).toBe(true);
  });

  test("is taken again when the store was lost before that was written down", async () => {
    const { durable, clock, store } = scene();
    const pool = await durable(acked);
    await settled();
    const ticket = await pool.request();
    await settled();
    store.faults.push("is fenced");
    const lease = ticket.wait();
    await clock.advance(60_000);
    expect((await lease).active).toBe(true);
  });

  test("that is closed before anybody took it goes back unused", async () => {
    const { memory } = scene();
    const pool = await memory(acked);
    await settled();
    const ticket = await pool.request();
    await ticket.close();
    expect(await pool.resources()).toMatchObject([{ state: "ready", uses: 0 }]);
  });
});

describe("a start in the future", () => {
  test("is waited for, and the timeout counts from it", async () => {
    const { memory, clock } = scene();
    const pool = await memory({ max: 1 });
    const holder = await pool.acquire();
    const late = pool.acquire({ startAt: new Date(clock.now() + 60_000), timeout: "10s" });
    const failed = expect(late).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT", details: { waitedMs: 10_000 } });
    await clock.advance(69_999);
    expect(await outcome(late)).toBe("pending");
    expect(holder.active).toBe(true);
    await clock.advance(1);
    await failed;
  });

  test("that stands in no line is not counted as waiting", async () => {
    const { durable, clock } = scene();
    const pool = await durable({ max: 1 });
    const ticket = await pool.request({ startAt: new Date(clock.now() + 60_000) });
    expect([pool.stats().waiting, ticket.status().state]).toEqual([0, "waiting"]);
    expect((await pool.explain(ticket.id)).text).toContain("it starts in 1m");
    await clock.advance(60_000);
    expect(ticket.status().state).toBe("granted");
  });

  test("is asked for once more before the store is open, and after it was lost", async () => {
    const { create, clock, store } = scene();
    const letGo = store.holdOpening();
    const pool = create({ store, max: 1 });
    const late = pool.acquire({ startAt: new Date(clock.now() + 60_000), timeout: "10s" });
    await clock.advance(30_000);
    letGo();
    await pool.ready();
    store.faults.push("is fenced");
    void pool.request().catch(() => {});
    await clock.advance(20_000);
    expect(await outcome(late)).toBe("pending");
    await pool.close();
    await expect(late).rejects.toMatchObject({ code: "POOL_CLOSED" });
  });

  test("with timeout 0, or after until, is INVALID_OPTIONS", async () => {
    const { memory, clock } = scene();
    const pool = await memory();
    const startAt = new Date(clock.now() + 60_000);
    await expect(pool.acquire({ startAt, timeout: 0 })).rejects.toThrow(
      /startAt: cannot be given together with timeout 0/,
    );
    await expect(pool.acquire({ startAt, until: startAt })).rejects.toThrow(/until: is not after startAt/);
  });
});

describe("a group", () => {
  test("is listed while it has open tickets, and ended in one batch", async () => {
    const { durable, store } = scene();
    const pool = await durable({ max: 2 });
    const [lease, other] = [await pool.acquire({ group: "run-1" }), await pool.acquire({ group: "run-2" })];
    const waiting = pool.acquire({ group: "run-1" });
    const refused = expect(waiting).rejects.toMatchObject({ code: "TICKET_CANCELLED" });
    const ticket = await pool.request({ group: "run-1" });
    expect(await pool.groups()).toEqual([
      { group: "run-1", leases: 1, waiting: 2 },
      { group: "run-2", leases: 1, waiting: 0 },
    ]);
    expect((await pool.leases({ group: "run-1" })).map(({ id }) => id)).toEqual([lease.ticket]);
    const before = store.sent.length;
    expect(await pool.endGroup("run-1")).toEqual({ leases: 1, waiting: 2 });
    expect(store.sent[before]?.changes.filter(({ kind }) => kind === "ticket")).toHaveLength(3);
    await refused;
    expect([lease.active, lease.signal.aborted, other.active]).toEqual([false, true, true]);
    expect(lease.signal.reason).toMatchObject({ details: { reason: 'its group "run-1" was ended' } });
    expect(ticket.status()).toMatchObject({ state: "closed", end: "cancelled" });
    expect(await pool.groups()).toEqual([{ group: "run-2", leases: 1, waiting: 0 }]);
    expect(await pool.endGroup("run-1")).toEqual({ leases: 0, waiting: 0 });
  });

  test("counts each of several leases of a ticket, as long as it lasts", async () => {
    const { cloud } = scene();
    const manager = createManager({ pools: { web: definePool({ provider: cloud.provider(), max: 3 }) } });
    const leases = await manager.acquireAll([{ pool: "web", count: 3 }], { group: "run" });
    expect(await manager.groups()).toEqual([{ group: "run", leases: 3, waiting: 0 }]);
    await leases[1].release();
    expect(await manager.groups()).toEqual([{ group: "run", leases: 2, waiting: 0 }]);
    expect(await manager.endGroup("run")).toEqual({ leases: 2, waiting: 0 });
  });

  test("without a name is INVALID_OPTIONS", async () => {
    const pool = await scene().memory();
    await expect(pool.endGroup("")).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    await expect(pool.acquire({ group: "" })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });

  test("is ended once, though the engine was loaded anew before that was committed", async () => {
    const { durable, clock, store } = scene();
    const pool = await durable({ max: 2 });
    const ticket = await pool.request({ group: "run" });
    await ticket.wait();
    store.faults.push("is fenced");
    const ended = pool.endGroup("run");
    await clock.advance(60_000);
    expect(await ended).toEqual({ leases: 1, waiting: 0 });
    expect(ticket.status().end).toBe("cancelled");
  });
});

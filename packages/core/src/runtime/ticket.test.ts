import { describe, expect, test } from "vitest";
import type { Ticket } from "../index.js";
import { scene } from "./testing/scene.js";
import { outcome, settled } from "./testing/simulated-clock.js";

describe("a ticket of request()", () => {
  test("waits, is granted, and keeps its output after closing", async () => {
    const { durable } = scene();
    const pool = await durable({ max: 1 });
    const held = await pool.acquire();
    const ticket = await pool.request({ owner: "ci", requestId: "build-17" });
    expect(ticket).toMatchObject({ owner: "ci", requestId: "build-17" });
    expect(ticket.status()).toEqual({ state: "waiting" });
    await held.release();
    const lease = await ticket.wait();
    expect(lease.data).toEqual({ n: 2 });
    expect(lease.ticket).toBe(ticket.id);
    const output = [{ pool: "pool", data: { n: 2 } }];
    expect(ticket.status()).toEqual({ state: "granted", output });
    await lease.release();
    expect(ticket.status()).toEqual({ state: "closed", end: "released", output });
    await expect(ticket.wait()).rejects.toMatchObject({ code: "TICKET_CLOSED", details: { end: "released" } });
  });

  test("has one lease, again and again the same, from whichever handle", async () => {
    const { durable } = scene();
    const pool = await durable();
    const ticket = await pool.request({ requestId: "a" });
    const leases = await Promise.all([ticket.wait(), ticket.wait(), pool.ticket(ticket.id)?.wait()]);
    leases.push(await (await pool.request({ requestId: "a" })).wait());
    expect(new Set(leases).size).toBe(1);
    expect(pool.ticket(ticket.id)).toBe(ticket);
  });

  test("works in memory as well, while the process lives", async () => {
    const { memory } = scene();
    const pool = await memory();
    const ticket = await pool.request({ requestId: "a" });
    expect((await pool.request({ requestId: "a" })).id).toBe(ticket.id);
    await (await ticket.wait()).release();
    expect(ticket.status()).toMatchObject({ state: "closed", end: "released", output: [{ data: { n: 1 } }] });
  });

  test("is closed as timed-out when it waited for its timeout", async () => {
    const { durable, clock } = scene();
    const pool = await durable({ max: 1 });
    await pool.acquire();
    const ticket = await pool.request({ timeout: "1h" });
    const error = ticket.wait().catch((reason: Error) => reason);
    await clock.advance(3_600_000);
    expect(await error).toMatchObject({ code: "ACQUIRE_TIMEOUT", details: { ticket: ticket.id, waitedMs: 3_600_000 } });
    expect(ticket.status()).toEqual({ state: "closed", end: "timed-out" });
  });

  test("has a lease that lasts until it is released, unless a ttl was asked for", async () => {
    const { durable, clock } = scene();
    const pool = await durable();
    const lasting = await (await pool.request()).wait();
    const short = await (await pool.request({ ttl: "1m" })).wait();
    expect(lasting.expiresAt).toBeNull();
    await clock.advance(60_000);
    expect([lasting.active, short.active]).toEqual([true, false]);
    await clock.advance(30_000);
    expect(pool.ticket(short.ticket)?.status()).toMatchObject({ state: "closed", end: "expired" });
    expect(short.signal.reason).toMatchObject({ code: "LEASE_LOST" });
    await clock.advance(30 * 86_400_000);
    expect(lasting.active).toBe(true);
  });

  test("is forgotten when it was closed for keepClosed", async () => {
    const { durable, clock, store } = scene();
    const pool = await durable({ keepClosed: "2h" });
    const ticket = await pool.request({ requestId: "a" });
    await (await ticket.wait()).release();
    await clock.advance(2 * 3_600_000 - 1);
    expect(pool.ticket(ticket.id)?.status().state).toBe("closed");
    await clock.advance(1);
    expect(pool.ticket(ticket.id)).toBeUndefined();
    expect(store.records.has(`ticket ${ticket.id}`)).toBe(false);
    expect(ticket.status()).toEqual({ state: "closed" });
    await expect(pool.explain(ticket.id)).rejects.toMatchObject({ code: "NO_SUCH_TICKET" });
    const again = await pool.request({ requestId: "a" });
    expect(again.id).not.toBe(ticket.id);
  });
});

describe("a requestId", () => {
  test("gives the same ticket when it is repeated, closed or not", async () => {
    const { durable } = scene();
    const pool = await durable();
    const ids = await Promise.all([pool.request({ requestId: "a" }), pool.request({ requestId: "a" })]);
    expect(ids[0]).toBe(ids[1]);
    await ids[0].close();
    const again = await pool.request({ requestId: "a" });
    expect(again.id).toBe(ids[0].id);
    expect(again.status().state).toBe("closed");
  });

  test.each([
    ["priority", { priority: 1 }],
    ["ttl", { ttl: "1m" }],
  ] as const)("with another %s is REQUEST_CONFLICT", async (_, other) => {
    const { durable } = scene();
    const pool = await durable();
    const { id } = await pool.request({ requestId: "a" });
    await expect(pool.request({ requestId: "a", ...other })).rejects.toMatchObject({
      code: "REQUEST_CONFLICT",
      details: { requestId: "a", ticket: id },
    });
  });

  test("is its owner's: another owner's is another ticket", async () => {
    const { durable } = scene();
    const pool = await durable();
    const one = await pool.request({ requestId: "a", owner: "x" });
    const other = await pool.request({ requestId: "a", owner: "y" });
    expect(one.id).not.toBe(other.id);
  });
});

describe("waiting for a ticket", () => {
  const setUp = async () => {
    const made = scene();
    const pool = await made.durable({ max: 1, reuse: true });
    const held = await pool.acquire();
    const ticket = await pool.request();
    return { ...made, pool, held, ticket };
  };

  test("for too long leaves the ticket waiting", async () => {
    const { clock, ticket, held } = await setUp();
    const error = ticket.wait({ timeout: "5s" }).catch((reason: Error) => reason);
    const other = ticket.wait();
    await clock.advance(5_000);
    expect(await error).toMatchObject({ code: "ACQUIRE_TIMEOUT", details: { ticket: ticket.id } });
    expect(((await error) as Error).message).toContain("all 1 places are taken");
    expect(ticket.status()).toEqual({ state: "waiting" });
    await held.release();
    expect((await other).active).toBe(true);
  });

  test("until a signal aborts leaves the ticket waiting", async () => {
    const { ticket, held } = await setUp();
    const controller = new AbortController();
    const waiting = ticket.wait({ signal: controller.signal });
    controller.abort("enough");
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED", cause: "enough", name: "AbortError" });
    await expect(ticket.wait({ signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
    await expect(ticket.wait({ signal: 5 as never })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    expect(ticket.status()).toEqual({ state: "waiting" });
    await held.release();
    expect((await ticket.wait()).active).toBe(true);
  });

  test("too long while the store is away rejects all the same", async () => {
    const { clock, ticket, pool, store } = await setUp();
    const error = ticket.wait({ timeout: "5s" }).catch((reason: Error) => reason);
    const letGo = store.holdOpening();
    store.faults.push("is fenced");
    const other = pool.request();
    await clock.advance(5_000);
    expect(await error).toMatchObject({
      code: "ACQUIRE_TIMEOUT",
      message: "No resource within 5s. The store is still being opened.",
    });
    letGo();
    await other;
  });

  test("is given the same lease after the engine was loaded anew", async () => {
    const { ticket, held, store, pool } = await setUp();
    await held.release();
    const lease = await ticket.wait();
    store.faults.push("is fenced");
    await pool.request({ requestId: "x" });
    expect(await pool.ticket(ticket.id)?.wait()).toBe(lease);
    expect(lease.active).toBe(true);
    await pool.resource(lease.resource.id).delete();
    expect(lease.signal.aborted).toBe(true);
    expect(ticket.status()).toMatchObject({ state: "closed", end: "lost" });
  });

  test("goes on when the engine was loaded anew", async () => {
    const { ticket, held, store, pool } = await setUp();
    const waiting = ticket.wait();
    store.faults.push("is fenced");
    await pool.request({ requestId: "x" });
    await held.release();
    expect((await waiting).ticket).toBe(ticket.id);
  });

  test("that the store does not know any more rejects", async () => {
    const { ticket, store, pool } = await setUp();
    const waiting = ticket.wait();
    store.records.delete(`ticket ${ticket.id}`);
    store.faults.push("is fenced");
    const rejected = expect(waiting).rejects.toMatchObject({ code: "NO_SUCH_TICKET" });
    await pool.request({ requestId: "x" });
    await rejected;
    await ticket.close();
  });

  test("ends with POOL_CLOSED when the pool closes, and afterwards", async () => {
    const { ticket, pool } = await setUp();
    const waiting = ticket.wait();
    const rejected = expect(waiting).rejects.toMatchObject({ code: "POOL_CLOSED" });
    await pool.close();
    await rejected;
    await expect(ticket.wait()).rejects.toMatchObject({ code: "POOL_CLOSED" });
    await expect(ticket.close()).rejects.toMatchObject({ code: "POOL_CLOSED" });
    expect(ticket.status()).toEqual({ state: "waiting" });
  });

  test.each([
    [{ timeuot: 5 }, 'did you mean "timeout"'],
    [{ timeout: "soon" }, "is not a duration"],
  ])("with %s is INVALID_OPTIONS", async (options, message) => {
    const { ticket } = await setUp();
    await expect(ticket.wait(options as never)).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: expect.stringContaining(message),
    });
  });
});

describe("closing a ticket", () => {
  test("withdraws it while it waits, and tells those who wait", async () => {
    const { durable } = scene();
    const pool = await durable({ max: 1 });
    await pool.acquire();
    const ticket = await pool.request();
    const waiting = ticket.wait();
    const rejected = expect(waiting).rejects.toMatchObject({
      code: "TICKET_CANCELLED",
      details: { ticket: ticket.id },
    });
    await ticket.close();
    await rejected;
    expect(ticket.status()).toEqual({ state: "closed", end: "cancelled" });
    await ticket.close();
    await expect(ticket.wait()).rejects.toMatchObject({ code: "TICKET_CANCELLED" });
  });

  test("releases its lease once granted, taken or not", async () => {
    const { durable } = scene();
    const pool = await durable({ reuse: true });
    const [taken, untaken] = [await pool.request(), await pool.request()];
    const lease = await taken.wait();
    await Promise.all([taken.close(), untaken.close()]);
    expect(lease.active).toBe(false);
    expect(pool.stats()).toMatchObject({ resources: { leased: 0 }, totals: { released: 2 } });
    expect([taken, untaken].map((ticket) => ticket.status().end)).toEqual(["released", "released"]);
  });

  test("is told to those who wait only when it is committed", async () => {
    const { durable, store } = scene();
    const pool = await durable({ max: 1, reuse: true });
    const held = await pool.acquire();
    const [ticket, other] = [await pool.request(), await pool.request()];
    const granted = ticket.wait();
    await held.release();
    const lease = await granted;
    store.hold();
    const calls = [lease.release(), other.close()];
    const waiting = [ticket.wait(), other.wait()];
    for (const wait of waiting) expect(await outcome(wait)).toBe("pending");
    expect(ticket.status().state).toBe("granted");
    store.letGo();
    for (const wait of waiting) await expect(wait).rejects.toMatchObject({ code: "TICKET_CLOSED" });
    await Promise.all(calls);
  });

  test("while its grant is being committed rejects those who wait", async () => {
    const { durable, store } = scene();
    const pool = await durable({ max: 1, reuse: true });
    const held = await pool.acquire();
    const ticket = await pool.request();
    const waiting = ticket.wait();
    store.hold();
    const released = held.release();
    await settled();
    const closed = ticket.close();
    store.letGo();
    await expect(waiting).rejects.toMatchObject({ code: "TICKET_CLOSED" });
    await Promise.all([released, closed]);
    expect(pool.stats().resources).toMatchObject({ leased: 0, ready: 1 });
  });
});

describe("manager.ticket()", () => {
  test("before the store is open is NOT_READY", () => {
    const { create, store } = scene();
    store.holdOpening();
    const pool = create({ store });
    expect(() => pool.ticket(1)).toThrow(expect.objectContaining({ code: "NOT_READY", details: { call: "ticket" } }));
    expect(() => pool.stats()).toThrow(expect.objectContaining({ code: "NOT_READY", details: { call: "stats" } }));
  });

  test("does not know a number that was never given", async () => {
    expect((await scene().durable()).ticket(99)).toBeUndefined();
  });

  test("finds a waiting ticket after a restart, and waits for it", async () => {
    const { durable } = scene();
    const first = await durable({ max: 1, reuse: true });
    const held = await (await first.request()).wait();
    const { id } = await first.request({ requestId: "a" });
    await first.close();
    const second = await durable({ max: 1, reuse: true });
    const ticket = second.ticket(id) as Ticket;
    expect(ticket).toMatchObject({ id, requestId: "a" });
    const waiting = ticket.wait();
    expect(await outcome(waiting)).toBe("pending");
    await second.ticket(held.ticket)?.close();
    expect((await waiting).token).toBeGreaterThan(held.token);
  });

  test("finds a granted ticket after a restart, with its lease", async () => {
    const { durable } = scene();
    const first = await durable();
    const ticket = await first.request({ requestId: "a" });
    const before = await ticket.wait();
    await first.close();
    const second = await durable();
    const again = await second.request({ requestId: "a" });
    const lease = await again.wait();
    expect([lease.token, lease.resource, lease.data]).toEqual([before.token, before.resource, before.data]);
    await lease.release();
    expect(second.ticket(ticket.id)?.status()).toMatchObject({ state: "closed", end: "released" });
  });

  test("finds a closed ticket after a restart, with its output", async () => {
    const { durable } = scene();
    const first = await durable();
    const ticket = await first.request();
    await (await ticket.wait()).release({ failed: "it broke" });
    await first.close();
    const second = await durable();
    expect(second.ticket(ticket.id)?.status()).toEqual({
      state: "closed",
      end: "released",
      reason: "it broke",
      output: [{ pool: "pool", data: { n: 1 } }],
    });
  });
});

import { describe, expect, test } from "vitest";
import type { AnyEvent } from "../index.js";
import { scene } from "./testing/scene.js";
import { outcome, settled } from "./testing/simulated-clock.js";

type Stream = AsyncIterableIterator<AnyEvent>;

/** Reads so many events. */
async function read(stream: Stream, count: number): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  for (let n = 0; n < count; n++) events.push((await stream.next()).value as AnyEvent);
  return events;
}

const seqs = (events: readonly AnyEvent[]) => events.map(({ seq }) => seq);

describe("events()", () => {
  test.each(["memory", "durable"] as const)(
    "reads what is kept, and goes on with what comes, without a gap or a double (%s)",
    async (kind) => {
      const made = scene();
      const pool = await made[kind]({ max: 1, reuse: true, events: {} });
      await (await pool.acquire()).release();
      const stream = pool.events({ after: 0 });
      const past = await read(stream, 5);
      await (await pool.acquire()).release();
      await settled();
      const rest = await read(stream, made.events.length - 5);
      expect([...past, ...rest]).toEqual(made.events);
      expect(await outcome(stream.next())).toBe("pending");
    },
  );

  test("begins at any point", async () => {
    const made = scene();
    const pool = await made.memory({ events: {} });
    await pool.acquire();
    const [first, ...rest] = made.events;
    expect(await read(pool.events({ after: first?.seq as number }), rest.length)).toEqual(rest);
  });

  test("begins now, if it is not told where, and nothing has to be kept for that", async () => {
    const { memory } = scene();
    const pool = await memory();
    await pool.acquire();
    const stream = pool.events();
    await pool.pause();
    expect(await read(stream, 1)).toMatchObject([{ type: "pool.changed", data: { to: "paused" } }]);
  });

  test("begins with the store, if it is asked before that is open", async () => {
    const { create } = scene();
    const pool = create({});
    const stream = pool.events();
    expect(await read(stream, 1)).toMatchObject([{ type: "pool.changed", data: { to: "added" } }]);
  });

  test("of what is not kept any more rejects with EVENTS_GONE, which says where to go on", async () => {
    const made = scene();
    const pool = await made.memory({ reuse: true, events: { keep: 3 } });
    for (let n = 0; n < 3; n++) await (await pool.acquire()).release();
    const oldest = made.events.at(-3)?.seq as number;
    const stream = pool.events({ after: 2 });
    await expect(stream.next()).rejects.toMatchObject({ code: "EVENTS_GONE", details: { after: 2, oldest } });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(seqs(await read(pool.events({ after: oldest - 1 }), 3))).toEqual(seqs(made.events).slice(-3));
  });

  test("without a log knows nothing of before", async () => {
    const pool = await scene().memory();
    await pool.acquire();
    await expect(pool.events({ after: 0 }).next()).rejects.toMatchObject({ code: "EVENTS_GONE" });
  });

  test("of somebody who is too late for what is kept says so, in the middle of it", async () => {
    const pool = await scene().memory({ reuse: true, events: { keep: 10 } });
    const stream = pool.events();
    for (let n = 0; n < 10; n++) await (await pool.acquire()).release();
    await expect(read(stream, 20)).rejects.toMatchObject({ code: "EVENTS_GONE" });
  });

  test("ends by its signal, by return, and with the pool", async () => {
    const { memory } = scene();
    const pool = await memory();
    const controller = new AbortController();
    const aborted = pool.events({ signal: controller.signal });
    const waiting = aborted.next();
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED", cause: controller.signal.reason });
    const returned = pool.events();
    const next = returned.next();
    await returned.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    const closed = pool.events();
    await pool.close();
    const seen: string[] = [];
    for await (const { type } of closed) seen.push(type);
    expect(await closed.next()).toEqual({ done: true, value: undefined });
  });

  test("tells of a store that is lost for good", async () => {
    const { create, store } = scene();
    store.refusals.push(new Error("no disk"));
    const pool = create({ store });
    await expect(pool.events().next()).rejects.toMatchObject({ code: "STORE_FAILED" });
  });

  test("from nowhere is INVALID_OPTIONS", async () => {
    const pool = await scene().memory();
    expect(() => pool.events({ after: -1 })).toThrow(/after: must be the number/);
    expect(() => pool.events({ from: 1 } as never)).toThrow(/from: unknown option/);
  });

  test("puts nothing together while nobody reads, and again when he ceases to", async () => {
    const { clock, cloud } = scene();
    const { createPool } = await import("../index.js");
    const pool = createPool({ provider: cloud.provider(), max: 1, clock });
    await pool.ready();
    const stream = pool.events();
    await pool.pause();
    await stream.return?.();
    await pool.resume();
    const again = pool.events();
    await pool.pause();
    expect((await read(again, 1))[0]?.data).toMatchObject({ to: "paused" });
  });
});

describe("a durable log", () => {
  const durable = { events: { keep: 50, durable: true }, reuse: true } as const;

  test("has each event in the batch that made it true", async () => {
    const { durable: open, store } = scene();
    const pool = await open(durable);
    const before = store.sent.length;
    await pool.request();
    await settled();
    for (const { changes } of store.sent.slice(before)) {
      const tickets = changes.filter(({ kind, record }) => kind === "ticket" && record !== null);
      const told = changes.filter(({ kind, record }) => kind === "event" && record?.includes('"ticket.changed"'));
      expect(told).toHaveLength(tickets.length);
    }
  });

  test("is read on after a restart, without a gap or a double", async () => {
    const made = scene();
    const first = await made.durable(durable);
    const stream = first.events({ after: 0 });
    await (await first.acquire()).release();
    await settled();
    const seen = await read(stream, made.events.length);
    const second = await made.durable(durable);
    await (await second.acquire()).release();
    await settled();
    const after = seen.at(-1)?.seq as number;
    const rest = made.events.filter(({ seq }) => seq > after);
    expect(await read(second.events({ after }), rest.length)).toEqual(rest);
  });

  test("has what was committed and never told, because the answer was lost", async () => {
    const made = scene();
    const pool = await made.durable(durable);
    const stream = pool.events();
    made.store.faults.push("loses its answer", "is fenced");
    void pool.request({ requestId: "a" });
    await made.clock.advance(60_000);
    await settled();
    const kept = [...made.store.records.values()].filter(({ kind }) => kind === "event").map(({ id }) => id);
    const from = (await read(stream, 1))[0]?.seq as number;
    const expected = kept.filter((id) => id >= from).sort((a, b) => a - b);
    expect([from, ...seqs(await read(stream, expected.length - 1))]).toEqual(expected);
  });

  test("keeps as many as it was told to, in the store too", async () => {
    const { durable: open, store } = scene();
    const pool = await open({ ...durable, events: { keep: 5, durable: true } });
    for (let n = 0; n < 10; n++) await (await pool.acquire()).release();
    const kept = () => [...store.records.values()].filter(({ kind }) => kind === "event").length;
    expect(kept()).toBe(5);
    await pool.close();
    const next = await open({ reuse: true });
    await (await next.acquire()).release();
    expect(kept()).toBe(0);
  });

  test("has failures of the store in their order, which listeners heard of before", async () => {
    const made = scene();
    const pool = await made.durable(durable);
    const stream = pool.events();
    made.store.faults.push("fails");
    await Promise.all([pool.request(), made.clock.advance(60_000)]);
    await settled();
    const count = [...made.store.records.values()].filter(({ kind }) => kind === "event").length;
    const numbers = seqs(await read(stream, count - 1));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(made.events.map(({ type }) => type)).toContain("store.failed");
  });

  test("on a store that forgets is INVALID_OPTIONS", async () => {
    await expect(async () => scene().memory({ events: { durable: true } })).rejects.toThrow(
      /events.durable: store "memory" does not outlive the process/,
    );
  });
});

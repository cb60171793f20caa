import { describe, expect, test } from "vitest";
import { type AnyEvent, createPool, type Logger } from "../index.js";
import type { CountersRecord } from "../model/counters.js";
import { scene } from "./testing/scene.js";
import { settled } from "./testing/simulated-clock.js";

const short = ({ type, ids, data }: AnyEvent): string => {
  const change = "to" in data ? `${"from" in data ? (data.from ?? "") : ""}→${data.to}` : "";
  return [type, ids.resource ?? ids.ticket ?? ids.pool, change].filter((part) => part !== "").join(" ");
};

describe("events", () => {
  test.each(["memory", "durable"] as const)("tell the life of a resource and a ticket, in order (%s)", async (kind) => {
    const made = scene();
    const pool = await made[kind]({ max: 1 });
    const lease = await pool.acquire();
    await lease.release();
    await settled();
    expect(made.events.map(short)).toEqual([
      "pool.changed pool →added",
      "resource.changed 1 →allocating",
      "ticket.changed 1 →waiting",
      "resource.made 1",
      "resource.changed 1 allocating→ready",
      "resource.changed 1 ready→leased",
      "ticket.changed 1 waiting→granted",
      "ticket.changed 1 granted→closed",
      "resource.changed 1 leased→deleting",
      "resource.gone 1",
    ]);
    const numbers = made.events.map(({ seq }) => seq);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test("say when, who, why and what about", async () => {
    const { memory, events, clock } = scene();
    const pool = await memory({ name: "web" });
    await pool.acquire({ owner: "build-17" });
    const granted = events.find(({ type, data }) => type === "ticket.changed" && "to" in data && data.to === "granted");
    expect(granted).toMatchObject({
      v: 1,
      atMs: clock.now(),
      actor: "engine",
      cause: "answer",
      ids: { pool: "web", ticket: 1, resource: 1, token: 1 },
      data: { from: "waiting", to: "granted", waitedMs: 0 },
    });
    await pool.pause();
    expect(events.at(-1)).toMatchObject({ type: "pool.changed", actor: "operator", cause: "pause" });
    void pool.acquire({ owner: "late" }).catch(() => {});
    expect(events.at(-1)).toMatchObject({ type: "ticket.changed", actor: "late", cause: "request" });
  });

  test("have numbers that grow over restarts, whatever was committed last", async () => {
    const { durable, events, cloud, clock } = scene();
    await durable({ warm: 1 });
    await settled();
    cloud.instead.allocate = async () => {
      throw new Error("not now");
    };
    // Failures change no record, but for the events: they are told, and their numbers are gone.
    const first = await durable({ warm: 2 });
    await clock.advance(60_000);
    const before = Math.max(...events.map(({ seq }) => seq));
    expect(events.filter(({ type }) => type === "provider.failed").length).toBeGreaterThan(3);
    events.length = 0;
    await durable({ warm: 2 });
    await clock.advance(0);
    expect(events.length).toBeGreaterThan(0);
    expect(Math.min(...events.map(({ seq }) => seq))).toBeGreaterThan(before);
    expect(first).toBeDefined();
  });

  test("beyond the numbers that are reserved reserve more", async () => {
    const { durable, events, store } = scene();
    const pool = await durable();
    for (let count = 0; count < 600; count++) {
      await pool.pause();
      await pool.resume();
    }
    const told = Math.max(...events.map(({ seq }) => seq));
    expect(told).toBeGreaterThan(1_200);
    expect(store.record<CountersRecord>("counters", 1)?.event).toBeGreaterThan(told);
    expect(store.sent.length).toBeLessThan(5);
  });
});

describe("listeners", () => {
  test("of one type hear that type, those of all hear all; once hears one, off hears none", async () => {
    const { memory } = scene();
    const pool = await memory();
    const heard: string[] = [];
    const hear = (name: string) => (event: AnyEvent) => heard.push(`${name} ${event.type}`);
    const listener = hear("off");
    pool.on("pool.changed", hear("on")).once("pool.changed", hear("once")).on("event", hear("all"));
    pool.on("pool.changed", listener).once("pool.changed", listener).off("pool.changed", listener);
    await pool.pause();
    await pool.resume();
    expect(heard).toEqual([
      "on pool.changed",
      "once pool.changed",
      "all pool.changed",
      "on pool.changed",
      "all pool.changed",
    ]);
  });

  test("get the data of their type", async () => {
    const { memory } = scene();
    const pool = await memory();
    const gone: string[] = [];
    pool.on("resource.gone", ({ data }) => gone.push(data.reason));
    await (await pool.acquire()).release({ failed: "x" });
    await settled();
    expect(gone).toEqual(["failed"]);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("my mistake");
      },
    ],
    ["rejects", () => Promise.reject(new Error("my mistake"))],
  ])("one that %s does no harm, and is logged", async (_, listener) => {
    const logged: object[] = [];
    const logger: Logger = { debug() {}, info() {}, warn() {}, error: (fields) => logged.push(fields) };
    const { memory } = scene();
    const pool = await memory({ logger });
    let heard = 0;
    pool.on("event", listener as () => void);
    pool.on("event", () => {
      heard += 1;
    });
    const lease = await pool.acquire();
    await lease.release();
    await settled();
    expect(heard).toBe(9);
    expect(logged).toHaveLength(9);
    expect(logged[0]).toMatchObject({ err: new Error("my mistake"), event: "resource.changed" });
  });

  test("a logger that throws does no harm either", async () => {
    const boom = () => {
      throw new Error("no space left");
    };
    const logger: Logger = { debug: boom, info: boom, warn: boom, error: boom };
    await using pool = createPool({ provider: scene().cloud.provider(), max: 1, logger });
    await using lease = await pool.acquire();
    expect(lease.active).toBe(true);
  });
});

describe("a logger", () => {
  test("is told every event: what may need somebody as a warning, the usual for debugging", async () => {
    const lines: [string, object, string | undefined][] = [];
    const at = (level: string) => (fields: object, message?: string) => lines.push([level, fields, message]);
    const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
    const { memory, cloud, clock } = scene();
    const pool = await memory({ logger, warm: 1, max: 1 });
    const lease = await pool.acquire();
    await pool.resource(lease.resource.id).delete();
    cloud.instead.delete = async () => {
      throw new Error("not now");
    };
    await clock.advance(30_000);
    const told = lines.map(([level, , message]) => `${level} ${message}`);
    expect(told).toContain("info pool.changed");
    expect(told).toContain("debug resource.changed");
    expect(told).toContain("warn ticket.changed");
    expect(told).toContain("warn provider.failed");
    expect(lines.find(([, , message]) => message === "provider.failed")?.[1]).toMatchObject({
      pool: "pool",
      resource: 1,
      call: "delete",
      message: "not now",
    });
  });
});

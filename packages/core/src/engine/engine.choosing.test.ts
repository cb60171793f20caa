/** Which resource suits which ticket: remaining life, aliases, tags on demand, and numbers that pools share. */
import { describe, expect, test } from "vitest";
import type { TicketItem } from "../model/ticket.js";
import { Harness } from "./testing/harness.js";
import { MINUTE, type PoolSketch, SECOND } from "./testing/policies.js";
import { Ticket } from "./ticket.js";

/** A ticket for whatever an item says. */
function ask(harness: Harness, item: Partial<TicketItem>, rest: object = {}): Ticket {
  const base = { owner: "somebody", session: harness.self.session, requestId: undefined, priority: 0 };
  const order = { ...base, waitMs: Number.POSITIVE_INFINITY, ttlMs: undefined, renewal: "session" as const };
  const ticket = harness.input((engine, nowMs) =>
    engine.request({ ...order, ...rest, item: { count: 1, ...item } } as never, nowMs),
  );
  if (!(ticket instanceof Ticket)) throw new Error(`rejected: ${ticket.rejected}`);
  return ticket;
}

const poolOf = (ticket: Ticket) => ticket.resource?.pool.name;

describe("a minimum remaining life", () => {
  const aging = { maxAgeMs: 60 * MINUTE, reuse: true, max: 2, warm: 1 };
  const lasting = (minLifeMs: number) => ({ selector: { minLifeMs } });

  function aged(ms: number): Harness {
    const harness = new Harness({ pools: { web: { ...aging, shrinkAfterMs: 99 * MINUTE } } });
    harness.succeedAll();
    harness.advance(ms);
    return harness;
  }

  test("takes what has so long to live", () => {
    expect(aged(30 * MINUTE).request("web", lasting(30 * MINUTE)).state).toBe("granted");
  });

  test("does not take what has a moment less: another one is made", () => {
    const harness = aged(30 * MINUTE + 1);
    const ticket = harness.request("web", lasting(30 * MINUTE));
    expect(ticket.state).toBe("waiting");
    harness.succeedAll("allocate");
    expect(ticket.state).toBe("granted");
    expect(ticket.resource?.id).toBe(2);
  });

  test("finds the youngest, wherever it lies", () => {
    const harness = new Harness({ pools: { web: { ...aging, max: 3, warm: 0 } } });
    const tickets = [1, 2, 3].map(() => {
      const ticket = harness.request();
      harness.succeedAll("allocate");
      harness.advance(10 * MINUTE);
      return ticket;
    });
    for (const ticket of [...tickets].reverse()) harness.release(ticket);
    expect(harness.request("web", lasting(45 * MINUTE)).resource?.id).toBe(3);
  });

  test("at the cap, what is too old gives way", () => {
    const harness = new Harness({ pools: { web: { ...aging, max: 1, shrinkAfterMs: 99 * MINUTE } } });
    harness.succeedAll();
    harness.advance(50 * MINUTE);
    const ticket = harness.request("web", lasting(30 * MINUTE));
    expect(harness.resource().reason).toBe("room-for-others");
    harness.succeedAll();
    expect(ticket.state).toBe("granted");
  });

  test("who needs less is not blocked by who needs more", () => {
    const harness = aged(50 * MINUTE);
    const [long, short] = [harness.request("web", lasting(30 * MINUTE)), harness.request("web")];
    expect([long.state, short.state]).toEqual(["waiting", "granted"]);
  });

  test("beyond anything's life is no ticket", () => {
    expect(aged(0).tryRequest("web", lasting(61 * MINUTE))).toMatchObject({ rejected: "no-pool" });
  });

  test("in a pool without a maximum age is nothing special", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.succeedAll();
    expect(harness.request("web", lasting(99 * MINUTE)).state).toBe("granted");
    expect(harness.pool().lines).toHaveLength(1);
  });
});

describe("preferred pools", () => {
  const tagged = (priority: number) => ({ max: 2, tags: [{ name: "x", priority }] });

  test("the preferred one makes it", () => {
    const harness = new Harness({ pools: { low: tagged(1), high: tagged(2) } });
    ask(harness, { tags: ["x"] });
    expect(harness.call("allocate").pool.name).toBe("high");
  });

  test("when it fails, the next one is asked at once, and not only the failing one again and again", () => {
    const pools = { low: { ...tagged(1), provider: "iron" }, high: tagged(2) };
    const harness = new Harness({ pools });
    const ticket = ask(harness, { tags: ["x"] });
    harness.fail(harness.call("allocate", "high"), "capacity", { made: "nothing" });
    harness.succeed(harness.call("allocate", "low"));
    expect(poolOf(ticket)).toBe("low");
  });

  test("while it fails, all who wait are served by the next one", () => {
    const pools = { low: { ...tagged(1), provider: "iron" }, high: tagged(2) };
    const harness = new Harness({ pools });
    const tickets = [ask(harness, { tags: ["x"] }), ask(harness, { tags: ["x"] })];
    for (const call of [...harness.calls("allocate", "high")]) harness.fail(call, "quota", { made: "nothing" });
    harness.succeedAll("allocate");
    expect(tickets.map(poolOf)).toEqual(["low", "low"]);
  });

  test("when it works again it is preferred again", () => {
    const harness = new Harness({ pools: { low: tagged(1), high: tagged(2) } });
    ask(harness, { tags: ["x"] });
    harness.fail(harness.call("allocate", "high"), "capacity", { made: "nothing" });
    harness.succeedAll("allocate");
    harness.advance(10 * SECOND);
    ask(harness, { tags: ["x"] });
    expect(harness.call("allocate").pool.name).toBe("high");
  });
});

describe("an alias", () => {
  const behind = (priority: number, weight?: number) => ({
    max: 9,
    warm: 3,
    aliases: [{ name: "fast", priority, ...(weight !== undefined && { weight }) }],
  });

  function warmed(pools: Record<string, PoolSketch>): Harness {
    const harness = new Harness({ pools });
    harness.succeedAll();
    return harness;
  }

  test("by order: the first pool that can serve does", () => {
    const harness = warmed({ b: behind(-1), a: { ...behind(0), warm: 1, max: 1 }, other: { warm: 1 } });
    const pools = [1, 2].map(() => poolOf(ask(harness, { alias: "fast" })));
    expect(pools).toEqual(["a", "b"]);
  });

  test("by weight: its pools take turns", () => {
    const harness = warmed({ a: behind(0, 2), b: behind(0, 1) });
    const pools = [1, 2, 3].map(() => poolOf(ask(harness, { alias: "fast" })));
    expect(pools).toEqual(["a", "b", "a"]);
  });

  test("by weight: whose turn it is but has nothing leaves it to the other", () => {
    const harness = warmed({ a: { ...behind(0, 1), warm: 0 }, b: behind(0, 1) });
    expect(poolOf(ask(harness, { alias: "fast" }))).toBe("b");
  });

  test("with tags: those of its pools that have them", () => {
    const harness = warmed({ a: behind(0), b: { ...behind(-1), tags: ["gpu"] } });
    expect(poolOf(ask(harness, { alias: "fast", tags: ["gpu"] }))).toBe("b");
  });

  test("that nobody has is no ticket", () => {
    expect(() => ask(warmed({ a: behind(0) }), { alias: "slow" })).toThrow("no-pool");
  });

  test("is found again after a restart", () => {
    const harness = warmed({ a: { ...behind(0), warm: 0, max: 1 } });
    const ticket = ask(harness, { alias: "fast" }, { session: undefined });
    harness.restart();
    expect(harness.ledger.tickets.get(ticket.id)?.line?.pools[0]?.name).toBe("a");
  });
});

describe("tags on demand", () => {
  const pools = {
    usual: { max: 2, warm: 1, tags: ["linux"], provider: "iron" },
    rare: { max: 2, tags: ["linux"], tagsOnDemand: [{ name: "gpu", priority: 0 }] },
  };

  test("nothing is kept for them, and one is made for who asks", () => {
    const harness = new Harness({ pools });
    harness.succeedAll();
    expect(harness.resources().map(({ pool }) => pool.name)).toEqual(["usual"]);
    const ticket = ask(harness, { tags: ["gpu", "linux"] });
    harness.succeedAll("allocate");
    expect(poolOf(ticket)).toBe("rare");
  });

  test("who asks for none of them is not served by that pool", () => {
    const harness = new Harness({ pools });
    const tickets = [1, 2, 3].map(() => ask(harness, { tags: ["linux"] }));
    harness.succeedAll("allocate");
    expect(tickets.map(poolOf)).toEqual(["usual", "usual", undefined]);
  });

  test("who names the pool is", () => {
    const harness = new Harness({ pools });
    const ticket = ask(harness, { pool: "rare" });
    harness.succeedAll("allocate");
    expect(poolOf(ticket)).toBe("rare");
  });

  test("whoever stopped waiting leaves nothing behind for long", () => {
    const harness = new Harness({ pools });
    const ticket = ask(harness, { tags: ["gpu"] });
    harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
    harness.succeedAll();
    harness.advance(20 * MINUTE);
    harness.succeedAll();
    expect(harness.resources().filter(({ pool }) => pool.name === "rare")).toEqual([]);
  });
});

describe("numbers that pools share", () => {
  const pools = { one: { max: 3, counters: ["port"] }, two: { max: 3, counters: ["port", "display"] } };

  const numbersOf = (harness: Harness) =>
    Object.fromEntries(harness.resources().map(({ id, marks }) => [id, marks.counters]));

  test("each gets the smallest free one, over all pools that name the counter", () => {
    const harness = new Harness({ pools });
    for (const pool of ["one", "two", "one"]) harness.request(pool);
    expect(numbersOf(harness)).toEqual({ 1: { port: 0 }, 2: { port: 1, display: 0 }, 3: { port: 2 } });
  });

  test("one is held until its resource is gone, not only until it is given back", () => {
    const harness = new Harness({ pools });
    const first = harness.request("one");
    harness.succeedAll("allocate");
    harness.release(first);
    harness.request("two");
    expect(harness.resources("allocating")[0]?.marks.counters).toEqual({ port: 1, display: 0 });
    harness.succeedAll("delete");
    harness.request("one");
    expect(harness.resources("allocating")[1]?.marks.counters).toEqual({ port: 0 });
  });

  test("one whose allocate made nothing for certain gives its number back", () => {
    const harness = new Harness({ pools: { one: { max: 1, counters: ["port"] } } });
    harness.request("one");
    harness.fail(harness.call("allocate"), "capacity", { made: "nothing" });
    harness.advance(SECOND);
    expect(harness.resource("allocating").marks.counters).toEqual({ port: 0 });
  });

  test("they survive a restart, and are given again exactly once after their resources are gone", () => {
    const harness = new Harness({ pools });
    const [first] = [harness.durable("one"), harness.durable("one")];
    harness.succeedAll("allocate");
    harness.restart();
    harness.request("two");
    expect(harness.resources("allocating")[0]?.marks.counters).toEqual({ port: 2, display: 0 });
    harness.release(harness.ledger.tickets.get(first?.id as number) as Ticket);
    harness.succeedAll("delete");
    for (const pool of ["one", "two"]) harness.request(pool);
    const ports = harness.resources().map(({ marks }) => marks.counters?.["port"]);
    expect([...ports].sort()).toEqual([0, 1, 2, 3]);
  });
});

/** Which resource suits which ticket: names, remaining life, aliases, tags on demand, and numbers that pools share. */
import { describe, expect, test } from "vitest";
import type { TicketItem } from "../model/ticket.js";
import { Harness } from "./testing/harness.js";
import { MINUTE, type PoolSketch, SECOND } from "./testing/policies.js";
import { Ticket } from "./ticket.js";

const nameOf = (data: unknown) => (data as { name: string }).name;

/** Makes what is being made, with these names in the order of the calls. */
function make(harness: Harness, ...names: string[]): void {
  for (const name of names) {
    const call = harness.calls("allocate")[0];
    if (call === undefined || call.kind === "list") throw new Error("nothing is being made");
    harness.succeed(call, { name });
  }
}

function shelf(names: readonly string[], rest: PoolSketch = {}): Harness {
  const size = { max: names.length, warm: names.length, maxAllocating: 9 };
  const harness = new Harness({ pools: { phones: { ...size, reuse: true, nameOf, ...rest } } });
  if (harness.calls("allocate").length > 0) make(harness, ...names);
  return harness;
}

const named = (name: string) => ({ selector: { name } });

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
const nameOfIts = (ticket: Ticket) => ticket.resource?.marks.name;

describe("a resource by its name", () => {
  test("is lent to who asks for it, wherever it lies", () => {
    const harness = shelf(["a", "b", "c"]);
    expect(nameOfIts(harness.request("phones", named("c")))).toBe("c");
    expect(nameOfIts(harness.request("phones", named("a")))).toBe("a");
  });

  test("is waited for while somebody has it, though others are free", () => {
    const harness = shelf(["a", "b"]);
    const holder = harness.request("phones", named("a"));
    const waiting = harness.request("phones", named("a"));
    expect(waiting.state).toBe("waiting");
    harness.release(holder);
    expect(nameOfIts(waiting)).toBe("a");
  });

  test("goes to who waits for it and may have more again, though it was free all the time", () => {
    const harness = new Harness({
      pools: { phones: { max: 2, warm: 2, reuse: true, nameOf, maxAllocating: 2 } },
      self: { owners: { fair: false, policyOf: () => ({ weight: 1, maxLeases: 1, maxWaiting: 9 }) } },
    });
    make(harness, "a", "b");
    const holder = harness.request("phones", named("a"));
    const waiting = harness.request("phones", named("b"));
    // Somebody else is looked at, and served, in between.
    const other = harness.request("phones", { owner: "other", timeoutMs: 0, ...named("a") });
    expect([waiting.state, other.state]).toEqual(["waiting", "closed"]);
    harness.release(holder);
    expect(nameOfIts(waiting)).toBe("b");
  });

  test("goes to who came first, by name or not", () => {
    const harness = shelf(["a"]);
    const holder = harness.request("phones");
    const [any, one] = [harness.request("phones"), harness.request("phones", named("a"))];
    harness.release(holder);
    expect([any.state, one.state]).toEqual(["granted", "waiting"]);
  });

  test("is left to who wants just that, if another one serves who came before", () => {
    const harness = shelf(["a", "b"]);
    const holders = [harness.request("phones"), harness.request("phones")];
    const [any, one] = [harness.request("phones"), harness.request("phones", named("b"))];
    harness.input((engine, nowMs) => engine.pause(harness.pool("phones"), nowMs));
    for (const holder of holders) harness.release(holder);
    harness.input((engine, nowMs) => engine.resume(harness.pool("phones"), nowMs));
    expect([nameOfIts(any), nameOfIts(one)]).toEqual(["a", "b"]);
  });

  test("who waits for one by its name blocks nobody who would take any", () => {
    const harness = shelf(["a", "b"]);
    harness.request("phones", named("a"));
    harness.request("phones", { ...named("a"), priority: 9 });
    expect(nameOfIts(harness.request("phones"))).toBe("b");
  });

  test("that its pool can never have is no ticket", () => {
    const harness = shelf(["a"], { names: ["a", "b"] });
    expect(harness.tryRequest("phones", named("z"))).toMatchObject({ rejected: "no-pool" });
  });

  test("in a pool that names nothing is no ticket", () => {
    expect(new Harness().tryRequest("web", named("a"))).toMatchObject({ rejected: "no-pool" });
  });

  test("that was not made yet is made in its slot", () => {
    const harness = shelf([], { max: 3, names: ["a", "b", "c"] });
    const ticket = harness.request("phones", named("c"));
    expect(harness.call("allocate").resource.slot).toBe(2);
    make(harness, "c");
    expect(nameOfIts(ticket)).toBe("c");
    harness.request("phones");
    expect(harness.call("allocate").resource.slot).toBe(0);
  });

  test("survives a restart: who waits for it gets it afterwards", () => {
    const harness = shelf(["a", "b"]);
    const holder = harness.durable("phones", named("a"));
    const waiting = harness.durable("phones", named("a"));
    harness.restart();
    harness.release(harness.ledger.tickets.get(holder.id) as Ticket);
    expect(nameOfIts(harness.ledger.tickets.get(waiting.id) as Ticket)).toBe("a");
  });

  test("that is gone is not found under its old name", () => {
    const harness = shelf(["a"], { warm: 0, max: 1 });
    const ticket = harness.request("phones");
    make(harness, "a");
    harness.release(ticket, { failed: "it broke" });
    harness.succeedAll("delete");
    expect(harness.pool("phones").names.size).toBe(0);
  });

  test("a thousand names that nobody waits for any more are forgotten", () => {
    const harness = shelf(["a"]);
    for (let n = 0; n < 1_000; n++) harness.request("phones", { ...named(`n${n}`), timeoutMs: 0 });
    expect(harness.pool("phones").calls.size).toBeLessThan(250);
  });
});

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

import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { MINUTE, type PoolSketch, type ProviderSketch, SECOND } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

function scene(pool: PoolSketch = {}, provider: ProviderSketch = {}): Harness {
  return new Harness({ pools: { web: pool }, providers: { cloud: provider } });
}

function why(harness: Harness, ticket: Ticket): string[] {
  return harness.engine
    .explain(ticket, harness.nowMs)
    .pools.flatMap(({ obstacles }) => obstacles.map((obstacle) => obstacle.why));
}

describe("a waiting ticket is explained by", () => {
  test("what is being made, and how long that usually takes", () => {
    const harness = scene({ max: 2 });
    harness.request();
    harness.advance(30 * SECOND);
    harness.succeedAll();
    const ticket = harness.request();
    harness.advance(5 * SECOND);
    expect(harness.engine.explain(ticket, harness.nowMs)).toMatchObject({
      state: "waiting",
      ahead: 0,
      waitedMs: 5 * SECOND,
      pools: [{ pool: "web", obstacles: [{ why: "at-cap" }, { why: "allocating", count: 1, usuallyMs: 30 * SECOND }] }],
    });
    expect(harness.engine.explain(ticket, harness.nowMs).text).toContain("Ticket 2 has waited 5s. It is next in line;");
  });

  test("those who go before it, in the one order of all", () => {
    const harness = scene({ max: 1 });
    const tickets = [harness.request(), harness.request(), harness.request("web", { priority: 1 })] as const;
    expect(tickets.map((ticket) => harness.engine.explain(ticket, harness.nowMs).ahead)).toEqual([1, 2, 0]);
  });

  test("the cap, and what takes its places", () => {
    const harness = scene({ max: 1 });
    harness.request();
    harness.succeedAll();
    const ticket = harness.request();
    expect(harness.engine.explain(ticket, harness.nowMs).pools[0]?.obstacles).toEqual([
      { why: "at-cap", max: 1, leased: 1, deleting: 0, unknown: 0, holders: [{ owner: "somebody", leases: 1 }] },
    ]);
    expect(harness.engine.explain(ticket, harness.nowMs).text).toContain("all 1 places are taken (1 leased)");
  });

  test("who has most of what is lent, if that is not whoever waits", () => {
    const harness = scene({ max: 3 });
    for (const owner of ["ann", "bob", "bob"]) harness.request("web", { owner });
    harness.succeedAll();
    const ticket = harness.request("web", { owner: "ann" });
    expect(harness.engine.explain(ticket, harness.nowMs).text).toContain(
      "all 3 places are taken (3 leased: 2 by bob, 1 by ann)",
    );
  });

  test("the quota of its owner", () => {
    const policyOf = () => ({ weight: 1, maxLeases: 1, maxWaiting: Number.POSITIVE_INFINITY });
    const harness = new Harness({ pools: { web: { max: 3 } }, self: { owners: { fair: false, policyOf } } });
    harness.request("web", { owner: "ann" });
    harness.succeedAll();
    const ticket = harness.request("web", { owner: "ann" });
    expect(why(harness, ticket)).toEqual(["owner-quota"]);
    expect(harness.engine.explain(ticket, harness.nowMs).text).toContain('owner "ann" has 1 of at most 1');
  });

  test("what is kept for tickets that go before it", () => {
    const harness = new Harness({ pools: { web: { max: 2, warm: 2 }, vm: { max: 1 } } });
    harness.succeedAll();
    harness.request("vm");
    harness.succeedAll();
    const party = harness.party({ web: 2, vm: 1 });
    const ticket = harness.request("web");
    expect(why(harness, ticket)).toEqual(["kept", "at-cap"]);
    expect(harness.engine.explain(ticket, harness.nowMs)).toMatchObject({ ahead: 1 });
    expect(harness.engine.explain(ticket, harness.nowMs).text).toContain("2 free, kept for tickets that go before it");
    const { text, pools } = harness.engine.explain(party, harness.nowMs);
    expect(pools.map(({ pool }) => pool)).toEqual(["web", "vm"]);
    expect(text).toContain('pool "web": 2 free, which must wait for the rest');
  });

  test("of several things, what the pool of each lacks", () => {
    const phones = { max: 2, warm: 2, maxAllocating: 1, nameOf: (data: unknown) => String(data) };
    const harness = new Harness({ pools: { phones } });
    for (const name of ["anna", "berta"]) harness.succeed(harness.call("allocate"), name);
    harness.configure({ phones, vm: { max: 2, warm: 1 } });
    harness.succeedAll();
    harness.party([{ pool: "phones", count: 1, selector: { name: "anna" } }], { owner: "bob" });
    const items = [
      { pool: "phones", count: 1, selector: { name: "anna" } },
      { pool: "vm", count: 1 },
    ];
    const { pools } = harness.engine.explain(harness.party(items), harness.nowMs);
    expect(pools.map(({ pool, obstacles }) => [pool, obstacles.map(({ why }) => why)])).toEqual([
      ["phones", ["not-that-one", "at-cap"]],
      ["vm", ["kept", "at-cap", "allocating"]],
    ]);
  });

  test("of several things, no pool's obstacle if there is none in that pool", () => {
    const harness = new Harness({ pools: { web: { tags: [{ name: "x", priority: 1 }] }, vm: { max: 1 }, db: {} } });
    harness.request("vm");
    harness.succeedAll();
    const party = harness.party([
      { pool: "vm", count: 1 },
      { tags: ["x"], count: 1 },
    ]);
    harness.succeedAll();
    harness.configure({
      web: { tags: [{ name: "x", priority: 1 }] },
      vm: { max: 1 },
      db: { tags: [{ name: "x", priority: 0 }] },
    });
    const { text } = harness.engine.explain(party, harness.nowMs);
    expect(text).toContain('pool "web": 1 free, which must wait for the rest; pool "db": nothing is in its way.');
  });

  test("what another pool of its provider ran into, when the breaker is open for that", () => {
    const harness = new Harness({ pools: { one: {}, two: {} }, providers: { cloud: { breakAfter: 1 } } });
    harness.request("one");
    harness.fail(harness.call("allocate"), "transient", { made: "nothing" });
    const ticket = harness.request("two");
    expect(why(harness, ticket)).toEqual(["breaker-open"]);
    expect(harness.engine.explain(ticket, harness.nowMs).text).toContain(
      "is open for another 1s (allocate failed: transient)",
    );
  });

  test("the provider's cap", () => {
    const harness = new Harness({ pools: { one: {}, two: {} }, providers: { cloud: { max: 1 } } });
    harness.request("one");
    expect(why(harness, harness.request("two"))).toEqual(["at-provider-cap"]);
  });

  test("the last failure, and when it is tried again", () => {
    const harness = scene();
    const ticket = harness.request();
    harness.fail(harness.call("allocate"), "quota", { made: "nothing" });
    expect(harness.engine.explain(ticket, harness.nowMs).text).toContain(
      "making one failed (quota: allocate failed: quota, next try in 1s)",
    );
  });

  test("an open breaker", () => {
    const harness = scene({}, { breakAfter: 1 });
    const ticket = harness.request();
    harness.fail(harness.call("allocate"), "transient", { made: "nothing" });
    expect(why(harness, ticket)).toEqual(["failing", "breaker-open"]);
  });

  test("the delay between allocations", () => {
    const harness = scene({ allocateDelayMs: MINUTE });
    harness.request();
    harness.succeedAll();
    const ticket = harness.request();
    expect(why(harness, ticket)).toEqual(["delayed"]);
    expect(harness.engine.explain(ticket, harness.nowMs).text).toContain("the next one is made in 1m");
  });

  test("a pause", () => {
    const harness = scene();
    const ticket = harness.request();
    harness.succeed(harness.call("allocate"));
    harness.input((engine, nowMs) => engine.pause(harness.pool(), nowMs));
    expect(why(harness, harness.request())).toEqual(["paused"]);
    expect(harness.engine.explain(ticket, harness.nowMs).text).toBe("Ticket 1 was granted after 0ms.");
  });

  test("a drain", () => {
    const harness = scene({ max: 1 });
    const ticket = harness.request();
    harness.input((engine, nowMs) => engine.drain(harness.pool(), nowMs));
    expect(why(harness, ticket)).toContain("draining");
  });

  test("the first listing", () => {
    const harness = scene({}, { can: { list: true } });
    expect(why(harness, harness.request())).toEqual(["first-listing"]);
  });

  test("a reset, a check, and failed checks", () => {
    const harness = scene(
      { max: 3, reuse: true, check: { onAcquire: true, attempts: 3 } },
      { can: { check: true, reset: true } },
    );
    const holders = [harness.request(), harness.request(), harness.request()] as const;
    harness.succeedAll();
    harness.release(holders[0]);
    harness.succeedAll("reset");
    harness.release(holders[1]);
    harness.succeedAll("reset");
    harness.advance(MINUTE);
    harness.fail(harness.calls("check")[0] as never);
    for (const call of harness.calls("check").slice(0, 1)) if (call.kind !== "list") harness.succeed(call);
    harness.release(holders[2]);
    harness.advance(30 * SECOND);
    const ticket = harness.request();
    expect(why(harness, ticket).sort()).toEqual(["at-cap", "checking", "resetting", "unhealthy"]);
  });

  test("a store that was rolled back", () => {
    const harness = scene({}, { can: { list: true } });
    const ticket = harness.request();
    harness.listed([{ key: "wp-installa-future-zz" }]);
    expect(why(harness, ticket)).toEqual(["store-rolled-back"]);
  });
});

test("a closed ticket is explained by its end", () => {
  const harness = scene();
  const ticket = harness.durable();
  harness.fail(harness.call("allocate"), "permanent", { made: "nothing" });
  expect(harness.engine.explain(ticket, harness.nowMs).text).toBe(
    'Ticket 1 is closed: refused (pool "web": allocate failed: permanent).',
  );
});

describe("what differs from what is free is said:", () => {
  const nameOf = (data: unknown) => (data as { name: string }).name;
  const names = ["free", "dirty", "busy"];
  const conditions = {
    names,
    initial: "free",
    released: "free",
    abandoned: "dirty",
    clean: undefined,
    silent: undefined,
  };

  function text(harness: Harness, ticket: Ticket): string {
    return harness.engine.explain(ticket, harness.nowMs).text;
  }

  function named(): Harness {
    const harness = scene({ max: 2, warm: 2, maxAllocating: 2, reuse: true, nameOf });
    for (const name of ["a", "b"]) {
      const [call] = harness.calls("allocate");
      if (call?.kind === "allocate") harness.succeed(call, { name });
    }
    return harness;
  }

  test("who has the one of that name", () => {
    const harness = named();
    harness.request("web", { owner: "ann", selector: { name: "a" } });
    const ticket = harness.request("web", { selector: { name: "a" } });
    expect(why(harness, ticket)).toContain("not-that-one");
    expect(text(harness, ticket)).toContain('"a" is leased by ann');
  });

  test("that nothing is called so", () => {
    const harness = named();
    expect(text(harness, harness.request("web", { selector: { name: "c" } }))).toContain('nothing is called "c"');
  });

  test("in which conditions they are, and in which one it is wanted", () => {
    const harness = scene({ max: 2, warm: 2, reuse: true, conditions });
    harness.succeedAll();
    harness.release(harness.request(), { condition: "dirty" });
    const ticket = harness.request("web", { selector: { condition: "busy" } });
    expect(text(harness, ticket)).toContain('2 free, not "busy" (1 free, 1 dirty)');
  });

  test("that they are too old for the remaining life that is wanted", () => {
    const harness = scene({ max: 2, warm: 1, reuse: true, maxAgeMs: 10 * MINUTE });
    harness.succeedAll();
    harness.advance(2 * MINUTE);
    const ticket = harness.request("web", { selector: { minLifeMs: 9 * MINUTE } });
    expect(text(harness, ticket)).toContain("1 free, too old to last 9m");
    expect(why(harness, ticket)).toEqual(["too-old", "at-cap", "allocating"]);
  });

  test("of each of several things that are asked for together", () => {
    const harness = named();
    harness.request("web", { owner: "ann", selector: { name: "b" } });
    const items = ["b", "c"].map((name) => ({ pool: "web", count: 1, selector: { name } }));
    const said = text(harness, harness.party(items));
    expect(said).toContain('"b" is leased by ann');
    expect(said).toContain('nothing is called "c"');
  });

  test("and it is what an acquire that timed out is told", () => {
    const harness = named();
    harness.request("web", { owner: "ann", selector: { name: "a" } });
    const ticket = harness.request("web", { selector: { name: "a" }, timeoutMs: 0 });
    expect(ticket.explanation).toContain('"a" is leased by ann');
  });
});

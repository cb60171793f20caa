import { describe, expect, test } from "vitest";
import type { ResourceCall } from "./call.js";
import { Harness } from "./testing/harness.js";
import { MINUTE, type PoolSketch, type ProviderSketch, SECOND } from "./testing/policies.js";

function shared(pools: Record<string, PoolSketch>, provider: ProviderSketch = { max: 2 }): Harness {
  const harness = new Harness({ pools, providers: { cloud: provider } });
  harness.succeedAll();
  return harness;
}

describe("a pool's cap counts", () => {
  test("what is being made", () => {
    const harness = new Harness({ pools: { web: { max: 2 } } });
    for (let i = 0; i < 3; i++) harness.request();
    expect(harness.calls("allocate")).toHaveLength(2);
  });

  test("what has an unknown outcome", () => {
    const harness = new Harness({ pools: { web: { max: 1 } } });
    harness.request();
    harness.fail(harness.call("allocate"), "unknown");
    harness.advance(MINUTE);
    expect(harness.resource().state).toBe("unknown");
    expect(harness.calls()).toEqual([]);
  });

  test("what is being deleted, for as long as it takes", () => {
    const harness = new Harness({ pools: { web: { max: 1 } } });
    const holder = harness.request();
    harness.succeedAll();
    const next = harness.request();
    harness.release(holder);
    for (let i = 0; i < 5; i++) {
      harness.fail(harness.call("delete"));
      harness.advance(MINUTE);
    }
    expect(harness.calls("allocate")).toEqual([]);
    harness.succeedAll();
    expect(next.state).toBe("granted");
  });

  test("what a person keeps", () => {
    const harness = new Harness({ pools: { web: { max: 1, warm: 1 } } });
    harness.succeedAll();
    harness.input((engine, nowMs) => engine.hold(harness.resource(), "look", MINUTE, nowMs));
    expect(harness.calls()).toEqual([]);
  });

  test("listed things of ours that have no record, whatever their pool where they don't say it", () => {
    const harness = new Harness({
      pools: { web: { max: 2, warm: 2 } },
      providers: { cloud: { can: { list: true } } },
      self: { durable: false },
    });
    expect(harness.calls("allocate")).toEqual([]);
    harness.tick();
    harness.listed(["wp-installa-before-1"]);
    expect(harness.calls("allocate")).toHaveLength(1);
  });

  test("no things of ours that say they are another pool's", () => {
    const harness = new Harness({
      pools: { web: { max: 1, warm: 1 } },
      providers: { cloud: { can: { list: true } } },
      self: { durable: false },
    });
    harness.tick();
    const tags = { namespace: "test", installation: "installa", pool: "db" };
    harness.listed([{ key: "wp-installa-before-1", tags }]);
    expect(harness.calls("allocate")).toHaveLength(1);
  });

  test("no things of others, though they may be reaped", () => {
    const harness = new Harness({
      pools: { web: { max: 1, warm: 1 } },
      providers: { cloud: { can: { list: true }, max: 1, reap: { mode: "report" } } },
    });
    harness.tick();
    harness.listed([{ key: "theirs", tags: { installation: "stranger", expiresAtMs: 5 } }, "wp-stranger-before-1"]);
    expect(harness.calls("allocate")).toHaveLength(1);
  });
});

describe("lowering a cap", () => {
  test("ends nothing that is used, and makes nothing until it fits", () => {
    const harness = new Harness({ pools: { web: { max: 3 } } });
    const tickets = [harness.request(), harness.request(), harness.request()];
    harness.succeedAll();
    harness.configure({ web: { max: 1 } });
    const next = harness.request();
    for (const ticket of tickets) expect(ticket.state).toBe("granted");
    for (const ticket of tickets.slice(0, 2)) harness.release(ticket);
    harness.succeedAll();
    expect(next.state).toBe("waiting");
    harness.release(tickets[2] as never);
    harness.succeedAll();
    expect(next.state).toBe("granted");
  });
});

describe("a provider's cap", () => {
  test("is shared by its pools", () => {
    const harness = new Harness({ pools: { one: {}, two: {} }, providers: { cloud: { max: 2 } } });
    harness.request("one");
    harness.request("one");
    harness.request("two");
    expect(harness.calls("allocate")).toHaveLength(2);
  });

  test("makes the idle of others give way to those who wait", () => {
    const harness = shared({ one: { warm: 2 }, two: {} });
    const ticket = harness.request("two");
    expect(harness.resource("deleting").reason).toBe("room-for-others");
    harness.succeed(harness.call("delete"));
    harness.succeed(harness.call("allocate", "two"));
    expect(ticket.state).toBe("granted");
  });

  test("makes no more of them give way than are needed", () => {
    const harness = shared({ one: { warm: 3 }, two: {} }, { max: 3 });
    harness.request("two");
    harness.request("two");
    expect(harness.resources("deleting")).toHaveLength(2);
  });

  test("takes nothing from a pool where somebody waits", () => {
    const harness = shared({ one: { warm: 2 }, two: {} });
    harness.input((engine, nowMs) => engine.pause(harness.pool("one"), nowMs));
    harness.request("one");
    harness.request("two");
    expect(harness.resources("deleting")).toEqual([]);
  });

  test("makes an idle one give way that becomes idle later", () => {
    const harness = shared({ one: { reuse: true }, two: {} }, { max: 1 });
    const holder = harness.request("one");
    harness.succeedAll();
    const ticket = harness.request("two");
    harness.release(holder);
    harness.succeedAll();
    expect(ticket.state).toBe("granted");
  });

  test("makes an idle one give way when the last who waited for it left", () => {
    const harness = shared({ one: { warm: 1 }, two: {} }, { max: 1 });
    harness.input((engine, nowMs) => engine.pause(harness.pool("one"), nowMs));
    const other = harness.request("one");
    const ticket = harness.request("two");
    harness.input((engine, nowMs) => engine.giveUp(other, "cancelled", nowMs));
    harness.succeedAll();
    expect(ticket.state).toBe("granted");
  });

  test("does not count on a delete that fails", () => {
    const harness = shared({ one: { warm: 1 }, two: { max: 2 }, three: {} }, { max: 2 });
    const holder = harness.request("two");
    harness.succeedAll();
    harness.release(holder);
    harness.request("three");
    // The place of the one being deleted would be enough, if only it came.
    expect(harness.resources("deleting")).toHaveLength(1);
    harness.fail(harness.call("delete", "two"));
    expect(harness.resources("deleting").map(({ reason }) => reason)).toEqual(["room-for-others", "released"]);
  });

  test("that was lowered makes the excess give way as well", () => {
    const harness = shared({ one: { warm: 3 }, two: {} }, { max: 3 });
    harness.configure({ one: { warm: 3 }, two: {} }, { cloud: { max: 2 } });
    harness.request("two");
    expect(harness.resources("deleting")).toHaveLength(2);
  });

  test("sends those whose tags another provider serves there", () => {
    const pools = { one: { tags: ["a"] }, two: { tags: ["a"], provider: "iron" } };
    const harness = new Harness({ pools, providers: { cloud: { max: 1 } } });
    for (let i = 0; i < 2; i++) harness.request("", { tags: ["a"] });
    expect(harness.calls("allocate").map((call) => (call as ResourceCall).pool.name)).toEqual(["one", "two"]);
  });

  test("gives a place that becomes free to whoever waits, in whichever pool", () => {
    const harness = shared({ one: {}, two: {} }, { max: 1 });
    const holder = harness.request("one");
    harness.succeedAll();
    const ticket = harness.request("two");
    harness.release(holder);
    harness.succeedAll();
    expect(ticket.state).toBe("granted");
  });
});

test("an operator's word is the only way out for a delete that never succeeds", () => {
  const harness = new Harness({ pools: { web: { max: 1, warm: 1 } } });
  harness.succeedAll();
  const stuck = harness.resource();
  harness.input((engine, nowMs) => engine.remove(stuck, nowMs));
  harness.fail(harness.call("delete"));
  harness.advance(5 * SECOND);
  harness.input((engine, nowMs) => engine.forget(stuck, "I pulled the plug", nowMs));
  expect(harness.happened("resource.gone")).toEqual([{ reason: "forgotten", note: "I pulled the plug" }]);
  expect(harness.calls("allocate")).toHaveLength(1);
});

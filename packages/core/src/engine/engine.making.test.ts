import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { MINUTE, SECOND } from "./testing/policies.js";

describe("the buffer", () => {
  test("is made ahead of demand, so many at a time", () => {
    const harness = new Harness({ pools: { web: { warm: 5, maxAllocating: 2 } } });
    expect(harness.calls("allocate")).toHaveLength(2);
    harness.succeedAll();
    expect(harness.resources("ready")).toHaveLength(5);
  });

  test("is filled again when one is lent", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.succeedAll();
    harness.request();
    expect(harness.calls("allocate")).toHaveLength(1);
  });

  test("is not filled above the cap", () => {
    const harness = new Harness({ pools: { web: { warm: 1, max: 1 } } });
    harness.succeedAll();
    harness.request();
    expect(harness.calls()).toEqual([]);
  });

  test("shrinks when the surplus has been idle for long enough", () => {
    const harness = new Harness({ pools: { web: { warm: 1, reuse: true, shrinkAfterMs: 10 * MINUTE } } });
    const tickets = [harness.request(), harness.request()];
    harness.succeedAll();
    for (const ticket of tickets) harness.release(ticket);
    expect(harness.resources("ready")).toHaveLength(3);
    harness.advance(10 * MINUTE - 1);
    expect(harness.resources("ready")).toHaveLength(3);
    harness.advance(1);
    expect(harness.resources("ready")).toHaveLength(1);
    expect(harness.resources("deleting").map(({ reason }) => reason)).toEqual(["surplus", "surplus"]);
  });

  test("that shrinks at once is not looked at without end", () => {
    const harness = new Harness({ pools: { web: { warm: 1, shrinkAfterMs: 0 } } });
    harness.succeedAll();
    harness.advance(MINUTE);
    expect(harness.resources("ready")).toHaveLength(1);
  });

  test("is not shrunk away from those who wait for a paused pool", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.succeedAll();
    harness.input((engine, nowMs) => engine.pause(harness.pool(), nowMs));
    harness.request();
    harness.configure({ web: { warm: 0 } });
    harness.advance(20 * MINUTE);
    expect(harness.resources("ready")).toHaveLength(1);
  });

  test("is renewed when it is too old", () => {
    const harness = new Harness({ pools: { web: { warm: 1, maxAgeMs: MINUTE } } });
    harness.succeedAll();
    harness.advance(MINUTE - 1);
    expect(harness.resources("ready")).toHaveLength(1);
    harness.advance(1);
    expect(harness.resource("deleting").reason).toBe("too-old");
    expect(harness.calls("allocate")).toHaveLength(1);
  });

  test("is not looked at without end when times are no whole numbers", () => {
    const harness = new Harness({ pools: { web: { warm: 1, maxAgeMs: 0.3, shrinkAfterMs: 0.1 } } });
    harness.nowMs = 1_000_000.1;
    harness.succeed(harness.call("allocate"));
    harness.advance(SECOND);
    expect(harness.resources("ready")).toEqual([]);
  });
});

describe("an allocation", () => {
  test("is asked for under a key and a slot of its own, which are written down before", () => {
    const harness = new Harness({ pools: { web: { warm: 2 } }, commits: false });
    expect(harness.calls()).toEqual([]);
    harness.commit();
    expect(harness.calls("allocate")).toHaveLength(2);
    const records = [...harness.mirror.resources.values()];
    expect(records.map(({ state, slot, key }) => [state, slot, key])).toEqual([
      ["allocating", 0, "wp-installa-epoch1-1"],
      ["allocating", 1, "wp-installa-epoch1-2"],
    ]);
  });

  test("follows another no sooner than the delay between them", () => {
    const harness = new Harness({ pools: { web: { warm: 3, allocateDelayMs: 10 * SECOND } } });
    expect(harness.calls("allocate")).toHaveLength(1);
    harness.advance(10 * SECOND - 1);
    expect(harness.calls("allocate")).toHaveLength(1);
    harness.advance(1);
    expect(harness.calls("allocate")).toHaveLength(2);
    harness.advance(10 * SECOND);
    expect(harness.calls("allocate")).toHaveLength(3);
  });

  test("that nothing was made by is forgotten", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.fail(harness.call("allocate"), "capacity", { made: "nothing" });
    expect(harness.resources()).toEqual([]);
    expect(harness.happened("resource.gone")).toEqual([{ reason: "never-made", note: "allocate failed: capacity" }]);
  });

  test("may say early what it knows, so that a half-made thing can be deleted", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    const call = harness.call("allocate");
    harness.input((engine, nowMs) => engine.checkpoint(call, { id: "i-1" }, nowMs));
    expect(harness.mirror.resources.get(call.resource.id)?.data).toEqual({ id: "i-1" });
    harness.restart();
    harness.advance(15 * MINUTE);
    expect(harness.resource("deleting")).toMatchObject({ reason: "half-made", data: { id: "i-1" } });
  });

  test("gives back its slot when it is gone, to the next", () => {
    const harness = new Harness({ pools: { web: { warm: 2 } } });
    const [first] = harness.calls("allocate");
    harness.fail(first as never, "capacity", { made: "nothing" });
    harness.advance(SECOND);
    expect(harness.resources().map(({ slot }) => slot)).toEqual([1]);
    harness.succeed(harness.call("allocate"));
    expect(harness.resources().map(({ slot }) => slot)).toEqual([1, 0]);
  });
});

describe("demand", () => {
  test("comes before the buffer", () => {
    const harness = new Harness({ pools: { web: { max: 2, warm: 2, reuse: true } } });
    const tickets = [harness.request(), harness.request()];
    harness.succeedAll();
    expect(tickets.map(({ state }) => state)).toEqual(["granted", "granted"]);
  });

  test("of a paused pool is another's that serves the same tags", () => {
    const pools = { one: { tags: ["a"] }, two: { tags: ["a"] } };
    const harness = new Harness({ pools });
    harness.request("", { tags: ["a"] });
    harness.fail(harness.call("allocate", "one"), "capacity", { made: "nothing" });
    expect(harness.calls("allocate", "two")).toHaveLength(1);
  });

  test("moves on at once when the pool that was to serve it is paused", () => {
    const pools = { one: { tags: ["a"], max: 1 }, two: { tags: ["a"], max: 1 } };
    const harness = new Harness({ pools, providers: { cloud: { max: 1 } } });
    const holder = harness.request("two");
    harness.succeedAll();
    harness.request("", { tags: ["a"] });
    harness.input((engine, nowMs) => engine.pause(harness.pool("one"), nowMs));
    harness.release(holder);
    harness.succeed(harness.call("delete"));
    expect(harness.calls("allocate", "two")).toHaveLength(1);
  });

  test("is made for by the pool that can, when the preferred one waits out its delay", () => {
    const pools = { one: { tags: ["a"], max: 1 }, two: { tags: ["a"], allocateDelayMs: MINUTE, max: 2 } };
    const harness = new Harness({ pools });
    for (let i = 0; i < 3; i++) harness.request("", { tags: ["a"] });
    expect(harness.calls("allocate")).toHaveLength(2);
    harness.advance(MINUTE);
    expect(harness.calls("allocate", "two")).toHaveLength(2);
  });
});

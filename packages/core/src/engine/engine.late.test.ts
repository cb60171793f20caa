/** Deletes of what may still be made, and what is made although nobody wants it any more. */
import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { MINUTE, SECOND } from "./testing/policies.js";

describe("an allocation that find was faster than", () => {
  test("shows by its own answer that the provider works again: what is missing is made at once", () => {
    const harness = new Harness({
      pools: { web: { max: 3 }, other: { max: 1, warm: 1 } },
      providers: { cloud: { can: { find: true }, settlesWithinMs: 0 } },
    });
    for (let n = 0; n < 3; n++) harness.request();
    const [slow, ...others] = harness.calls("allocate", "web");
    harness.expire(slow as never);
    for (const call of others) harness.fail(call, "transient", { made: "nothing" });
    harness.succeed(harness.call("allocate", "other"));
    harness.advance(MINUTE);
    harness.succeed(harness.call("find"));
    expect([harness.resources("leased").length, harness.resources("allocating").length]).toEqual([1, 1]);
    harness.succeed(slow as never);
    expect(harness.resources("allocating")).toHaveLength(2);
  });
});

describe("an allocation that is of no use any more", () => {
  function unwanted(can: object = {}) {
    const harness = new Harness({ pools: { web: { warm: 1, max: 1 } }, providers: { cloud: { can } } });
    const call = harness.call("allocate");
    harness.input((engine, nowMs) => engine.remove(harness.resource(), nowMs));
    return { harness, call };
  }

  test("is aborted, and its delete waits for its end", () => {
    const { harness, call } = unwanted();
    expect(harness.effects).toContainEqual({ type: "abort", call });
    expect(harness.calls("delete")).toEqual([]);
    harness.succeed(call);
    expect(harness.calls("delete")).toHaveLength(1);
  });

  test("is no failure of the provider", () => {
    const { harness, call } = unwanted();
    harness.fail(call);
    expect(harness.pool()).toMatchObject({ failures: 0, totals: { failed: 0 } });
    expect(harness.provider().breaker.failures).toBe(0);
  });

  test("is forgotten when nothing was made", () => {
    const { harness, call } = unwanted();
    harness.fail(call, "unknown", { made: "nothing" });
    expect(harness.resources("deleting")).toEqual([]);
  });

  test("is deleted a last time when its outcome has settled: a thing may have come behind the first delete", () => {
    const { harness, call } = unwanted();
    harness.fail(call);
    harness.succeed(harness.call("delete"));
    expect(harness.resource().state).toBe("deleting");
    harness.advance(15 * MINUTE - 1);
    expect(harness.calls()).toEqual([]);
    harness.advance(1);
    harness.succeed(harness.call("delete"));
    expect(harness.resources("deleting")).toEqual([]);
  });

  test("is asked for only then: before, absent is no answer", () => {
    const { harness, call } = unwanted({ find: true });
    harness.fail(call);
    harness.succeed(harness.call("delete"));
    expect(harness.calls("find")).toEqual([]);
    harness.advance(15 * MINUTE);
    harness.succeedAll("delete");
    harness.succeedAll("find");
    expect(harness.resources("deleting")).toEqual([]);
  });

  test("keeps its place in the cap until then, and nobody counts on it", () => {
    const pools = { one: { warm: 1 }, two: { warm: 1 }, three: {} };
    const harness = new Harness({ pools, providers: { cloud: { max: 2 } } });
    const [call] = harness.calls("allocate", "one");
    harness.succeed(harness.call("allocate", "two"));
    harness.configure({ ...pools, one: { warm: 0 } });
    harness.input((engine, nowMs) => engine.remove(harness.resource("allocating"), nowMs));
    harness.fail(call as never);
    harness.succeed(harness.call("delete"));
    harness.request("three");
    expect(harness.resources("deleting").map(({ reason }) => reason)).toEqual(["asked", "room-for-others"]);
  });

  test("is settled anew in a new epoch, which knows nothing of its start", () => {
    const { harness, call } = unwanted();
    harness.fail(call);
    harness.advance(14 * MINUTE);
    harness.restart({ leaderTtlMs: 30 * SECOND });
    harness.succeedAll();
    expect(harness.resource().state).toBe("deleting");
    harness.advance(15 * MINUTE + 30 * SECOND - 1);
    expect(harness.calls()).toEqual([]);
    harness.advance(1);
    expect(harness.calls("delete")).toHaveLength(1);
  });

  test("that never ends is given up when it can make nothing any more", () => {
    const { harness, call } = unwanted();
    harness.expire(call);
    harness.advance(15 * MINUTE - 1);
    expect(harness.calls("delete")).toEqual([]);
    harness.advance(1);
    expect(harness.calls("delete")).toHaveLength(1);
  });

  test("that makes something while its delete is confirmed is deleted again", () => {
    const { harness, call } = unwanted({ find: true });
    harness.expire(call);
    harness.advance(15 * MINUTE);
    harness.succeed(harness.call("delete"));
    const find = harness.call("find");
    harness.succeed(call, { id: "late" });
    // It may have looked before.
    harness.answer(find, { outcome: { kind: "find", found: { status: "absent" } } });
    harness.advance(SECOND);
    expect(harness.call("delete").resource.data).toEqual({ id: "late" });
  });

  test("that makes something while its delete runs is deleted again", () => {
    const { harness, call } = unwanted();
    harness.expire(call);
    harness.advance(15 * MINUTE);
    const first = harness.call("delete");
    harness.succeed(call, { id: "late" });
    harness.succeed(first);
    expect(harness.call("delete")).not.toBe(first);
  });
});

describe("what was made under a key that we had given up", () => {
  function forgotten(sketch: object = {}, can: object = {}) {
    const harness = new Harness({ pools: { web: { warm: 1, max: 1, ...sketch } }, providers: { cloud: { can } } });
    harness.succeedAll("list");
    const call = harness.call("allocate");
    const { resource } = call;
    harness.input((engine, nowMs) => engine.forget(resource, "surely not", nowMs));
    return { harness, call, key: resource.key };
  }

  test("gets a record again, and is deleted", () => {
    const { harness, call, key } = forgotten();
    harness.succeed(call, { id: "late" });
    expect(harness.resource("deleting")).toMatchObject({ key, reason: "late", data: { id: "late" } });
    expect(harness.call("delete").resource.key).toBe(key);
  });

  test("is deleted though its pool is gone: the pool comes back until that is done", () => {
    const { harness, call, key } = forgotten({ warm: 1 });
    harness.configure({});
    harness.succeed(harness.calls("allocate")[1] as never);
    harness.succeedAll("delete");
    expect([...harness.ledger.pools.keys()]).toEqual([]);
    harness.succeed(call);
    expect(harness.resource("deleting").key).toBe(key);
    harness.succeedAll("delete");
    expect([...harness.ledger.pools.keys()]).toEqual([]);
    expect([...harness.ledger.providers.keys()]).toEqual([]);
  });

  test("and was found by a sweep before, has one record only", () => {
    const { harness, call, key } = forgotten({}, { list: true });
    harness.advance(5 * MINUTE);
    harness.listed([key]);
    harness.advance(MINUTE);
    harness.listed([key]);
    expect(harness.resource("deleting")).toMatchObject({ key, reason: "unrecorded" });
    // One call at a time for a key, even when its first record was forgotten.
    expect(harness.calls("delete")).toEqual([]);
    harness.succeed(call, { id: "late" });
    expect(harness.resource("deleting").data).toEqual({ id: "late" });
    expect(harness.calls("delete")).toHaveLength(1);
  });

  test("waits for a delete that was under way when it was forgotten", () => {
    const { harness, call } = unwantedAndForgotten();
    harness.succeed(call);
    const first = harness.call("delete");
    expect(harness.resources("deleting")).toHaveLength(1);
    harness.fail(first);
    expect(harness.call("delete")).not.toBe(first);
  });

  function unwantedAndForgotten() {
    const harness = new Harness({ pools: { web: { warm: 1, max: 1 } } });
    const call = harness.call("allocate");
    const { resource } = call;
    harness.expire(call);
    harness.advance(15 * MINUTE);
    expect(harness.calls("delete")).toHaveLength(1);
    harness.input((engine, nowMs) => engine.forget(resource, "surely not", nowMs));
    return { harness, call };
  }

  test("that failed leaves nothing behind", () => {
    const { harness, call } = forgotten();
    harness.fail(call);
    expect(harness.resources("deleting")).toEqual([]);
    expect(harness.ledger.strays.size).toBe(0);
  });
});

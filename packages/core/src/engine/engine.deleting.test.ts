import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { HOUR, MINUTE, SECOND } from "./testing/policies.js";

function deleting(can: object = {}, sketch: object = {}): Harness {
  const harness = new Harness({ pools: { web: { warm: 1, max: 1, ...sketch } }, providers: { cloud: { can } } });
  harness.succeedAll();
  harness.input((engine, nowMs) => engine.remove(harness.resource(), nowMs));
  return harness;
}

describe("a delete", () => {
  test("is taken at its word where nothing can be asked", () => {
    const harness = deleting();
    harness.succeed(harness.call("delete"));
    expect(harness.happened("resource.gone")).toEqual([{ reason: "asked" }]);
    expect(harness.pool().totals.deleted).toBe(1);
  });

  test("is repeated with backoff until it succeeds", () => {
    const harness = deleting();
    for (const waitMs of [1, 2, 4, 8].map((seconds) => seconds * SECOND)) {
      harness.fail(harness.call("delete"));
      harness.advance(waitMs - 1);
      expect(harness.calls()).toEqual([]);
      harness.advance(1);
    }
    harness.succeed(harness.call("delete"));
    expect(harness.resource().state).toBe("allocating");
  });

  test("is repeated for ever", () => {
    const harness = deleting();
    for (let i = 0; i < 50; i++) {
      harness.fail(harness.call("delete"), "permanent");
      harness.advance(5 * MINUTE);
    }
    expect(harness.calls("delete")).toHaveLength(1);
  });

  test("that takes too long is waited for, and repeated half a minute later", () => {
    const harness = deleting();
    const slow = harness.call("delete");
    harness.expire(slow);
    harness.advance(30 * SECOND - 1);
    expect(harness.calls("delete")).toEqual([slow]);
    harness.advance(1);
    expect(harness.calls("delete")).toHaveLength(2);
    // Nobody awaits it any more.
    harness.succeed(slow);
    expect(harness.resource().state).toBe("deleting");
  });

  test("that comes to its end after all is repeated without waiting longer", () => {
    const harness = deleting();
    const slow = harness.call("delete");
    harness.expire(slow);
    harness.advance(SECOND);
    harness.succeed(slow);
    expect(harness.call("delete")).not.toBe(slow);
  });

  test("goes on in a new epoch", () => {
    const harness = deleting();
    harness.restart();
    expect(harness.resource("deleting").reason).toBe("asked");
    harness.succeed(harness.call("delete"));
    expect(harness.resources("deleting")).toEqual([]);
  });

  test("begins when the call under way has come to its end", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } }, providers: { cloud: { can: { check: true } } } });
    harness.succeedAll();
    harness.advance(MINUTE);
    const check = harness.call("check");
    harness.input((engine, nowMs) => engine.remove(harness.resource(), nowMs));
    expect(harness.calls("delete")).toEqual([]);
    expect(harness.effects).toContainEqual({ type: "abort", call: check });
    harness.fail(check);
    expect(harness.calls("delete")).toHaveLength(1);
  });
});

describe("confirmed by find, a delete", () => {
  const can = { find: true };

  test("is over when find agrees that it is gone", () => {
    const harness = deleting(can);
    harness.succeed(harness.call("delete"));
    expect(harness.resource().state).toBe("deleting");
    harness.answer(harness.call("find"), { outcome: { kind: "find", found: { status: "absent" } } });
    expect(harness.resources("deleting")).toEqual([]);
  });

  test.each(["ready", "pending", "broken"] as const)("is repeated while find says %s", (status) => {
    const harness = deleting(can);
    harness.succeed(harness.call("delete"));
    harness.answer(harness.call("find"), { outcome: { kind: "find", found: { status, data: {} } } });
    expect(harness.calls()).toEqual([]);
    harness.advance(SECOND);
    expect(harness.calls("delete")).toHaveLength(1);
  });

  test("is asked for again when find fails, and not repeated", () => {
    const harness = deleting(can);
    harness.succeed(harness.call("delete"));
    harness.fail(harness.call("find"));
    harness.advance(SECOND);
    expect(harness.calls("find")).toHaveLength(1);
  });
});

describe("confirmed by a listing, a delete", () => {
  const can = { list: true };

  test("has a sweep made for it, and is over when that lacks it", () => {
    const harness = deleting(can);
    harness.succeed(harness.call("delete"));
    harness.tick();
    harness.listed([]);
    expect(harness.resources("deleting")).toEqual([]);
  });

  test("is repeated when the sweep still has it", () => {
    const harness = deleting(can);
    harness.succeed(harness.call("delete"));
    harness.tick();
    harness.listed([harness.resource().key]);
    harness.advance(SECOND);
    expect(harness.calls("delete")).toHaveLength(1);
  });

  test("waits for a sweep that began after it", () => {
    const harness = deleting(can);
    harness.advance(5 * MINUTE);
    const before = harness.list();
    harness.succeed(harness.call("delete"));
    harness.listed([], before);
    expect(harness.resource().state).toBe("deleting");
    harness.tick();
    harness.listed([]);
    expect(harness.resources("deleting")).toEqual([]);
  });

  test("waits for a sweep that succeeds", () => {
    const harness = deleting(can);
    harness.succeed(harness.call("delete"));
    harness.tick();
    harness.fail(harness.list());
    expect(harness.resource().state).toBe("deleting");
    harness.advance(SECOND);
    harness.listed([]);
    expect(harness.resources("deleting")).toEqual([]);
  });

  test("counts as unconfirmed in a new epoch, and is repeated", () => {
    const harness = deleting(can);
    harness.succeed(harness.call("delete"));
    harness.restart();
    expect(harness.calls("delete")).toHaveLength(1);
  });
});

test("a resource that a person keeps for ever is kept over a restart", () => {
  const harness = new Harness({ pools: { web: { warm: 1, max: 1 } } });
  harness.succeedAll();
  harness.input((engine, nowMs) => engine.hold(harness.resource(), "mine", Number.POSITIVE_INFINITY, nowMs));
  harness.restart();
  harness.advance(1_000 * HOUR);
  expect(harness.resource()).toMatchObject({ state: "held", note: "mine" });
});

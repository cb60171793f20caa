/** Backoff, the breaker, and failures that only a change can mend. */
import { describe, expect, test } from "vitest";
import type { ResourceCall } from "./call.js";
import { Harness } from "./testing/harness.js";
import { MINUTE, type PoolSketch, SECOND } from "./testing/policies.js";

const nothing = { made: "nothing" } as const;

describe("backoff", () => {
  test("doubles with each failure in a row, and the engine wakes up for it", () => {
    const harness = new Harness({ pools: { web: { max: 1, warm: 1 } }, providers: { cloud: { breakAfter: 100 } } });
    for (const waitMs of [1, 2, 4, 8, 16].map((seconds) => seconds * SECOND)) {
      harness.fail(harness.call("allocate"), "capacity", nothing);
      expect(harness.engine.wakeAtMs).toBe(harness.nowMs + waitMs);
      harness.advance(waitMs);
      expect(harness.calls("allocate")).toHaveLength(1);
    }
  });

  test("ends with the first success", () => {
    const harness = new Harness({ pools: { web: { max: 1, warm: 1 } } });
    for (let i = 0; i < 3; i++) {
      harness.fail(harness.call("allocate"), "transient", nothing);
      harness.advance(MINUTE);
    }
    harness.succeedAll();
    expect(harness.pool()).toMatchObject({ failures: 0, lastFailure: undefined });
  });

  test("is as long as the provider asks for", () => {
    const harness = new Harness({ pools: { web: { max: 1, warm: 1 } } });
    harness.fail(harness.call("allocate"), "throttled", { ...nothing, retryAfterMs: 90 * SECOND });
    harness.advance(90 * SECOND - 1);
    expect(harness.calls()).toEqual([]);
    harness.advance(1);
    expect(harness.calls("allocate")).toHaveLength(1);
  });

  test("lets one through at a time, until one succeeds again", () => {
    const harness = new Harness({ pools: { web: { warm: 3 } } });
    for (const call of harness.calls("allocate")) harness.fail(call, "capacity", nothing);
    harness.advance(SECOND);
    harness.succeed(harness.call("allocate"));
    expect(harness.calls("allocate")).toHaveLength(2);
  });

  test("takes failures of calls that were under way together as one", () => {
    const harness = new Harness({ pools: { web: { warm: 3 } } });
    for (const call of harness.calls("allocate")) harness.fail(call, "capacity", nothing);
    expect(harness.pool()).toMatchObject({ failures: 1, nextAllocateAtMs: harness.nowMs + SECOND });
  });

  test("of one pool sends who waits to another that can serve him", () => {
    const pools = { one: { tags: ["a"] }, two: { tags: ["a"] } };
    const harness = new Harness({ pools });
    const ticket = harness.request("", { tags: ["a"] });
    harness.fail(harness.call("allocate", "one"), "quota", nothing);
    harness.succeed(harness.call("allocate", "two"));
    expect(ticket.state).toBe("granted");
  });

  test("of a pool that was only to wait for a delay ends in time as well", () => {
    const pools: Record<string, PoolSketch> = {
      one: { tags: ["a"], allocateDelayMs: SECOND, maxAllocating: 2 },
      two: { tags: ["a"], max: 1 },
    };
    const harness = new Harness({ pools });
    for (let i = 0; i < 4; i++) harness.request("", { tags: ["a"] });
    harness.fail(harness.call("allocate", "one"), "throttled", { ...nothing, retryAfterMs: MINUTE });
    harness.succeed(harness.call("allocate", "two"));
    harness.advance(MINUTE);
    expect(harness.calls("allocate", "one")).toHaveLength(1);
  });

  test("is forgotten when the configuration changes, which may be what it waited for", () => {
    const harness = new Harness({ pools: { web: { max: 1, warm: 1 } } });
    harness.fail(harness.call("allocate"), "permanent", nothing);
    harness.configure({ web: { max: 1, warm: 1, spec: "spec-2" } });
    expect(harness.calls("allocate")).toHaveLength(1);
  });
});

describe("the breaker", () => {
  const pools = { one: { max: 1, warm: 1 }, two: { max: 1, warm: 1 } };

  function opened(): Harness {
    const harness = new Harness({ pools, providers: { cloud: { breakAfter: 2 } } });
    for (const call of harness.calls("allocate")) harness.fail(call, "transient", nothing);
    return harness;
  }

  test("opens after so many failures in a row over all pools of the provider", () => {
    const harness = opened();
    expect(harness.happened("breaker.opened")).toEqual([
      { untilAtMs: harness.nowMs + SECOND, reason: "2 allocations failed in a row: allocate failed: transient" },
    ]);
  });

  test("lets one through at a time after that, for all pools together", () => {
    const harness = opened();
    harness.advance(SECOND);
    expect(harness.calls("allocate")).toHaveLength(1);
  });

  test("closes with the first success, and all go on", () => {
    const harness = opened();
    harness.advance(SECOND);
    harness.succeed(harness.calls("allocate")[0] as ResourceCall);
    expect(harness.happened("breaker.closed")).toHaveLength(1);
    expect(harness.calls("allocate")).toHaveLength(1);
  });

  test("opens for longer when the next fails", () => {
    const harness = opened();
    harness.advance(SECOND);
    harness.fail(harness.calls("allocate")[0] as ResourceCall, "transient", nothing);
    expect(harness.provider().breaker.openUntilMs).toBe(harness.nowMs + 2 * SECOND);
  });

  test("opens for no longer when others fail that were under way", () => {
    const harness = new Harness({ pools: { web: { warm: 4 } }, providers: { cloud: { breakAfter: 2 } } });
    for (const call of harness.calls("allocate")) harness.fail(call, "transient", nothing);
    expect(harness.provider().breaker.openUntilMs).toBe(harness.nowMs + SECOND);
  });

  test.each(["remove", "forget"] as const)("lets the next through when the one is no more: %s", (how) => {
    const harness = opened();
    harness.advance(2 * SECOND);
    const { resource } = harness.calls("allocate")[0] as ResourceCall;
    harness.input((engine, nowMs) => {
      if (how === "remove") engine.remove(resource, nowMs);
      else engine.forget(resource, "gone", nowMs);
    });
    expect(harness.calls("allocate")).toHaveLength(2);
  });
});

describe("when a pool has failed for good", () => {
  test("those who wait are told at once, and why", () => {
    const harness = new Harness();
    const ticket = harness.request();
    harness.fail(harness.call("allocate"), "permanent", nothing);
    expect(ticket).toMatchObject({ end: "refused", reason: 'pool "web": allocate failed: permanent' });
    expect(harness.told("closed")).toEqual([ticket]);
  });

  test("whoever comes is told at once too", () => {
    const harness = new Harness();
    harness.request();
    harness.fail(harness.call("allocate"), "permanent", nothing);
    expect(harness.request().end).toBe("refused");
  });

  test("it is tried again now and then, and whoever comes then waits", () => {
    const harness = new Harness();
    harness.request();
    harness.fail(harness.call("allocate"), "permanent", nothing);
    harness.advance(5 * MINUTE);
    const ticket = harness.request();
    expect(ticket.state).toBe("waiting");
    harness.succeed(harness.call("allocate"));
    expect(ticket.state).toBe("granted");
  });

  test("those who wait go on waiting, where the pool is told so", () => {
    const harness = new Harness({ pools: { web: { onPermanent: "wait" } } });
    const ticket = harness.request();
    harness.fail(harness.call("allocate"), "permanent", nothing);
    expect(ticket.state).toBe("waiting");
  });

  test("those whom another pool can serve go on waiting", () => {
    const harness = new Harness({ pools: { one: { tags: ["a"] }, two: { tags: ["a"] } } });
    const ticket = harness.request("", { tags: ["a"] });
    harness.fail(harness.call("allocate", "one"), "permanent", nothing);
    expect(ticket.state).toBe("waiting");
    harness.fail(harness.call("allocate", "two"), "permanent", nothing);
    expect(ticket.reason).toBe('pool "one": allocate failed: permanent; pool "two": allocate failed: permanent');
  });

  test("those who wait for what is made already go on waiting", () => {
    const harness = new Harness({ pools: { web: { max: 2 } } });
    const tickets = [harness.request(), harness.request()];
    const [first, second] = harness.calls("allocate") as [ResourceCall, ResourceCall];
    harness.fail(first, "permanent", nothing);
    expect(tickets.map(({ state }) => state)).toEqual(["waiting", "waiting"]);
    harness.succeed(second);
    expect(tickets.map(({ state }) => state)).toEqual(["granted", "waiting"]);
  });

  test("those who wait for what comes back go on waiting, and are told at once when it does not", () => {
    const harness = new Harness({ pools: { web: { max: 2, reuse: true } } });
    const holder = harness.request();
    harness.succeedAll();
    const ticket = harness.request();
    harness.fail(harness.call("allocate"), "permanent", nothing);
    expect(ticket.state).toBe("waiting");
    harness.release(holder, { failed: "broken" });
    expect(ticket.end).toBe("refused");
  });

  test("a transient failure of another does not let them wait", () => {
    const harness = new Harness({ pools: { web: { max: 2 } } });
    const tickets = [harness.request(), harness.request()];
    const [first, second] = harness.calls("allocate") as [ResourceCall, ResourceCall];
    harness.fail(first, "permanent", nothing);
    harness.fail(second, "transient", nothing);
    expect(tickets.map(({ end }) => end)).toEqual(["refused", "refused"]);
  });

  test("the breaker knows nothing of it", () => {
    const harness = new Harness({ providers: { cloud: { breakAfter: 1 } } });
    harness.request();
    harness.fail(harness.call("allocate"), "permanent", nothing);
    expect(harness.happened("breaker.opened")).toEqual([]);
  });
});

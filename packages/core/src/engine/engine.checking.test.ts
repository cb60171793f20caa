import { describe, expect, test } from "vitest";
import type { ResourceCall } from "./call.js";
import { Harness } from "./testing/harness.js";
import { HOUR, MINUTE, type PoolSketch, SECOND } from "./testing/policies.js";

function checked(sketch: PoolSketch = {}, can: object = {}): Harness {
  const harness = new Harness({
    pools: { web: { warm: 1, ...sketch } },
    providers: { cloud: { can: { check: true, ...can } } },
  });
  harness.succeedAll();
  return harness;
}

function unhealthy(harness: Harness, call: ResourceCall = harness.call("check")): void {
  harness.answer(call, { outcome: { kind: "check", health: { status: "unhealthy", reason: "no answer" } } });
}

describe("a free resource", () => {
  test("is checked every so often", () => {
    const harness = checked();
    harness.advance(MINUTE - 1);
    expect(harness.calls()).toEqual([]);
    harness.advance(1);
    harness.succeed(harness.call("check"));
    harness.advance(MINUTE);
    expect(harness.calls("check")).toHaveLength(1);
  });

  test("is not lent while its last check failed, and is lent again when one passes", () => {
    const harness = checked({ max: 1 });
    harness.advance(MINUTE);
    unhealthy(harness);
    const ticket = harness.request();
    expect(ticket.state).toBe("waiting");
    harness.advance(MINUTE);
    harness.succeed(harness.call("check"));
    expect(ticket.state).toBe("granted");
  });

  test("is given up after so many failed checks in a row", () => {
    const harness = checked();
    const resource = harness.resource();
    for (let attempt = 1; attempt <= 3; attempt++) {
      harness.advance(MINUTE);
      unhealthy(harness);
    }
    expect([resource.state, resource.reason, resource.note]).toEqual(["deleting", "unhealthy", "no answer"]);
    expect(harness.happened("resource.unhealthy")).toEqual(
      [1, 2, 3].map((attempt) => ({ attempt, of: 3, reason: "no answer" })),
    );
  });

  test("begins anew with its attempts after a check that passed", () => {
    const harness = checked({ check: { attempts: 2 } });
    const resource = harness.resource();
    for (const fails of [true, false, true]) {
      harness.advance(MINUTE);
      fails ? unhealthy(harness) : harness.succeed(harness.call("check"));
    }
    expect(resource.state).toBe("ready");
  });

  test.each(["throttled", "quota", "transient"] as const)("is as it was after a check rejected as %s", (kind) => {
    const harness = checked({ check: { attempts: 1 } });
    harness.advance(MINUTE);
    harness.fail(harness.call("check"), kind);
    expect(harness.request().state).toBe("granted");
  });

  test("fails a check that takes too long, and is not checked again before that has come to its end", () => {
    const harness = checked({ check: { attempts: 2, everyMs: 10 * SECOND } });
    const resource = harness.resource();
    harness.advance(10 * SECOND);
    const slow = harness.call("check");
    harness.expire(slow);
    expect(resource.failedChecks).toBe(1);
    harness.advance(10 * SECOND);
    expect(harness.calls("check")).toEqual([slow]);
    harness.succeed(slow);
    // Nobody awaits what it says; the next says it.
    expect(resource.failedChecks).toBe(1);
    expect(harness.calls("check")).toHaveLength(1);
    unhealthy(harness);
    expect(resource.reason).toBe("unhealthy");
  });

  test("waits half a minute for a check that never ends, and is checked again", () => {
    const harness = checked({ check: { everyMs: 10 * SECOND } });
    harness.advance(10 * SECOND);
    harness.expire(harness.call("check"));
    harness.advance(29 * SECOND);
    expect(harness.calls("check")).toHaveLength(1);
    harness.advance(SECOND);
    expect(harness.calls("check")).toHaveLength(2);
  });

  test("has the newer data that a check brings", () => {
    const harness = checked();
    harness.advance(MINUTE);
    harness.answer(harness.call("check"), {
      outcome: { kind: "check", health: { status: "healthy", data: { port: 2 } } },
    });
    expect(harness.resource().data).toEqual({ port: 2 });
  });

  test("is checked at once in a new epoch, for time went by unseen", () => {
    const harness = checked();
    harness.restart();
    expect(harness.calls("check")).toHaveLength(1);
  });

  test("is checked by a shorter period at once when the configuration says so", () => {
    const harness = checked({ check: { everyMs: HOUR } });
    harness.configure({ web: { warm: 1, check: { everyMs: MINUTE } } });
    harness.advance(MINUTE);
    expect(harness.calls("check")).toHaveLength(1);
  });
});

describe("a lent resource", () => {
  test("is checked as well, and its lease is lost when it is given up", () => {
    const harness = checked({ check: { attempts: 1 }, max: 1 });
    const ticket = harness.request();
    harness.advance(MINUTE);
    unhealthy(harness);
    expect([ticket.end, ticket.reason]).toEqual(["lost", "no answer"]);
    harness.advance(30 * SECOND);
    expect(harness.resource().state).toBe("deleting");
  });

  test("that comes back while its last check failed is not lent again", () => {
    const harness = checked({ reuse: true, max: 1 });
    const ticket = harness.request();
    harness.advance(MINUTE);
    unhealthy(harness);
    harness.release(ticket);
    expect(harness.resource().reason).toBe("unhealthy");
  });

  test("is ended in time though a check under way answers only after its grace", () => {
    const harness = checked({ max: 1, check: { everyMs: MINUTE, timeoutMs: HOUR } });
    harness.request();
    harness.advance(MINUTE);
    harness.input((engine, nowMs) => engine.remove(harness.resource(), nowMs));
    harness.advance(MINUTE);
    expect(harness.resource().state).toBe("leased");
    harness.succeed(harness.call("check"));
    expect(harness.resource().state).toBe("deleting");
  });
});

describe("when many fail at once", () => {
  function failing(count: number, of: number, sketch: PoolSketch = {}): Harness {
    const harness = checked({ warm: of, max: of + 5, maxAllocating: of, check: { attempts: 1 }, ...sketch });
    harness.advance(MINUTE);
    const calls = harness.calls("check") as ResourceCall[];
    for (const call of calls.slice(0, count)) unhealthy(harness, call);
    for (const call of calls.slice(count)) harness.succeed(call);
    return harness;
  }

  test("nothing more is deleted, the breaker opens, and an event says so", () => {
    const harness = failing(6, 6);
    // Two were given up before it was clear that there are so many.
    expect(harness.resources("deleting")).toHaveLength(2);
    expect(harness.happened("breaker.opened")).toEqual([
      { untilAtMs: harness.nowMs + MINUTE, reason: "3 of 6 resources fail their checks at once" },
    ]);
  });

  test("a third of them is not many", () => {
    expect(failing(3, 9).resources("deleting")).toHaveLength(3);
  });

  test("they are lent again when they pass", () => {
    const harness = failing(3, 3, { check: { attempts: 2 } });
    harness.advance(MINUTE);
    for (const call of harness.calls("check") as ResourceCall[]) unhealthy(harness, call);
    expect(harness.resources("ready")).toHaveLength(3);
    expect(harness.request().state).toBe("waiting");
    harness.advance(MINUTE);
    for (const call of harness.calls("check") as ResourceCall[]) harness.succeed(call);
    expect(harness.pool().counts.leased).toBe(1);
  });

  test("one that goes on failing alone is given up", () => {
    const harness = failing(3, 3, { check: { attempts: 2 } });
    for (let round = 0; round < 4; round++) {
      harness.advance(MINUTE);
      for (const call of harness.calls("check") as ResourceCall[]) {
        if (round === 0 || call.resource.id === 1) unhealthy(harness, call);
        else harness.succeed(call);
      }
    }
    expect(harness.resources("deleting").map(({ id }) => id)).toEqual([1]);
  });
});

describe("a check before lending", () => {
  const onAcquire: PoolSketch = { check: { onAcquire: true, attempts: 3, everyMs: HOUR } };

  test("comes before the grant", () => {
    const harness = checked({ ...onAcquire, warm: 2, max: 2 });
    harness.advance(MINUTE);
    const ticket = harness.request();
    expect(ticket.state).toBe("waiting");
    harness.succeed(harness.call("check"));
    expect(ticket.state).toBe("granted");
  });

  test("is spared right after another", () => {
    const harness = checked({ ...onAcquire, reuse: true, max: 1 });
    harness.advance(MINUTE);
    const ticket = harness.request();
    harness.succeed(harness.call("check"));
    harness.release(ticket);
    harness.advance(SECOND);
    expect(harness.request().state).toBe("granted");
  });

  test("makes nobody else's be made: what is being checked is coming", () => {
    const harness = checked({ ...onAcquire, max: 5 });
    harness.advance(MINUTE);
    harness.request();
    // One for the buffer, none for who waits.
    expect(harness.calls("allocate")).toHaveLength(1);
  });

  test("that fails ends the resource at once, and the next is checked", () => {
    const harness = checked({ ...onAcquire, warm: 2, max: 2 });
    harness.advance(MINUTE);
    const ticket = harness.request();
    unhealthy(harness);
    expect(harness.resource("deleting").reason).toBe("unhealthy");
    harness.succeed(harness.call("check"));
    expect(ticket.state).toBe("granted");
  });

  test("that says nothing keeps nobody waiting", () => {
    const harness = checked(onAcquire);
    harness.advance(MINUTE);
    const ticket = harness.request();
    harness.fail(harness.call("check"), "throttled");
    expect(ticket.state).toBe("granted");
  });

  test("is made for as many as wait, and no more", () => {
    const harness = checked({ ...onAcquire, warm: 4, max: 4 });
    harness.advance(MINUTE);
    harness.request();
    harness.request();
    expect(harness.calls("check")).toHaveLength(2);
  });

  test("leaves the resource free when whoever waited gives up", () => {
    const harness = checked({ ...onAcquire, max: 1 });
    harness.advance(MINUTE);
    const ticket = harness.request();
    harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
    harness.succeed(harness.call("check"));
    expect(harness.request().state).toBe("granted");
  });

  test("that fails sends who waited to another pool that has one ready", () => {
    const pools = {
      one: { ...onAcquire, warm: 1, max: 1, tags: ["a"] },
      two: { warm: 1, max: 1, tags: ["a"] },
    };
    const harness = new Harness({ pools, providers: { cloud: { can: { check: true } } } });
    harness.succeedAll();
    harness.advance(MINUTE - 1);
    const ticket = harness.request("", { tags: ["a"] });
    unhealthy(harness, harness.call("check", "one"));
    expect(ticket.resource?.pool.name).toBe("two");
  });

  test.each(["remove", "hold", "forget"] as const)(
    "is over when an operator says %s, and the next who waits gets his own",
    (how) => {
      const harness = checked({ ...onAcquire, max: 3, warm: 0 });
      const holder = harness.request();
      harness.succeedAll();
      harness.configure({ web: { ...onAcquire, max: 3, reuse: true } }, harness.providers);
      harness.release(holder);
      harness.advance(MINUTE);
      const ticket = harness.request();
      const [resource] = harness.resources("ready");
      harness.input((engine, nowMs) => {
        if (how === "remove") engine.remove(resource as never, nowMs);
        else if (how === "hold") engine.hold(resource as never, "look", HOUR, nowMs);
        else engine.forget(resource as never, "gone", nowMs);
      });
      expect(harness.pool().vetting).toBe(0);
      harness.succeed(harness.call("allocate"));
      harness.succeed((harness.calls("check") as ResourceCall[]).at(-1) as ResourceCall);
      expect(ticket.state).toBe("granted");
    },
  );

  test("that fails for all of them at once deletes not all of them, and they are checked again though checks are off", () => {
    const harness = checked({
      check: { onAcquire: true, everyMs: Number.POSITIVE_INFINITY, attempts: 3 },
      warm: 4,
      max: 4,
      maxAllocating: 4,
    });
    harness.advance(MINUTE);
    const ticket = harness.request();
    for (let i = 0; i < 4; i++) {
      const [call] = harness.calls("check");
      if (call !== undefined) unhealthy(harness, call as ResourceCall);
    }
    expect(harness.resources("deleting")).toHaveLength(2);
    expect(ticket.state).toBe("waiting");
    harness.advance(MINUTE);
    for (const call of harness.calls("check")) harness.succeed(call as ResourceCall);
    expect(ticket.state).toBe("granted");
  });
});

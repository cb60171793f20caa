/** The story of a resource, as `resource.ts` tells it, sentence by sentence. */
import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { MINUTE } from "./testing/policies.js";

function pool(sketch: object = {}, can: object = {}): Harness {
  return new Harness({ pools: { web: { max: 1, ...sketch } }, providers: { cloud: { can } } });
}

test("it is allocating from the intent on, and its call is its allocate", () => {
  const harness = pool();
  harness.request();
  const resource = harness.resource("allocating");
  expect(harness.mirror.resources.get(resource.id)?.state).toBe("allocating");
  expect(resource.call).toBe(harness.call("allocate"));
});

test("it leaves allocating when that call is answered", () => {
  const harness = pool();
  harness.request();
  harness.advance(60 * MINUTE);
  const resource = harness.resource("allocating");
  harness.succeed(harness.call("allocate"));
  expect(resource.state).toBe("leased");
});

test("it is unknown when its allocate was answered by anything but success or nothing made", () => {
  for (const how of ["fail", "expire"] as const) {
    const harness = pool();
    harness.request();
    harness[how](harness.call("allocate"));
    expect(harness.resource().state).toBe("unknown");
  }
});

test("it is unknown when a new epoch finds it allocating", () => {
  const harness = pool();
  harness.request();
  harness.restart();
  expect(harness.resource().state).toBe("unknown");
});

test("it leaves unknown not before it settles, unless its own allocate answers after all", () => {
  const harness = pool({}, { find: true });
  harness.request();
  const call = harness.call("allocate");
  harness.expire(call);
  harness.advance(15 * MINUTE - 1);
  expect([harness.resource().state, harness.calls()]).toEqual(["unknown", [call]]);
  harness.succeed(call);
  expect(harness.resource().state).toBe("leased");
});

test("it is ready without a ticket, and in the warm list exactly if it may be lent", () => {
  const harness = pool({ warm: 1 }, { check: true });
  harness.succeedAll();
  const resource = harness.resource("ready");
  expect([resource.ticket, harness.pool().warm.first]).toEqual([undefined, resource]);
  harness.advance(MINUTE);
  harness.fail(harness.call("check"));
  expect([resource.state, harness.pool().warm.size]).toEqual(["ready", 0]);
});

test("what comes back fit for use is his who waits, at once, and otherwise ready", () => {
  const harness = new Harness({ pools: { web: { max: 1, reuse: true } }, self: { watched: true } });
  const first = harness.request();
  harness.succeedAll();
  const second = harness.request();
  harness.release(first);
  expect([harness.resource().state, harness.resource().ticket, harness.resource().uses]).toEqual(["leased", second, 2]);
  expect(second.token).toBeGreaterThan(first.token);
  expect(harness.happened("resource.changed").at(-1)).toEqual({ from: "leased", to: "leased" });
  harness.release(second);
  expect([harness.resource().state, harness.resource().ticket]).toEqual(["ready", undefined]);
});

test("it is leased by the one ticket that holds it, or by none while the grace of a lost lease runs", () => {
  const harness = pool({ warm: 1 });
  harness.succeedAll();
  const ticket = harness.request();
  const resource = harness.resource("leased");
  expect(resource.ticket).toBe(ticket);
  harness.input((engine, nowMs) => engine.remove(resource, nowMs));
  expect([resource.state, resource.ticket]).toEqual(["leased", undefined]);
});

test("it is resetting without a ticket", () => {
  const harness = pool({ warm: 1, reuse: true }, { reset: true });
  harness.succeedAll();
  harness.release(harness.request());
  expect([harness.resource().state, harness.resource().ticket]).toEqual(["resetting", undefined]);
});

test("it is held until a time", () => {
  const harness = pool({ warm: 1 });
  harness.succeedAll();
  const resource = harness.resource();
  harness.input((engine, nowMs) => engine.hold(resource, "look", MINUTE, nowMs));
  expect([resource.state, resource.untilAtMs]).toEqual(["held", harness.nowMs + MINUTE]);
  harness.advance(MINUTE);
  expect(resource.state).toBe("deleting");
});

test("a lease on what a person keeps is lost, and what he keeps already he may keep for longer", () => {
  const harness = pool({ warm: 1 });
  harness.succeedAll();
  const ticket = harness.request();
  const resource = harness.resource();
  harness.input((engine, nowMs) => engine.hold(resource, "look", MINUTE, nowMs));
  expect([ticket.end, resource.state]).toEqual(["lost", "held"]);
  harness.input((engine, nowMs) => engine.hold(resource, "look longer", 5 * MINUTE, nowMs));
  harness.advance(4 * MINUTE);
  expect([resource.state, resource.note]).toEqual(["held", "look longer"]);
});

test.each(["allocating", "deleting"] as const)("a person cannot keep what is %s", (state) => {
  const harness = pool({ warm: 1 });
  if (state === "deleting") {
    harness.succeedAll();
    harness.input((engine, nowMs) => engine.remove(harness.resource(), nowMs));
  }
  harness.input((engine, nowMs) => engine.hold(harness.resource(), "look", MINUTE, nowMs));
  expect(harness.resource().state).toBe(state);
});

test("it leaves deleting only by being gone", () => {
  const harness = pool({ warm: 1 });
  harness.succeedAll();
  const resource = harness.resource();
  harness.input((engine, nowMs) => engine.remove(resource, nowMs));
  for (let i = 0; i < 3; i++) {
    harness.input((engine, nowMs) => engine.remove(resource, nowMs));
    harness.fail(harness.call("delete"));
    harness.advance(10 * MINUTE);
  }
  expect(resource.state).toBe("deleting");
  harness.succeed(harness.call("delete"));
  expect([resource.gone, harness.mirror.resources.has(resource.id)]).toEqual([true, false]);
});

describe("a resource that nobody claims", () => {
  const unclaimed = { pools: { web: { warm: 1, max: 2, reuse: true, unclaimedMs: MINUTE } } };

  test("is replaced after a while", () => {
    const harness = new Harness(unclaimed);
    harness.succeedAll("allocate");
    const first = harness.resource("ready");
    harness.advance(MINUTE - 1);
    expect(first.state).toBe("ready");
    harness.advance(1);
    expect([first.state, first.reason]).toEqual(["deleting", "unclaimed"]);
    harness.succeedAll();
    expect(harness.resource("ready").id).not.toBe(first.id);
  });

  test("is kept once it was lent", () => {
    const harness = new Harness(unclaimed);
    harness.succeedAll("allocate");
    const ticket = harness.request();
    harness.release(ticket);
    harness.advance(5 * MINUTE);
    expect(harness.resource("ready").uses).toBe(1);
  });
});

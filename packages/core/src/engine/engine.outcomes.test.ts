/** Unknown outcomes: what becomes of an allocation that was not clearly answered. */
import { describe, expect, test } from "vitest";
import type { FoundThing } from "./call.js";
import { Harness } from "./testing/harness.js";
import { MINUTE, SECOND } from "./testing/policies.js";

function unknown(can: object = {}, answer: "fails" | "hangs" = "fails") {
  const harness = new Harness({ pools: { web: { max: 1 } }, providers: { cloud: { can } } });
  const ticket = harness.request();
  const call = harness.call("allocate");
  if (answer === "hangs") harness.expire(call);
  else harness.fail(call);
  return { harness, ticket, call, resource: harness.resource("unknown") };
}

function find(harness: Harness, found: FoundThing): void {
  harness.answer(harness.call("find"), { outcome: { kind: "find", found } });
}

describe("where it can be asked for, a resource of unknown outcome", () => {
  test("is asked for when it has settled, not sooner", () => {
    const { harness } = unknown({ find: true });
    harness.advance(15 * MINUTE - 1);
    expect(harness.calls()).toEqual([]);
    harness.advance(1);
    expect(harness.calls("find")).toHaveLength(1);
  });

  test("settles by when its call really started, which only the answer tells", () => {
    const harness = new Harness({ pools: { web: { max: 1 } }, providers: { cloud: { can: { find: true } } } });
    harness.request();
    const call = harness.call("allocate");
    harness.advance(10 * MINUTE);
    const failure = { kind: "unknown", message: "no" } as const;
    const startedAtMs = harness.nowMs - MINUTE;
    harness.answer(call, { failure: { ok: false, failure, running: false, startedAtMs, jitter: 0 } }, startedAtMs);
    expect(harness.mirror.resources.get(1)?.allocateStartedAtMs).toBe(startedAtMs);
    harness.advance(14 * MINUTE - 1);
    expect(harness.calls()).toEqual([]);
    harness.advance(1);
    expect(harness.calls("find")).toHaveLength(1);
  });

  test("is lent when it is found ready", () => {
    const { harness, ticket } = unknown({ find: true });
    harness.advance(15 * MINUTE);
    find(harness, { status: "ready", data: { id: "i-1" } });
    expect(ticket.state).toBe("granted");
    expect(harness.resource()).toMatchObject({ state: "leased", data: { id: "i-1" } });
  });

  test("is asked for again while it is pending, with backoff", () => {
    const { harness } = unknown({ find: true });
    harness.advance(15 * MINUTE);
    for (const waitMs of [SECOND, 2 * SECOND, 4 * SECOND]) {
      find(harness, { status: "pending", data: { id: "i-1" } });
      harness.advance(waitMs - 1);
      expect(harness.calls()).toEqual([]);
      harness.advance(1);
    }
    expect(harness.resource().data).toEqual({ id: "i-1" });
  });

  test("is forgotten when it is absent, and another is made", () => {
    const { harness, resource } = unknown({ find: true });
    harness.advance(15 * MINUTE);
    find(harness, { status: "absent" });
    expect(resource.gone).toBe(true);
    expect(harness.calls("allocate")).toHaveLength(1);
  });

  test("is deleted when it is broken", () => {
    const { harness, resource } = unknown({ find: true });
    harness.advance(15 * MINUTE);
    find(harness, { status: "broken", data: { id: "i-1" } });
    expect(resource).toMatchObject({ state: "deleting", reason: "half-made", data: { id: "i-1" } });
  });

  test("is asked for again when the question fails", () => {
    const { harness, resource } = unknown({ find: true });
    harness.advance(15 * MINUTE);
    harness.fail(harness.call("find"));
    harness.advance(SECOND);
    expect(harness.calls("find")).toHaveLength(1);
    expect(resource.state).toBe("unknown");
  });

  test("is not asked for by a new epoch before it has settled by that one's clock, and the older leader has ended", () => {
    const { harness } = unknown({ find: true });
    harness.advance(14 * MINUTE);
    harness.restart({ leaderTtlMs: 30 * SECOND });
    harness.advance(15 * MINUTE + 30 * SECOND - 1);
    expect(harness.calls("find")).toEqual([]);
    harness.advance(1);
    expect(harness.calls("find")).toHaveLength(1);
  });
});

test("where nothing can be asked, it is deleted when it has settled", () => {
  const { harness, resource } = unknown();
  harness.advance(15 * MINUTE - 1);
  expect(resource.state).toBe("unknown");
  harness.advance(1);
  expect(resource).toMatchObject({ state: "deleting", reason: "outcome-unknown" });
});

describe("an allocation that ran past its deadline", () => {
  test("is waited for until it can make nothing any more, even if it never ends", () => {
    const { harness } = unknown({ find: true }, "hangs");
    harness.advance(15 * MINUTE - 1);
    expect(harness.calls("find")).toEqual([]);
    harness.advance(1);
    expect(harness.calls("find")).toHaveLength(1);
  });

  test("is waited for half a minute where it settles at once", () => {
    const harness = new Harness({
      pools: { web: { max: 1 } },
      providers: { cloud: { can: { find: true }, settlesWithinMs: 0 } },
    });
    harness.request();
    harness.expire(harness.call("allocate"));
    harness.advance(30 * SECOND - 1);
    expect(harness.calls("find")).toEqual([]);
    harness.advance(1);
    expect(harness.calls("find")).toHaveLength(1);
  });

  test("is welcome when it succeeds late", () => {
    const { harness, ticket, call, resource } = unknown({}, "hangs");
    harness.advance(5 * MINUTE);
    harness.succeed(call, { id: "i-1" });
    expect(resource.state).toBe("leased");
    expect(ticket.state).toBe("granted");
    expect(harness.pool().failures).toBe(0);
  });

  test("is forgotten when it says late that nothing was made", () => {
    const { harness, call, resource } = unknown({}, "hangs");
    harness.advance(MINUTE);
    harness.fail(call, "capacity", { made: "nothing" });
    expect(resource.gone).toBe(true);
  });

  test("stays unknown when it fails late", () => {
    const { harness, call, resource } = unknown({}, "hangs");
    harness.advance(MINUTE);
    harness.fail(call);
    expect(resource.state).toBe("unknown");
    expect(harness.pool().totals.failed).toBe(1);
  });

  test("changes nothing when find was faster than its own answer", () => {
    const { harness, ticket, call, resource } = unknown({ find: true }, "hangs");
    harness.advance(15 * MINUTE);
    find(harness, { status: "ready", data: { id: "i-1" } });
    expect(ticket.state).toBe("granted");
    harness.succeed(call, { id: "another" });
    expect(resource).toMatchObject({ state: "leased", data: { id: "i-1" } });
  });

  test("is not lost again by a find that was asked before its answer", () => {
    const { harness, ticket, call, resource } = unknown({ find: true }, "hangs");
    harness.advance(15 * MINUTE);
    harness.succeed(call, { id: "i-1" });
    expect(ticket.state).toBe("granted");
    find(harness, { status: "absent" });
    expect(resource.state).toBe("leased");
  });

  test("whose resource was given up by its sweeps gets no second call before it ended", () => {
    const { harness, resource } = unknown({}, "hangs");
    harness.input((engine, nowMs) => engine.remove(resource, nowMs));
    harness.advance(15 * MINUTE - 1);
    expect(harness.calls("delete")).toEqual([]);
    harness.advance(1);
    expect(harness.calls("delete")).toHaveLength(1);
  });
});

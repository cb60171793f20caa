import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { HOUR, MINUTE, SECOND } from "./testing/policies.js";

describe("a configuration", () => {
  test("says which pools it adds, changes and drains", () => {
    const harness = new Harness({ pools: { a: {}, b: {}, c: {} } });
    harness.request("c");
    expect(harness.configure({ a: {}, b: { max: 2 }, d: {} })).toEqual({
      added: ["d"],
      changed: ["b"],
      draining: ["c"],
    });
  });

  test("that is the same changes nothing", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.succeedAll();
    harness.events = [];
    expect(harness.configure({ web: { warm: 1 } })).toEqual({ added: [], changed: [], draining: [] });
    expect(harness.events).toEqual([]);
  });

  test("with a larger buffer fills it, with a larger cap serves who waits", () => {
    const harness = new Harness({ pools: { web: { max: 1 } } });
    harness.request();
    const ticket = harness.request();
    harness.configure({ web: { max: 3, warm: 1 } });
    harness.succeedAll();
    expect(ticket.state).toBe("granted");
    expect(harness.resources("ready")).toHaveLength(1);
  });

  test("with a nearer deadline is heeded by what there is already", () => {
    const harness = new Harness({ pools: { web: { warm: 1, maxAgeMs: HOUR } } });
    harness.succeedAll();
    harness.advance(2 * MINUTE);
    harness.configure({ web: { warm: 1, maxAgeMs: MINUTE } });
    harness.tick();
    expect(harness.resource("deleting").reason).toBe("too-old");
  });

  test("with a shorter grace is heeded by leases that are overdue", () => {
    const lease = { ttlMs: MINUTE, graceMs: HOUR };
    const harness = new Harness({ pools: { web: { lease } } });
    const ticket = harness.durable("web", { ttlMs: MINUTE });
    harness.succeedAll();
    harness.advance(2 * MINUTE);
    expect(ticket.overdue).toBe(true);
    harness.configure({ web: { lease: { ...lease, graceMs: SECOND } } });
    harness.tick();
    expect(ticket.end).toBe("expired");
  });

  test("is heeded by orders that were handed in before", () => {
    const harness = new Harness({ pools: { one: { tags: ["a"], max: 1 }, two: { max: 1 } } });
    const { order } = harness.request(undefined, { tags: ["a"] });
    expect(order.line?.pools.map(({ name }) => name)).toEqual(["one"]);
    harness.configure({ one: { max: 1 }, two: { tags: ["a"], max: 1 } });
    const again = harness.input((engine, nowMs) => engine.request(order, nowMs));
    expect(again).toMatchObject({ line: { pools: [{ name: "two" }] } });
  });

  test("of another engine is heeded by them too", () => {
    const { order } = new Harness({ pools: { one: {} } }).request("one");
    const other = new Harness({ pools: { one: {} } });
    other.input((engine, nowMs) => engine.request(order, nowMs));
    expect(order.line?.pools).toEqual([other.engine.ledger.pools.get("one")]);
  });

  test("with other tags puts those who wait into the right lines, in their order", () => {
    const pools = { one: { tags: ["a"], max: 1 }, two: { max: 1 } };
    const harness = new Harness({ pools });
    const holders = [harness.request("one"), harness.request("two")];
    harness.succeedAll();
    const tickets = [
      harness.request("", { tags: ["a"] }),
      harness.request("two"),
      harness.request("", { tags: ["a"] }),
    ];
    harness.configure({ one: { max: 1 }, two: { tags: ["a"], max: 1 } });
    expect([...harness.pool("two").line].map(({ id }) => id)).toEqual(tickets.map(({ id }) => id));
    harness.release(holders[1] as never);
    harness.succeedAll();
    expect(tickets.map(({ state }) => state)).toEqual(["granted", "waiting", "waiting"]);
  });
});

describe("a changed spec", () => {
  const before = { warm: 3, max: 4 };
  const after = { ...before, spec: "spec-2" };

  function drifted(changes: object = {}): Harness {
    const harness = new Harness({ pools: { web: before } });
    harness.succeedAll();
    harness.configure({ web: { ...after, ...changes } });
    return harness;
  }

  test("replaces the free ones one at a time, oldest first", () => {
    const harness = drifted();
    for (const id of [1, 2, 3]) {
      expect(harness.resource("deleting")).toMatchObject({ id, reason: "drifted" });
      harness.succeed(harness.call("delete"));
      expect(harness.resources("deleting")).toEqual([]);
      harness.succeed(harness.call("allocate"));
    }
    expect(harness.resources("ready").map(({ spec }) => spec)).toEqual(["spec-2", "spec-2", "spec-2"]);
    expect(harness.pool().drifted).toBe(false);
  });

  test("replaces as many at a time as may be missing", () => {
    expect(drifted({ maxUnavailable: 2 }).resources("deleting")).toHaveLength(2);
  });

  test("ends no more of them while those that are missing cannot be made", () => {
    const harness = drifted();
    harness.succeed(harness.call("delete"));
    for (let i = 0; i < 5; i++) {
      harness.fail(harness.call("allocate"), "permanent", { made: "nothing" });
      harness.advance(5 * MINUTE);
    }
    expect(harness.resources("ready")).toHaveLength(2);
  });

  test("replaces what is lent when it comes back", () => {
    const harness = new Harness({ pools: { web: { ...before, reuse: true, warm: 0 } } });
    const ticket = harness.request();
    harness.succeedAll();
    harness.configure({ web: { ...after, reuse: true, warm: 0 } });
    expect(harness.resources("deleting")).toEqual([]);
    harness.release(ticket);
    expect(harness.resource().reason).toBe("drifted");
  });

  test("replaces what was being made, too", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.configure({ web: { warm: 1, spec: "spec-2" } });
    harness.succeed(harness.call("allocate"));
    expect(harness.resource("deleting").reason).toBe("drifted");
  });

  test("replaces what was just being checked for somebody who gave up", () => {
    const check = { onAcquire: true, everyMs: HOUR };
    const harness = new Harness({
      pools: { web: { warm: 1, max: 1, check } },
      providers: { cloud: { can: { check: true } } },
    });
    harness.succeedAll();
    harness.advance(MINUTE);
    const ticket = harness.request();
    harness.configure({ web: { warm: 1, max: 1, check, spec: "spec-2" } });
    harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
    harness.succeed(harness.call("check"));
    expect(harness.resource().reason).toBe("drifted");
  });

  test("is found out by a new epoch", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.succeedAll();
    harness.pools = { web: { warm: 1, spec: "spec-2" } };
    harness.restart();
    expect(harness.resource("deleting").reason).toBe("drifted");
  });
});

describe("a pool that is left out", () => {
  test("is gone at once if it has nothing", () => {
    const harness = new Harness({ pools: { web: {}, db: {} } });
    harness.configure({ web: {} });
    expect([...harness.ledger.pools.keys()]).toEqual(["web"]);
    expect(harness.happened("pool.changed").map(({ to }) => to)).toEqual(["added", "added", "draining", "removed"]);
  });

  test("ends what is free at once, and what is lent when it comes back; then it is gone", () => {
    const harness = new Harness({ pools: { web: { warm: 1, reuse: true }, db: {} } });
    harness.succeedAll();
    const ticket = harness.request();
    harness.succeedAll();
    harness.configure({ db: {} });
    expect(harness.resource("deleting").reason).toBe("draining");
    harness.succeedAll();
    expect(ticket.state).toBe("granted");
    harness.release(ticket);
    harness.succeedAll();
    expect([...harness.ledger.pools.keys()]).toEqual(["db"]);
  });

  test("refuses those whom only it could serve, though it has nothing", () => {
    const harness = new Harness({ pools: { web: { max: 1 }, db: {} } });
    harness.input((engine, nowMs) => engine.pause(harness.pool(), nowMs));
    const [named, tagged] = [harness.request(), harness.durable("web")];
    harness.configure({ db: {} });
    expect(harness.ledger.pools.has("web")).toBe(false);
    for (const ticket of [named, tagged]) {
      expect(ticket).toMatchObject({
        end: "refused",
        reason: 'no pool of the configuration serves pool "web" any more',
      });
    }
  });

  test("hands over those whom another serves", () => {
    const harness = new Harness({ pools: { one: { tags: ["a"] }, two: { tags: ["a"] } } });
    const ticket = harness.request("", { tags: ["a"] });
    harness.configure({ two: { tags: ["a"] } });
    harness.succeed(harness.call("allocate", "two"));
    expect(ticket.state).toBe("granted");
  });

  test("accepts nothing more", () => {
    const harness = new Harness({ pools: { web: {}, db: {} } });
    harness.request();
    harness.succeedAll();
    harness.configure({ db: {} });
    expect(harness.tryRequest("web")).toMatchObject({ rejected: "draining", pool: "web" });
  });

  test("is open again when it comes back", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.succeedAll();
    const holder = harness.request();
    harness.configure({});
    expect(harness.configure({ web: { warm: 1 } })).toEqual({ added: [], changed: ["web"], draining: [] });
    expect([holder.state, harness.request().state]).toEqual(["granted", "waiting"]);
    harness.succeedAll();
    expect(harness.resources("ready")).toHaveLength(1);
  });
});

describe("another object as the provider of a pool", () => {
  test("takes over its resources, and their calls go to it", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.succeedAll();
    const before = harness.provider();
    harness.configurations.renew("cloud");
    harness.configure(harness.pools);
    expect(harness.provider()).not.toBe(before);
    expect([before.total, harness.provider().total]).toEqual([0, 1]);
    harness.input((engine, nowMs) => engine.remove(harness.resource(), nowMs));
    expect(harness.call("delete").provider).toBe(harness.provider());
  });

  test("of another name is written down with each resource", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.succeedAll();
    harness.configure({ web: { warm: 1, provider: "iron" } });
    expect([...harness.mirror.resources.values()].map(({ provider }) => provider)).toEqual(["iron"]);
  });

  test("is not asked for what it cannot do", () => {
    const can = { check: true, find: true, reset: true };
    const harness = new Harness({
      pools: { web: { warm: 1, max: 3, reuse: true } },
      providers: { cloud: { can }, iron: {} },
    });
    harness.succeedAll();
    const ticket = harness.request();
    harness.succeedAll();
    harness.advance(MINUTE);
    // The reset waits for the check, the find for its delete to be confirmed.
    harness.release(ticket);
    harness.input((engine, nowMs) => engine.remove(harness.resource("ready"), nowMs));
    for (const call of harness.calls("check")) if (call.kind !== "list" && call.resource.id === 2) harness.fail(call);
    harness.succeed(harness.call("delete"));
    harness.fail(harness.call("find"));
    harness.configure({ web: { warm: 1, max: 3, reuse: true, provider: "iron" } });
    for (let i = 0; i < 5; i++) {
      harness.succeedAll();
      harness.advance(MINUTE);
      expect(harness.calls().filter(({ kind }) => kind === "find" || kind === "reset" || kind === "check")).toEqual([]);
    }
    expect(harness.resources().map(({ state }) => state)).toEqual(["ready"]);
  });

  test("that cannot list has deletes repeated that waited for a listing", () => {
    const harness = new Harness({ pools: { web: { warm: 1, max: 1 } }, providers: { cloud: { can: { list: true } } } });
    harness.succeedAll();
    harness.input((engine, nowMs) => engine.remove(harness.resource(), nowMs));
    harness.succeed(harness.call("delete"));
    harness.configure({ web: { warm: 1, max: 1, provider: "iron" } });
    harness.tick();
    harness.succeed(harness.call("delete"));
    expect(harness.resources("deleting")).toEqual([]);
  });

  test("says anew how long an allocation may still make something", () => {
    const providers = {
      cloud: { can: { find: true }, settlesWithinMs: HOUR },
      iron: { can: { find: true }, settlesWithinMs: MINUTE },
    };
    const harness = new Harness({ pools: { web: { max: 1, warm: 1 } }, providers });
    harness.fail(harness.call("allocate"));
    harness.configure({ web: { max: 1, warm: 1, provider: "iron" } });
    harness.advance(MINUTE - 1);
    expect(harness.calls("find")).toEqual([]);
    harness.advance(1);
    expect(harness.calls("find")).toHaveLength(1);
  });
});

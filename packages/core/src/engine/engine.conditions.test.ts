/** Conditions: what Boskos does with states, case by case, and what it gets wrong. */
import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { MINUTE, SECOND } from "./testing/policies.js";
import { asks, conditions, idOf, shelf } from "./testing/shelf.js";
import { Ticket } from "./ticket.js";

describe("acquire", () => {
  test("takes one in the condition that is asked for, and sets another", () => {
    const harness = shelf(2);
    const ticket = harness.request("web", asks("free", "busy"));
    expect(ticket.resource?.condition).toBe("busy");
  });

  test("without a condition takes one in the first", () => {
    const harness = shelf(1);
    harness.release(harness.request(), { condition: "dirty" });
    expect(harness.request().state).toBe("waiting");
    expect(harness.request("web", asks("dirty")).state).toBe("granted");
  });

  test("of a condition that no pool has is no ticket", () => {
    expect(shelf(1).tryRequest("web", asks("fre"))).toMatchObject({ rejected: "no-pool" });
    expect(shelf(1).tryRequest("web", asks("free", "bsy"))).toMatchObject({ rejected: "no-pool" });
  });

  test("waits where none is free in that condition, and with no time to wait fails, and takes nothing", () => {
    const harness = shelf(1);
    expect(harness.request("web", asks("dirty")).state).toBe("waiting");
    expect(harness.request("web", { ...asks("dirty"), timeoutMs: 0 }).end).toBe("timed-out");
    expect(harness.resources("ready")).toHaveLength(1);
  });

  test("gives each in turn: the one whose last change is longest ago, within a second too", () => {
    const harness = shelf(3);
    const taken = [1, 2, 3, 4, 5, 6].map(() => {
      const ticket = harness.request("web", asks("free"));
      const id = idOf(ticket);
      harness.release(ticket, { condition: "free" });
      return id;
    });
    expect(taken).toEqual([1, 2, 3, 1, 2, 3]);
  });

  test("does not hand out what has expired", () => {
    const harness = shelf(1, { maxAgeMs: MINUTE, warm: 0, max: 2 });
    const first = harness.request();
    harness.succeedAll("allocate");
    harness.release(first, { condition: "free" });
    harness.advance(MINUTE);
    expect(harness.resources("ready")).toEqual([]);
    expect(harness.request("web", asks("free")).state).toBe("waiting");
  });

  test("is served in the order of arrival among those who ask for the same condition", () => {
    const harness = shelf(1);
    const holder = harness.request();
    const [first, second] = [harness.request("web", asks("dirty")), harness.request("web", asks("dirty"))];
    harness.release(holder, { condition: "dirty" });
    expect([first.state, second.state]).toEqual(["granted", "waiting"]);
  });

  test("is not blocked by who came before and waits for another condition", () => {
    const harness = shelf(1);
    const holder = harness.request();
    const free = harness.request("web", asks("free"));
    const dirty = harness.request("web", asks("dirty"));
    harness.release(holder, { condition: "dirty" });
    expect([free.state, dirty.state]).toEqual(["waiting", "granted"]);
  });

  test("repeated by its request id gives the same lease, not a second resource", () => {
    const harness = shelf(2);
    const first = harness.request("web", { ...asks("free", "busy"), requestId: "r1" });
    expect(harness.request("web", { ...asks("free", "busy"), requestId: "r1" })).toBe(first);
    expect(harness.resources("leased")).toHaveLength(1);
  });

  test("makes one on demand, and is served by it: asking twice is not needed", () => {
    const harness = shelf(2, { warm: 0 });
    const ticket = harness.request("web", asks("free"));
    harness.succeedAll("allocate");
    expect(ticket.state).toBe("granted");
  });

  test("of a condition that nothing made has makes nothing", () => {
    const harness = shelf(3, { warm: 0 });
    harness.request("web", asks("dirty"));
    expect(harness.calls("allocate")).toEqual([]);
  });
});

describe("release", () => {
  test("leaves it in the condition that its holder says", () => {
    const harness = shelf(1);
    harness.release(harness.request("web", asks("free", "busy")), { condition: "dirty" });
    expect(harness.resource("ready").condition).toBe("dirty");
  });

  test("without a condition leaves it in the pool's `released`", () => {
    const harness = shelf(1, { conditions: { released: "dirty" } });
    harness.release(harness.request());
    expect(harness.resource("ready").condition).toBe("dirty");
  });

  test("keeps the user data", () => {
    const harness = shelf(1);
    const ticket = harness.request();
    harness.input((engine, nowMs) => engine.update(ticket, { note: "mind the gap" }, nowMs));
    harness.release(ticket, { condition: "dirty" });
    expect(harness.resource("ready").marks.userData).toEqual({ note: "mind the gap" });
  });

  test("of a failed one deletes it, or sets it aside if failed ones are reset", () => {
    const disposed = shelf(1);
    disposed.release(disposed.request(), { failed: "it broke" });
    expect(disposed.resource("deleting").reason).toBe("failed");
    const reset = shelf(1, { onFailed: "reset" });
    reset.release(reset.request(), { failed: "it broke" });
    expect(reset.resource("ready").condition).toBe("dirty");
  });
});

describe("update, the heartbeat", () => {
  test("merges user data key by key, and null deletes a key", () => {
    const harness = shelf(1);
    const ticket = harness.request();
    for (const data of [{ a: "1", b: "1" }, { b: "2" }, { a: null }]) {
      harness.input((engine, nowMs) => engine.update(ticket, data, nowMs));
    }
    expect(harness.resource().marks.userData).toEqual({ b: "2" });
  });

  test("begins the ttl anew", () => {
    const harness = shelf(1);
    const ticket = harness.request("web", { ...asks("free"), ttlMs: MINUTE });
    harness.advance(50 * SECOND);
    harness.input((engine, nowMs) => engine.update(ticket, {}, nowMs));
    harness.advance(50 * SECOND);
    expect(ticket.overdue).toBe(false);
  });

  test("what it wrote is in the record, and survives a restart", () => {
    const harness = shelf(1);
    const ticket = harness.request("web", asks("free", "busy"));
    harness.input((engine, nowMs) => engine.update(ticket, { by: "ann" }, nowMs));
    harness.restart();
    expect(harness.resource().toRecord()).toMatchObject({ condition: "busy", userData: { by: "ann" } });
  });
});

describe("what is in use is left alone", () => {
  test("a smaller pool keeps what is lent, and ends it when it comes back", () => {
    const harness = shelf(1);
    const ticket = harness.request("web", asks("free", "busy"));
    harness.input((engine, nowMs) => engine.drain(harness.pool(), nowMs));
    expect(ticket.state).toBe("granted");
    harness.release(ticket, { condition: "free" });
    expect(harness.resource().reason).toBe("draining");
  });

  test("what is dirty is no surplus: it will be wanted when it is clean", () => {
    const harness = shelf(2, { warm: 0, shrinkAfterMs: MINUTE });
    const ticket = harness.request();
    harness.succeedAll("allocate");
    harness.release(ticket, { condition: "dirty" });
    harness.advance(60 * MINUTE);
    expect(harness.resource().state).toBe("ready");
  });
});

describe("a configuration with other conditions", () => {
  test("leaves each in its condition, and gives one that it does not know the first", () => {
    const harness = shelf(2);
    harness.release(harness.request(), { condition: "dirty" });
    const pool = { max: 2, warm: 2, reuse: true };
    harness.configure({ web: { ...pool, conditions: conditions({ names: ["ready", "dirty"], initial: "ready" }) } });
    expect(harness.resources("ready").map(({ condition }) => condition)).toEqual(["dirty", "ready"]);
    expect(harness.request("web").state).toBe("granted");
  });

  test("is taken up by a restart as well", () => {
    const harness = shelf(1);
    harness.pools = {
      web: { max: 1, warm: 1, reuse: true, conditions: conditions({ names: ["new"], initial: "new" }) },
    };
    harness.restart();
    expect(harness.request().state).toBe("granted");
  });

  test("without conditions lends everything to everybody", () => {
    const harness = shelf(1);
    harness.release(harness.request(), { condition: "dirty" });
    harness.configure({ web: { max: 1, reuse: true } });
    expect(harness.request().state).toBe("granted");
  });
});

test("who gave up before he had it leaves it as it was", () => {
  const pools = { web: { max: 1, warm: 1, reuse: true, conditions: conditions() } };
  const harness = new Harness({ pools, commits: false });
  harness.commit();
  harness.succeedAll();
  harness.commit();
  const ticket = harness.request("web", { selector: { condition: "free", set: "busy" } });
  expect(ticket).toBeInstanceOf(Ticket);
  harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
  expect(harness.resource("ready").condition).toBe("free");
});

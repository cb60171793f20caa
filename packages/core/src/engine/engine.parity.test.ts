/** What users of resalloc and Boskos count on, and what bites them there: the cases that no rule's own file has. */
import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { MINUTE, SECOND } from "./testing/policies.js";

describe("as in resalloc", () => {
  test("without any buffer, one is made for who waits", () => {
    const harness = new Harness({ pools: { web: { max: 1, warm: 0 } } });
    expect(harness.calls("allocate")).toEqual([]);
    const ticket = harness.request();
    harness.succeed(harness.call("allocate"));
    expect(ticket.state).toBe("granted");
  });

  test("but unlike there, what failed its last check is no part of the buffer: another one is made", () => {
    const harness = new Harness({
      pools: { web: { max: 3, warm: 1, check: { everyMs: MINUTE, attempts: 3 } } },
      providers: { cloud: { can: { check: true } } },
    });
    harness.succeed(harness.call("allocate"));
    harness.advance(MINUTE);
    harness.answer(harness.call("check"), { outcome: { kind: "check", health: { status: "unhealthy" } } });
    expect(harness.calls("allocate").length).toBe(1);
  });

  test("but unlike there, one that was killed by its checks is replaced for who waits, not only counted", () => {
    const harness = new Harness({
      pools: { web: { max: 1, warm: 1, check: { everyMs: MINUTE, attempts: 1 } } },
      providers: { cloud: { can: { check: true } } },
    });
    harness.succeed(harness.call("allocate"));
    harness.advance(MINUTE);
    harness.answer(harness.call("check"), { outcome: { kind: "check", health: { status: "unhealthy" } } });
    const ticket = harness.request();
    harness.succeed(harness.call("delete"));
    harness.succeed(harness.call("allocate"));
    expect(ticket.state).toBe("granted");
  });

  test("what is being made on demand, or made clean, is for who waits before another one is made", () => {
    const pools = { rare: { max: 3, reuse: true, tagsOnDemand: [{ name: "gpu", priority: 0 }] } };
    const harness = new Harness({ pools, providers: { cloud: { can: { reset: true } } } });
    const first = harness.request(undefined, { tags: ["gpu"] });
    const second = harness.request(undefined, { tags: ["gpu"] });
    harness.input((engine, nowMs) => engine.giveUp(second, "cancelled", nowMs));
    const third = harness.request(undefined, { tags: ["gpu"] });
    expect(harness.calls("allocate").length).toBe(2);
    harness.succeedAll("allocate");
    expect([first.state, third.state]).toEqual(["granted", "granted"]);
    harness.release(first);
    const fourth = harness.request(undefined, { tags: ["gpu"] });
    expect(harness.calls("allocate")).toEqual([]);
    harness.succeed(harness.call("reset"));
    expect(fourth.state).toBe("granted");
  });

  test("closing a ticket again, or after its end, changes nothing", () => {
    const harness = new Harness({ pools: { web: { max: 1 } } });
    const ticket = harness.durable();
    for (let times = 0; times < 3; times++) harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
    expect([ticket.end, harness.told("closed").length]).toEqual(["cancelled", 1]);
  });

  test("what a ticket was given stays readable after its end, and after its resource is gone", () => {
    const harness = new Harness({ pools: { web: { max: 1 } } });
    const ticket = harness.durable();
    harness.succeed(harness.call("allocate"), { host: "10.0.0.1" });
    harness.release(ticket);
    harness.succeed(harness.call("delete"));
    expect(harness.resources()).toEqual([]);
    expect(ticket.output).toEqual([{ pool: "web", data: { host: "10.0.0.1" } }]);
  });

  test("but unlike there, a smaller cap makes what is too much go", () => {
    const harness = new Harness({ pools: { web: { max: 3, warm: 3 } } });
    harness.succeedAll();
    harness.configure({ web: { max: 3, warm: 1, shrinkAfterMs: MINUTE } });
    harness.advance(MINUTE);
    expect(harness.calls("delete").length).toBe(2);
  });
});

describe("as in Boskos", () => {
  const names = ["free", "dirty", "busy"];
  const silent = { in: ["busy"], afterMs: MINUTE, to: "dirty" };
  const conditions = { names, initial: "free", released: "free", abandoned: "dirty", clean: undefined, silent };

  test("whoever was not heard of for exactly so long is reset, and a moment before he is not", () => {
    const harness = new Harness({ pools: { web: { max: 1, warm: 1, reuse: true, conditions } } });
    harness.succeedAll();
    const ticket = harness.request("web", { session: undefined, renewal: "manual", selector: { set: "busy" } });
    harness.advance(MINUTE - 1);
    expect(ticket.state).toBe("granted");
    harness.advance(1);
    expect([ticket.end, harness.resource().condition]).toEqual(["expired", "dirty"]);
  });

  test("but unlike there, a place in line that was given up is not regained by asking again", () => {
    const harness = new Harness({ pools: { web: { max: 1 } } });
    const first = harness.request("web", { owner: "ann" });
    const second = harness.request("web", { owner: "bob" });
    harness.input((engine, nowMs) => engine.giveUp(first, "timed-out", nowMs));
    const again = harness.request("web", { owner: "ann" });
    harness.succeed(harness.call("allocate"));
    expect([second.state, again.state]).toEqual(["granted", "waiting"]);
  });

  test("but unlike there, expiry and new configurations are heeded in memory as well", () => {
    const harness = new Harness({
      pools: { web: { max: 1, warm: 1, maxAgeMs: 10 * MINUTE } },
      self: { durable: false },
    });
    harness.succeedAll();
    harness.advance(10 * MINUTE);
    expect(harness.call("delete").resource.reason).toBe("too-old");
    harness.succeed(harness.call("delete"));
    harness.succeed(harness.call("allocate"));
    harness.configure({ vm: { max: 1, warm: 1 } });
    expect(harness.call("delete").resource.reason).toBe("draining");
    expect(harness.calls("allocate", "vm").length).toBe(1);
  });

  test("a name that moves to another pool is made there, and what had it here goes", () => {
    const nameOf = (data: unknown) => (data as { name: string }).name;
    const harness = new Harness({ pools: { a: { max: 1, warm: 1, nameOf } } });
    harness.succeed(harness.call("allocate"), { name: "p1" });
    harness.configure({ b: { max: 1, warm: 1, nameOf } });
    expect(harness.calls("delete", "a").length).toBe(1);
    harness.succeed(harness.call("allocate", "b"), { name: "p1" });
    expect(harness.request("b", { selector: { name: "p1" } }).resource?.pool.name).toBe("b");
  });

  test("but unlike there, nothing that is in use ends because its pool leaves, and it ends when it comes back", () => {
    const harness = new Harness({ pools: { web: { max: 1, warm: 1, reuse: true } } });
    harness.succeedAll();
    const ticket = harness.request();
    harness.configure({ vm: { max: 1 } });
    harness.advance(10 * SECOND);
    expect(ticket.state).toBe("granted");
    harness.release(ticket);
    expect(harness.call("delete").resource.reason).toBe("draining");
  });
});

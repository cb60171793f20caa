import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { DAY, MINUTE, SECOND } from "./testing/policies.js";

function warmed(count: number, sketch: object = {}): Harness {
  const harness = new Harness({ pools: { web: { warm: count, ...sketch } } });
  harness.succeedAll();
  return harness;
}

describe("a request", () => {
  test("is granted at once where one is ready", () => {
    const harness = warmed(1);
    const ticket = harness.request();
    expect(ticket.state).toBe("granted");
    expect(harness.told("granted")).toEqual([ticket]);
  });

  test("waits where none is ready, and is granted when one is made", () => {
    const harness = new Harness();
    const ticket = harness.request();
    expect(ticket.state).toBe("waiting");
    harness.succeed(harness.call("allocate"));
    expect(ticket.state).toBe("granted");
    expect(ticket.resource).toBe(harness.resource("leased"));
  });

  test("is served in the order of arrival", () => {
    const harness = new Harness({ pools: { web: { max: 1, reuse: true } } });
    const tickets = [harness.request(), harness.request(), harness.request()];
    harness.succeedAll();
    for (const ticket of tickets) {
      expect(ticket.state).toBe("granted");
      harness.release(ticket);
    }
    expect(tickets.map(({ token }) => token)).toEqual([1, 2, 3]);
  });

  test("of a higher priority is served first", () => {
    const harness = new Harness({ pools: { web: { max: 1, reuse: true } } });
    const holder = harness.request();
    harness.succeedAll();
    const [later, sooner] = [harness.request(), harness.request("web", { priority: 1 })];
    harness.release(holder);
    expect([later.state, sooner.state]).toEqual(["waiting", "granted"]);
  });

  test("for a pool that does not exist is no ticket", () => {
    expect(new Harness().tryRequest("db")).toMatchObject({ rejected: "no-pool" });
  });

  test("for tags that no pool has is no ticket", () => {
    expect(new Harness().tryRequest(undefined, { tags: ["gpu"] })).toMatchObject({ rejected: "no-pool" });
  });

  test("with no time to wait is granted what is ready", () => {
    expect(warmed(1).request("web", { timeoutMs: 0 }).state).toBe("granted");
  });

  test("with no time to wait times out at once where nothing is ready", () => {
    const harness = new Harness();
    const ticket = harness.request("web", { timeoutMs: 0 });
    expect([ticket.state, ticket.end]).toEqual(["closed", "timed-out"]);
    expect(harness.told("closed")).toEqual([ticket]);
  });

  test("with the same requestId gives the ticket of then, to the same owner only", () => {
    const harness = warmed(2);
    const ticket = harness.durable("web", { requestId: "a" });
    expect(harness.durable("web", { requestId: "a" })).toBe(ticket);
    expect(harness.durable("web", { requestId: "a", owner: "another" })).not.toBe(ticket);
  });

  test("with the same requestId gives the ticket of then in memory too, though it was granted at once", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } }, self: { durable: false } });
    harness.succeedAll();
    const ticket = harness.request("web", { requestId: "a" });
    expect(ticket.state).toBe("granted");
    expect(harness.request("web", { requestId: "a" })).toBe(ticket);
  });

  test("with the same requestId gives the closed ticket, for as long as it is kept", () => {
    const harness = warmed(1);
    const ticket = harness.durable("web", { requestId: "a" });
    harness.release(ticket);
    expect(harness.durable("web", { requestId: "a" })).toBe(ticket);
    harness.succeedAll();
    harness.advance(DAY);
    expect(harness.durable("web", { requestId: "a" })).not.toBe(ticket);
  });
});

describe("who waits", () => {
  test("is told when his time is over, at that very moment", () => {
    const harness = new Harness();
    const ticket = harness.request("web", { timeoutMs: MINUTE });
    harness.advance(MINUTE - 1);
    expect(ticket.state).toBe("waiting");
    harness.advance(1);
    expect([ticket.state, ticket.end]).toEqual(["closed", "timed-out"]);
    expect(harness.pool().totals.timedOut).toBe(1);
  });

  test("may give up, and what was coming for him goes to the next", () => {
    const harness = new Harness({ pools: { web: { max: 1 } } });
    const [first, second] = [harness.request(), harness.request()];
    harness.input((engine, nowMs) => engine.giveUp(first, "cancelled", nowMs));
    harness.succeed(harness.call("allocate"));
    expect([first.end, second.state]).toEqual(["cancelled", "granted"]);
  });

  test("gives nothing up by giving up twice", () => {
    const harness = new Harness();
    const ticket = harness.request();
    for (let i = 0; i < 2; i++) harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
    expect(harness.told("closed")).toEqual([ticket]);
  });
});

describe("a grant that was not delivered yet", () => {
  test("is taken back when its holder gives up, and its resource was never used", () => {
    const harness = warmed(1);
    const ticket = harness.request();
    harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
    expect([ticket.state, ticket.end]).toEqual(["closed", "cancelled"]);
    // This pool lends each resource once: it would be deleted if that had been a use.
    expect(harness.resource("ready").uses).toBe(0);
  });

  test("goes to the next who waits when it is taken back", () => {
    const harness = new Harness({ pools: { web: { max: 1 } } });
    const [first, second] = [harness.request(), harness.request()];
    harness.succeed(harness.call("allocate"));
    harness.input((engine, nowMs) => engine.giveUp(first, "cancelled", nowMs));
    expect(second.state).toBe("granted");
    expect(second.token).toBeGreaterThan(first.token);
  });

  test("is taken back when the time to wait is over", () => {
    const harness = warmed(1);
    const ticket = harness.request("web", { timeoutMs: MINUTE });
    harness.advance(MINUTE);
    expect([ticket.state, ticket.end]).toEqual(["closed", "timed-out"]);
  });

  test("is kept once it is delivered, whoever gives up", () => {
    const harness = warmed(1);
    const ticket = harness.request("web", { timeoutMs: MINUTE });
    harness.input((engine) => engine.delivered(ticket));
    harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
    harness.advance(2 * MINUTE);
    expect(ticket.state).toBe("granted");
  });

  test("does not exist in memory, nor for a ticket that belongs to nobody", () => {
    const memory = new Harness({ pools: { web: { warm: 1 } }, self: { durable: false } });
    memory.succeedAll();
    expect(memory.request().delivered).toBe(true);
    expect(warmed(1).durable("web", { timeoutMs: SECOND }).delivered).toBe(true);
  });

  test("leaves a draining pool nothing", () => {
    const harness = warmed(2);
    const ticket = harness.request();
    harness.input((engine, nowMs) => engine.drain(harness.pool(), nowMs));
    harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
    expect(harness.resources("ready")).toEqual([]);
  });
});

describe("tags", () => {
  const pools = {
    small: { tags: ["x86"], max: 1, reuse: true },
    large: { tags: ["gpu", { name: "x86", priority: 1 }], max: 1, reuse: true },
  };

  test("lead to the preferred pool that has one ready", () => {
    const harness = new Harness({ pools: { small: { ...pools.small, warm: 1 }, large: { ...pools.large, warm: 1 } } });
    harness.succeedAll();
    expect(harness.request("", { tags: ["x86"] }).resource?.pool.name).toBe("large");
    expect(harness.request("", { tags: ["x86"] }).resource?.pool.name).toBe("small");
  });

  test("lead to whichever pool has one ready, preferred or not", () => {
    const harness = new Harness({ pools: { ...pools, small: { ...pools.small, warm: 1 } } });
    harness.succeedAll();
    expect(harness.request("", { tags: ["x86"] }).resource?.pool.name).toBe("small");
  });

  test("have one made by the preferred pool, and by the next when that is full", () => {
    const harness = new Harness({ pools });
    for (let i = 0; i < 3; i++) harness.request("", { tags: ["x86"] });
    expect(harness.calls("allocate").map((call) => call.kind !== "list" && call.pool.name)).toEqual(["large", "small"]);
  });

  test("stand in one order with names: who came first is served first", () => {
    const harness = new Harness({ pools });
    const first = harness.request("", { tags: ["gpu", "x86"] });
    const second = harness.request("large");
    harness.succeedAll();
    expect([first.state, second.state]).toEqual(["granted", "waiting"]);
    const third = harness.request("", { tags: ["x86"] });
    harness.succeedAll();
    // What only the second can use is not kept from him, and what he cannot use is not kept for him.
    expect([second.state, third.resource?.pool.name]).toEqual(["waiting", "small"]);
    harness.release(first);
    expect(second.state).toBe("granted");
  });

  test("that lead to the same pools stand in one line", () => {
    const harness = new Harness({ pools });
    const lines = [["gpu"], ["gpu", "x86"]].map((tags) => harness.request("", { tags }).line);
    expect(lines[0]).toBe(harness.pool("large").line);
    expect(lines[1]).toBe(lines[0]);
  });
});

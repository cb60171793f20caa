/** What is dirty is cleaned, and what holders fell silent with is taken away. */
import { describe, expect, test } from "vitest";
import { MINUTE, SECOND } from "./testing/policies.js";
import { asks, clean, shelf } from "./testing/shelf.js";

describe("reset of the silent", () => {
  const silent = { in: ["busy"], afterMs: 30 * MINUTE, to: "dirty" };

  test("takes away what was not heard of for so long, and tells who had it", () => {
    const harness = shelf(1, { conditions: { silent } });
    const ticket = harness.request("web", { ...asks("free", "busy"), owner: "ann" });
    harness.advance(30 * MINUTE - 1);
    expect(ticket.state).toBe("granted");
    harness.advance(1);
    expect([ticket.end, ticket.reason]).toEqual(["expired", "its holder was not heard of for 30m"]);
    expect(harness.resource("ready").condition).toBe("dirty");
    expect(harness.told("closed")).toContain(ticket);
  });

  test.each(["renew", "update"] as const)("%s is being heard of", (how) => {
    const harness = shelf(1, { conditions: { silent } });
    const ticket = harness.request("web", asks("free", "busy"));
    harness.advance(20 * MINUTE);
    harness.input((engine, nowMs) =>
      how === "renew" ? engine.renew(ticket, nowMs) : engine.update(ticket, {}, nowMs),
    );
    harness.advance(20 * MINUTE);
    expect(ticket.state).toBe("granted");
    harness.advance(10 * MINUTE);
    expect(ticket.state).toBe("closed");
  });

  test("leaves those in other conditions alone", () => {
    const harness = shelf(1, { conditions: { silent } });
    const ticket = harness.request("web", asks("free"));
    harness.advance(60 * MINUTE);
    expect(ticket.state).toBe("granted");
  });

  test("a lease that this process renews by itself is always heard of", () => {
    const harness = shelf(1, { conditions: { silent } });
    const ticket = harness.request("web", { selector: { condition: "free", set: "busy" } });
    harness.advance(60 * MINUTE);
    expect(ticket.state).toBe("granted");
  });

  test("a session elsewhere that renews a lease by being heard is heard of with it, until it falls silent", () => {
    const harness = shelf(1, { conditions: { silent } });
    const hear = () => harness.input((engine, nowMs) => engine.heard("one", MINUTE, nowMs));
    hear();
    const selector = { condition: "free", set: "busy" };
    const ticket = harness.request("web", { selector, session: "one", call: "one/1", ttlMs: 60 * MINUTE });
    harness.advance(20 * MINUTE);
    hear();
    harness.advance(30 * MINUTE - 1);
    expect(ticket.state).toBe("granted");
    harness.advance(1);
    expect([ticket.state, ticket.reason]).toEqual(["closed", "its holder was not heard of for 30m"]);
  });

  test("after a restart each holder has the full time again", () => {
    const harness = shelf(1, { conditions: { silent } });
    const { id } = harness.request("web", asks("free", "busy"));
    harness.advance(29 * MINUTE);
    harness.restart();
    harness.advance(29 * MINUTE);
    expect(harness.ledger.tickets.get(id)?.state).toBe("granted");
    harness.advance(MINUTE);
    expect(harness.ledger.tickets.get(id)?.state).toBe("closed");
  });

  test("by command: only those of the pool, in the condition, silent for so long; and says who had them", () => {
    const harness = shelf(3);
    harness.request("web", { ...asks("free", "busy"), owner: "ann" });
    harness.advance(10 * MINUTE);
    harness.request("web", { ...asks("free", "cleaning"), owner: "bob" });
    const late = harness.request("web", { ...asks("free", "busy"), owner: "eve" });
    const renewed = harness.input((engine, nowMs) => {
      engine.renew(late, nowMs);
      return engine.resetSilent(harness.pool(), { condition: "busy", silentMs: 10 * MINUTE, to: "dirty" }, nowMs);
    });
    expect(renewed.map(({ resource, owner }) => [resource.id, resource.condition, owner])).toEqual([
      [1, "dirty", "ann"],
    ]);
    expect(late.state).toBe("granted");
  });

  test("whoever was reset has lost it: his late release changes nothing for the next holder", () => {
    const harness = shelf(1, { conditions: { silent } });
    const ticket = harness.request("web", asks("free", "busy"));
    harness.advance(30 * MINUTE);
    const next = harness.request("web", asks("dirty"));
    expect(ticket.state).toBe("closed");
    expect([next.state, harness.resource("leased").ticket]).toEqual(["granted", next]);
  });
});

describe("the janitor", () => {
  const can = { reset: true };

  test("what is dirty is reset, is cleaning meanwhile, and free afterwards", () => {
    const harness = shelf(1, { conditions: { clean }, can });
    harness.release(harness.request(), { condition: "dirty" });
    expect([harness.resource().state, harness.resource().condition]).toEqual(["resetting", "cleaning"]);
    harness.succeed(harness.call("reset"));
    expect([harness.resource().state, harness.resource().condition]).toEqual(["ready", "free"]);
  });

  test("one that cannot be cleaned is dirty again, and tried again after a pause that grows", () => {
    const harness = shelf(1, { conditions: { clean }, can });
    harness.release(harness.request(), { condition: "dirty" });
    harness.fail(harness.call("reset"));
    expect([harness.resource().state, harness.resource().condition]).toEqual(["ready", "dirty"]);
    harness.advance(SECOND);
    harness.fail(harness.call("reset"));
    harness.advance(SECOND);
    expect(harness.calls("reset")).toEqual([]);
    harness.advance(SECOND);
    harness.succeed(harness.call("reset"));
    expect(harness.resource().condition).toBe("free");
  });

  test("what is made dirty is cleaned before anybody gets it, and counts as coming", () => {
    const harness = shelf(2, { conditions: { clean, initial: "dirty" }, can, warm: 0 });
    const ticket = harness.request();
    harness.succeedAll("allocate");
    expect(ticket.state).toBe("waiting");
    expect(harness.calls("allocate")).toEqual([]);
    harness.succeed(harness.call("reset"));
    expect(ticket.state).toBe("granted");
  });

  test("what expired is set aside and cleaned, not lent as it is", () => {
    const harness = shelf(1, { conditions: { clean }, can });
    harness.request("web", { ...asks("free"), ttlMs: MINUTE });
    harness.advance(2 * MINUTE);
    expect(harness.resource().condition).toBe("cleaning");
  });

  test("where nobody cleans, one that expired is deleted: its holder may still be at work", () => {
    const harness = shelf(1, { conditions: { abandoned: "free" } });
    harness.request("web", { ...asks("free"), ttlMs: MINUTE });
    harness.advance(2 * MINUTE);
    expect(harness.resources("deleting")[0]?.reason).toBe("expired");
  });

  test("may be anybody: he acquires the dirty, and releases the free", () => {
    const harness = shelf(1);
    harness.release(harness.request(), { condition: "dirty" });
    const user = harness.request();
    const janitor = harness.request("web", asks("dirty", "cleaning"));
    expect(harness.resource("leased").condition).toBe("cleaning");
    harness.release(janitor, { condition: "free" });
    expect(user.state).toBe("granted");
  });
});

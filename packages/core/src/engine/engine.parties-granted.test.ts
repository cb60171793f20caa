/** What becomes of a ticket for several things once it was granted, and over a restart. */
import { describe, expect, test } from "vitest";
import { held, scene, warm } from "./testing/parties.js";
import { MINUTE, SECOND } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

describe("a granted ticket for several things", () => {
  test("gives back each by itself, and is closed with the last", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 });
    const [first, second] = ticket.shares as [Ticket, Ticket];
    harness.release(first);
    expect([ticket.state, harness.pool().warm.size]).toEqual(["granted", 1]);
    harness.release(second, { failed: "it broke" });
    expect([ticket.state, ticket.end, harness.resources("deleting").length]).toEqual(["closed", "released", 1]);
    expect(harness.happened("lease.ended")).toEqual([{ end: "released" }, { end: "released", reason: "it broke" }]);
  });

  test("gives back all at once", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 }, { session: undefined });
    harness.release(ticket);
    expect([ticket.end, ticket.output?.length, harness.pool().warm.size]).toEqual(["released", 2, 2]);
  });

  test("loses the lease of a resource that died, and no other", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 });
    harness.engine.delivered(ticket);
    const [first, second] = ticket.shares as [Ticket, Ticket];
    harness.input((engine, nowMs) => engine.remove(first.resource as never, nowMs));
    expect([first.end, second.state, ticket.state]).toEqual(["lost", "granted", "granted"]);
    expect(harness.told("closed")).toEqual([first]);
    harness.release(second);
    expect(ticket.end).toBe("released");
  });

  test("is lost as a whole when a part of it died before anybody had it: the rest goes back unused", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 });
    const [first, second] = (ticket.shares ?? []).map(({ resource }) => resource);
    harness.input((engine, nowMs) => engine.remove(first as never, nowMs));
    expect([ticket.end, second?.state, second?.uses]).toEqual(["lost", "ready", 0]);
    expect(harness.told("closed")).toContain(ticket);
  });

  test("that nobody took goes back whole and unused", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 }, { timeoutMs: SECOND });
    expect(ticket.state).toBe("granted");
    harness.advance(SECOND);
    expect([ticket.end, harness.pool().warm.size, harness.resources()[0]?.uses]).toEqual(["timed-out", 2, 0]);
  });

  test("renews and loses each lease by its own deadline", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 }, { session: undefined, renewal: "manual", ttlMs: MINUTE });
    const [first, second] = ticket.shares as [Ticket, Ticket];
    harness.advance(30 * SECOND);
    harness.input((engine, nowMs) => engine.renew(second, nowMs));
    harness.advance(30 * SECOND);
    expect([first.overdue, second.overdue]).toEqual([true, false]);
    harness.advance(30 * SECOND);
    expect([first.end, second.state]).toEqual(["expired", "granted"]);
  });
});

describe("over a restart a ticket for several things", () => {
  test("keeps its place in line and what is kept for it", () => {
    const harness = warm({ web: 1, vm: 1 });
    const holder = harness.durable("vm");
    const party = harness.party({ web: 1, vm: 1 }, { session: undefined });
    harness.durable("web");
    harness.restart();
    const again = harness.ledger.tickets.get(party.id) as Ticket;
    expect([again.state, harness.pool("web").warm.size]).toEqual(["waiting", 1]);
    harness.release(harness.ledger.tickets.get(holder.id) as Ticket);
    expect(held(again)).toEqual(["web", "vm"]);
  });

  test("keeps the leases that it still has, with their tokens", () => {
    const harness = warm({ web: 3 });
    const party = harness.party({ web: 3 }, { session: undefined });
    const tokens = party.shares?.map(({ token }) => token) ?? [];
    harness.release(party.shares?.[1] as Ticket);
    harness.restart();
    const again = harness.ledger.tickets.get(party.id) as Ticket;
    expect(again.shares?.map(({ token }) => token)).toEqual([tokens[0], tokens[2]]);
    harness.release(again);
    expect([again.end, again.output?.length]).toEqual(["released", 3]);
  });

  test("is lost when nothing of it has a record any more", () => {
    const harness = warm({ web: 2 });
    const party = harness.party({ web: 2 }, { session: undefined });
    harness.mirror.resources.clear();
    harness.restart();
    expect(harness.ledger.tickets.get(party.id)?.end).toBe("lost");
  });
});

test("what its holder never took is as it was: in its condition, and nobody's", () => {
  const names = ["free", "busy"];
  const conditions = {
    names,
    initial: "free",
    released: "free",
    abandoned: "busy",
    clean: undefined,
    silent: undefined,
  };
  const rest = { max: 1, warm: 1, lease: { ackWithinMs: 10 * SECOND } };
  const harness = scene({
    bike: { ...rest, reuse: true, conditions },
    web: { ...rest, reuse: { within: "sandbox" } },
  });
  harness.succeedAll();
  const selector = { sandbox: "red" };
  const bike = { pool: "bike", count: 1, selector: { ...selector, set: "busy" } };
  const party = harness.party([bike, { pool: "web", count: 1, selector }], { session: undefined });
  expect(party.state).toBe("granted");
  harness.advance(11 * SECOND);
  expect(party.end).toBe("cancelled");
  expect(harness.resources("ready").map(({ uses, condition, boundTo }) => [uses, condition, boundTo])).toEqual([
    [0, "free", undefined],
    [0, undefined, undefined],
  ]);
});

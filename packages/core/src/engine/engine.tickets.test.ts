/** The story of a ticket, as `ticket.ts` tells it, sentence by sentence. */
import { expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { DAY, MINUTE } from "./testing/policies.js";

test("it waits from when it is accepted, in exactly one line, without resource and token", () => {
  const harness = new Harness();
  const ticket = harness.request();
  expect(ticket).toMatchObject({ state: "waiting", resource: undefined, token: 0, line: harness.pool().line });
});

test("it is granted when matched: in no line, with a token and one resource which names it", () => {
  const harness = new Harness();
  const ticket = harness.request();
  harness.succeedAll();
  expect(ticket).toMatchObject({ state: "granted", line: undefined, token: 1 });
  expect(ticket.resource?.ticket).toBe(ticket);
});

test("it is closed once, says how, and holds no resource", () => {
  const harness = new Harness();
  const ticket = harness.durable();
  harness.succeedAll();
  const { resource } = ticket;
  harness.release(ticket);
  harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
  harness.advance(MINUTE);
  expect(ticket).toMatchObject({ state: "closed", end: "released", resource: undefined });
  expect(resource?.ticket).toBe(undefined);
});

test("one of `request` is kept for a while to be asked about, with what it had", () => {
  const harness = new Harness();
  const ticket = harness.durable();
  harness.succeed(harness.call("allocate"), { address: "10.0.0.1" });
  harness.release(ticket);
  expect(ticket.output).toEqual([{ pool: "web", data: { address: "10.0.0.1" } }]);
  harness.succeedAll();
  harness.advance(DAY - 1);
  expect(harness.ledger.tickets.get(ticket.id)).toBe(ticket);
  harness.advance(1);
  expect(harness.ledger.tickets.size).toBe(0);
  expect(harness.mirror.tickets.size).toBe(0);
});

test("one of `request` is kept over a restart, for no longer", () => {
  const harness = new Harness();
  const ticket = harness.durable("web", { requestId: "a" });
  harness.succeedAll();
  harness.release(ticket, { failed: "no" });
  harness.restart();
  const again = harness.durable("web", { requestId: "a" });
  expect(again).toMatchObject({ id: ticket.id, state: "closed", end: "released", verdict: { failed: "no" } });
  harness.succeedAll();
  harness.advance(DAY);
  expect(harness.ledger.tickets.size).toBe(0);
});

test("one of `acquire` is forgotten at once", () => {
  const harness = new Harness();
  const ticket = harness.request();
  harness.succeedAll();
  harness.release(ticket);
  expect(harness.ledger.tickets.size).toBe(0);
  expect(harness.mirror.tickets.size).toBe(0);
});

test("one that belongs to nobody goes on waiting over a restart, in its place", () => {
  const harness = new Harness({ pools: { web: { max: 1, reuse: true } } });
  const [first, second] = [harness.durable(), harness.durable()];
  // Stores give records in any order.
  const [one, two] = [...harness.mirror.tickets];
  harness.mirror.tickets.clear();
  for (const [id, record] of [two, one] as [number, never][]) harness.mirror.tickets.set(id, record);
  harness.restart();
  expect([...harness.pool().line].map(({ id }) => id)).toEqual([first.id, second.id]);
});

test("one of a session that ended is cancelled by a restart", () => {
  const harness = new Harness();
  harness.request();
  harness.restart();
  expect(harness.told("closed").map(({ end }) => end)).toEqual(["cancelled"]);
  expect(harness.ledger.tickets.size).toBe(0);
});

test("one of a session that goes on still waits when the records are loaded anew", () => {
  const harness = new Harness();
  const ticket = harness.request("web", { timeoutMs: MINUTE });
  harness.restart({ session: harness.self.session });
  const again = harness.ledger.tickets.get(ticket.id);
  expect(again?.state).toBe("waiting");
  harness.advance(MINUTE);
  expect(again?.end).toBe("timed-out");
});

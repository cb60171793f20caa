import { expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { SECOND } from "./testing/policies.js";

/** One place, which somebody holds for ever. */
function occupied(): Harness {
  const harness = new Harness({ pools: { web: { max: 1, reuse: true } } });
  harness.request();
  harness.succeedAll();
  return harness;
}

function ends(harness: Harness): (readonly [number, string | undefined])[] {
  return harness.told("closed").map(({ id, end }) => [id, end]);
}

test("those who wait equally long come due one after the other, by one deadline", () => {
  const harness = occupied();
  const before = harness.ledger.deadlines.size;
  const first = harness.request("web", { timeoutMs: 30 * SECOND });
  harness.advance(10 * SECOND);
  const second = harness.request("web", { timeoutMs: 30 * SECOND });
  expect(harness.ledger.deadlines.size).toBe(before + 1);
  harness.advance(20 * SECOND - 1);
  expect(ends(harness)).toEqual([]);
  harness.advance(1);
  expect(ends(harness)).toEqual([[first.id, "timed-out"]]);
  harness.advance(10 * SECOND - 1);
  expect(second.state).toBe("waiting");
  harness.advance(1);
  expect(second.end).toBe("timed-out");
});

test("who waits shorter than those before him comes due before them", () => {
  const harness = occupied();
  const patient = harness.request("web", { timeoutMs: 60 * SECOND });
  const hasty = harness.request("web", { timeoutMs: SECOND });
  const late = harness.request("web", { timeoutMs: 60 * SECOND });
  harness.advance(SECOND);
  expect(ends(harness)).toEqual([[hasty.id, "timed-out"]]);
  harness.advance(59 * SECOND);
  expect([patient.end, late.end]).toEqual(["timed-out", "timed-out"]);
});

test("who waits longer than those before him is not forgotten when these are gone", () => {
  const harness = occupied();
  const hasty = harness.request("web", { timeoutMs: SECOND });
  const patient = harness.request("web", { timeoutMs: 60 * SECOND });
  harness.advance(SECOND);
  expect(hasty.end).toBe("timed-out");
  harness.advance(59 * SECOND - 1);
  expect(patient.state).toBe("waiting");
  harness.advance(1);
  expect(patient.end).toBe("timed-out");
});

test("who comes after the first was served still comes due in time", () => {
  const harness = occupied();
  const holder = [...harness.ledger.allTickets()][0];
  const served = harness.request("web", { timeoutMs: 30 * SECOND });
  harness.advance(SECOND);
  const next = harness.request("web", { timeoutMs: 30 * SECOND });
  harness.release(holder as never);
  expect(served.state).toBe("granted");
  harness.engine.delivered(served);
  harness.advance(30 * SECOND - 1);
  expect(next.state).toBe("waiting");
  harness.advance(1);
  expect(next.end).toBe("timed-out");
});

test("a line that is formed anew keeps everybody's deadline", () => {
  const harness = occupied();
  const waiting = [30, 10, 30].map((seconds) => harness.request("web", { timeoutMs: seconds * SECOND }));
  harness.configure({ web: { max: 1, reuse: true }, other: {} });
  harness.advance(10 * SECOND);
  expect(waiting.map(({ state }) => state)).toEqual(["waiting", "closed", "waiting"]);
  harness.advance(20 * SECOND);
  expect(waiting.map(({ end }) => end)).toEqual(["timed-out", "timed-out", "timed-out"]);
});

test("who waited before a restart comes due when he would have, whatever the clock says of those who come later", () => {
  const harness = occupied();
  const before = harness.durable("web", { timeoutMs: 30 * SECOND });
  harness.advance(10 * SECOND);
  harness.restart();
  const after = harness.durable("web", { timeoutMs: 30 * SECOND });
  harness.advance(20 * SECOND);
  expect(harness.ledger.ticket(before.id)?.end).toBe("timed-out");
  expect(after.state).toBe("waiting");
  harness.advance(10 * SECOND);
  expect(after.end).toBe("timed-out");
});

test("who waits for ever keeps nobody behind him from coming due", () => {
  const harness = occupied();
  const first = harness.request("web", { timeoutMs: 30 * SECOND });
  const patient = harness.request("web");
  harness.advance(10 * SECOND);
  const last = harness.request("web", { timeoutMs: 30 * SECOND });
  harness.advance(20 * SECOND);
  expect(first.end).toBe("timed-out");
  harness.advance(10 * SECOND);
  expect([patient.state, last.end]).toEqual(["waiting", "timed-out"]);
});

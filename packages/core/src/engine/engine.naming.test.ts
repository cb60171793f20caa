/** Resources that are asked for by their names. */
import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import type { PoolSketch } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

const nameOf = (data: unknown) => (data as { name: string }).name;

/** Makes what is being made, with these names in the order of the calls. */
function make(harness: Harness, ...names: string[]): void {
  for (const name of names) {
    const call = harness.calls("allocate")[0];
    if (call === undefined || call.kind === "list") throw new Error("nothing is being made");
    harness.succeed(call, { name });
  }
}

function shelf(names: readonly string[], rest: PoolSketch = {}): Harness {
  const size = { max: names.length, warm: names.length, maxAllocating: 9 };
  const harness = new Harness({ pools: { phones: { ...size, reuse: true, nameOf, ...rest } } });
  if (harness.calls("allocate").length > 0) make(harness, ...names);
  return harness;
}

const named = (name: string) => ({ selector: { name } });

const nameOfIts = (ticket: Ticket) => ticket.resource?.marks.name;

describe("a resource by its name", () => {
  test("is lent to who asks for it, wherever it lies", () => {
    const harness = shelf(["a", "b", "c"]);
    expect(nameOfIts(harness.request("phones", named("c")))).toBe("c");
    expect(nameOfIts(harness.request("phones", named("a")))).toBe("a");
  });

  test("is waited for while somebody has it, though others are free", () => {
    const harness = shelf(["a", "b"]);
    const holder = harness.request("phones", named("a"));
    const waiting = harness.request("phones", named("a"));
    expect(waiting.state).toBe("waiting");
    harness.release(holder);
    expect(nameOfIts(waiting)).toBe("a");
  });

  test("goes to who waits for it and may have more again, though it was free all the time", () => {
    const harness = new Harness({
      pools: { phones: { max: 2, warm: 2, reuse: true, nameOf, maxAllocating: 2 } },
      self: { owners: { fair: false, policyOf: () => ({ weight: 1, maxLeases: 1, maxWaiting: 9 }) } },
    });
    make(harness, "a", "b");
    const holder = harness.request("phones", named("a"));
    const waiting = harness.request("phones", named("b"));
    // Somebody else is looked at, and served, in between.
    const other = harness.request("phones", { owner: "other", timeoutMs: 0, ...named("a") });
    expect([waiting.state, other.state]).toEqual(["waiting", "closed"]);
    harness.release(holder);
    expect(nameOfIts(waiting)).toBe("b");
  });

  test("goes to who came first, by name or not", () => {
    const harness = shelf(["a"]);
    const holder = harness.request("phones");
    const [any, one] = [harness.request("phones"), harness.request("phones", named("a"))];
    harness.release(holder);
    expect([any.state, one.state]).toEqual(["granted", "waiting"]);
  });

  test("is left to who wants just that, if another one serves who came before", () => {
    const harness = shelf(["a", "b"]);
    const holders = [harness.request("phones"), harness.request("phones")];
    const [any, one] = [harness.request("phones"), harness.request("phones", named("b"))];
    harness.input((engine, nowMs) => engine.pause(harness.pool("phones"), nowMs));
    for (const holder of holders) harness.release(holder);
    harness.input((engine, nowMs) => engine.resume(harness.pool("phones"), nowMs));
    expect([nameOfIts(any), nameOfIts(one)]).toEqual(["a", "b"]);
  });

  test("who waits for one by its name blocks nobody who would take any", () => {
    const harness = shelf(["a", "b"]);
    harness.request("phones", named("a"));
    harness.request("phones", { ...named("a"), priority: 9 });
    expect(nameOfIts(harness.request("phones"))).toBe("b");
  });

  test("that its pool can never have is no ticket", () => {
    const harness = shelf(["a"], { names: ["a", "b"] });
    expect(harness.tryRequest("phones", named("z"))).toMatchObject({ rejected: "no-pool" });
  });

  test("in a pool that names nothing is no ticket", () => {
    expect(new Harness().tryRequest("web", named("a"))).toMatchObject({ rejected: "no-pool" });
  });

  test("that was not made yet is made in its slot", () => {
    const harness = shelf([], { max: 3, names: ["a", "b", "c"] });
    const ticket = harness.request("phones", named("c"));
    expect(harness.call("allocate").resource.slot).toBe(2);
    make(harness, "c");
    expect(nameOfIts(ticket)).toBe("c");
    harness.request("phones");
    expect(harness.call("allocate").resource.slot).toBe(0);
  });

  test("survives a restart: who waits for it gets it afterwards", () => {
    const harness = shelf(["a", "b"]);
    const holder = harness.durable("phones", named("a"));
    const waiting = harness.durable("phones", named("a"));
    harness.restart();
    harness.release(harness.ledger.tickets.get(holder.id) as Ticket);
    expect(nameOfIts(harness.ledger.tickets.get(waiting.id) as Ticket)).toBe("a");
  });

  test("that is gone is not found under its old name", () => {
    const harness = shelf(["a"], { warm: 0, max: 1 });
    const ticket = harness.request("phones");
    make(harness, "a");
    harness.release(ticket, { failed: "it broke" });
    harness.succeedAll("delete");
    expect(harness.pool("phones").names.size).toBe(0);
  });

  test("a thousand names that nobody waits for any more are forgotten", () => {
    const harness = shelf(["a"]);
    for (let n = 0; n < 1_000; n++) harness.request("phones", { ...named(`n${n}`), timeoutMs: 0 });
    expect(harness.pool("phones").calls.size).toBeLessThan(250);
  });
});

/** Several in a condition, all or nothing. */
import { describe, expect, test } from "vitest";
import { Harness, type TicketSketch } from "./testing/harness.js";
import { conditions } from "./testing/shelf.js";
import type { Ticket } from "./ticket.js";

describe("several, all or nothing, by their names and in a condition", () => {
  const nameOf = (data: unknown) => (data as { name: string }).name;

  function three(): Harness {
    const pools = { web: { max: 3, warm: 3, maxAllocating: 9, reuse: true, nameOf, conditions: conditions() } };
    const harness = new Harness({ pools });
    for (const name of ["a", "b", "c"]) {
      harness.succeed(harness.calls("allocate")[0] as never, { name });
    }
    return harness;
  }

  const all = (names: readonly string[], rest: TicketSketch = {}): TicketSketch => ({
    items: names.map((name) => ({ pool: "web", count: 1, selector: { name, condition: "dirty", set: "busy" } })),
    session: undefined,
    renewal: "manual",
    ...rest,
  });

  const held = (harness: Harness) => harness.resources("leased").map(({ marks, condition }) => [marks.name, condition]);

  function dirty(harness: Harness, ...names: string[]): void {
    for (const name of names) harness.release(harness.request("web", { selector: { name } }), { condition: "dirty" });
  }

  test("takes them, and sets their condition", () => {
    const harness = three();
    dirty(harness, "a", "b");
    const ticket = harness.tryRequest(undefined, all(["b", "a"])) as Ticket;
    expect(ticket.state).toBe("granted");
    expect(held(harness)).toEqual([
      ["a", "busy"],
      ["b", "busy"],
    ]);
  });

  test("with one of them in another condition takes none: what was found does not stay leased", () => {
    const harness = three();
    dirty(harness, "a");
    const ticket = harness.tryRequest(undefined, all(["a", "b"], { timeoutMs: 0 })) as Ticket;
    expect(ticket.end).toBe("timed-out");
    expect(held(harness)).toEqual([]);
  });

  test("with one of them lent already takes none, and waits for it", () => {
    const harness = three();
    dirty(harness, "a", "b");
    const holder = harness.request("web", { selector: { name: "b", condition: "dirty" } });
    const ticket = harness.tryRequest(undefined, all(["a", "b"])) as Ticket;
    expect([ticket.state, held(harness)]).toEqual(["waiting", [["b", "dirty"]]]);
    harness.release(holder, { condition: "dirty" });
    expect(ticket.state).toBe("granted");
  });

  test("does not keep others from what it waits for", () => {
    const harness = three();
    dirty(harness, "a");
    harness.tryRequest(undefined, all(["a", "b"]));
    expect(harness.request("web", { selector: { name: "a", condition: "dirty" } }).state).toBe("granted");
  });

  test("a name or a condition that no pool has is no ticket", () => {
    expect(new Harness().tryRequest(undefined, all(["a"]))).toMatchObject({ rejected: "no-pool" });
  });
});

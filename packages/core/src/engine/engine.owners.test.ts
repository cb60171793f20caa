import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ask, scene, serve } from "./testing/owners.js";
import { HOUR, MINUTE, SECOND } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

describe("priority", () => {
  test("goes before arrival", () => {
    const harness = scene(1);
    ask(harness, "holder");
    ask(harness, "early");
    harness.advance(SECOND);
    ask(harness, "urgent", { priority: 1 });
    expect(serve(harness, 2)).toEqual(["urgent", "early"]);
  });

  test("counts as having come earlier by as much as ageing says, and no more", () => {
    const harness = scene(1, { ageingMs: MINUTE });
    ask(harness, "holder");
    ask(harness, "early");
    harness.advance(2 * MINUTE + 1);
    ask(harness, "urgent", { priority: 2 });
    ask(harness, "more urgent", { priority: 3 });
    expect(serve(harness, 3)).toEqual(["more urgent", "early", "urgent"]);
  });

  test("without ageing always goes first", () => {
    const harness = scene(1, { ageingMs: Number.POSITIVE_INFINITY });
    ask(harness, "holder");
    ask(harness, "early");
    harness.advance(HOUR);
    ask(harness, "urgent", { priority: 1 });
    ask(harness, "more urgent", { priority: 2 });
    expect(serve(harness, 3)).toEqual(["more urgent", "urgent", "early"]);
  });

  test("below the usual one waits until others are as much younger", () => {
    const harness = scene(1);
    ask(harness, "holder");
    ask(harness, "patient", { priority: -1 });
    harness.advance(MINUTE + 1);
    ask(harness, "late");
    expect(serve(harness, 2)).toEqual(["patient", "late"]);
  });

  test("ages over a restart too, by a clock that was set back as well", () => {
    const harness = scene(1);
    ask(harness, "holder", { session: undefined });
    ask(harness, "early", { session: undefined });
    harness.advance(2 * MINUTE);
    ask(harness, "urgent", { session: undefined, priority: 1 });
    harness.nowMs -= HOUR;
    harness.restart();
    ask(harness, "late", { session: undefined });
    ask(harness, "late and urgent", { session: undefined, priority: 1 });
    expect(serve(harness, 4)).toEqual(["early", "urgent", "late and urgent", "late"]);
  });
});

describe("in fair order", () => {
  test("owners take turns, however many tickets one has", () => {
    const harness = scene(1, { fair: true });
    ask(harness, "holder");
    for (let n = 0; n < 4; n++) ask(harness, "flood");
    ask(harness, "one");
    ask(harness, "two");
    expect(serve(harness, 6)).toEqual(["flood", "one", "two", "flood", "flood", "flood"]);
  });

  test("shares follow the weights", () => {
    const harness = scene(1, { fair: true, owners: { heavy: { weight: 3 } } });
    ask(harness, "holder");
    for (let n = 0; n < 40; n++) for (const owner of ["light", "heavy"]) ask(harness, owner);
    const served = serve(harness, 40);
    expect(served.filter((owner) => owner === "heavy").length).toBe(30);
  });

  test("a higher priority goes first, whosever turn it is", () => {
    const harness = scene(1, { fair: true });
    ask(harness, "holder");
    ask(harness, "a");
    ask(harness, "b", { priority: 1 });
    ask(harness, "b", { priority: 1 });
    expect(serve(harness, 3)).toEqual(["b", "b", "a"]);
  });

  test("whoever comes anew begins at the present, and catches up on nothing", () => {
    const harness = scene(1, { fair: true });
    ask(harness, "holder");
    for (let n = 0; n < 10; n++) ask(harness, "old");
    serve(harness, 5);
    for (let n = 0; n < 5; n++) ask(harness, "new");
    expect(serve(harness, 6)).toEqual(["new", "old", "new", "old", "new", "old"]);
  });

  test("whoever leaves and comes back soon has no turn before those who stayed", () => {
    const harness = scene(1, { fair: true });
    ask(harness, "holder");
    for (let n = 0; n < 6; n++) ask(harness, "stays");
    const served: string[] = [];
    for (let n = 0; n < 6; n++) {
      ask(harness, "returns");
      served.push(...serve(harness, 1));
    }
    expect(served.filter((owner) => owner === "returns").length).toBe(3);
  });

  test("who stops waiting costs his owner no turn", () => {
    const harness = scene(1, { fair: true });
    ask(harness, "holder");
    const leaving = ask(harness, "a");
    ask(harness, "b");
    ask(harness, "a");
    harness.input((engine, nowMs) => engine.giveUp(leaving, "cancelled", nowMs));
    expect(serve(harness, 2).sort()).toEqual(["a", "b"]);
  });

  test("waits come due as ever", () => {
    const harness = scene(1, { fair: true });
    ask(harness, "holder");
    const tickets = ["a", "b", "a"].map((owner) => ask(harness, owner, { timeoutMs: MINUTE }));
    harness.advance(MINUTE);
    expect(tickets.map(({ end }) => end)).toEqual(["timed-out", "timed-out", "timed-out"]);
  });

  test("a ticket's place in line is told in the order of turns", () => {
    const harness = scene(1, { fair: true, owners: { heavy: { weight: 2 } } });
    ask(harness, "holder");
    const light = [0, 1, 2].map(() => ask(harness, "light"));
    const heavy = [0, 1, 2, 3].map(() => ask(harness, "heavy"));
    const order: number[] = [];
    const foretold = [...light, ...heavy]
      .map((ticket) => ({ id: ticket.id, ahead: harness.engine.explain(ticket).ahead }))
      .sort((a, b) => a.ahead - b.ahead);
    for (let n = 0; n < 7; n++) {
      harness.release(harness.resource("leased").ticket as Ticket);
      order.push(harness.resource("leased").ticket?.id as number);
    }
    for (const { id, ahead } of foretold) expect(Math.abs(order.indexOf(id) - ahead)).toBeLessThanOrEqual(1);
  });
});

test("whoever holds nothing and waits for nothing is forgotten", () => {
  const harness = scene(2, { fair: true });
  for (let n = 0; n < 50; n++) harness.release(ask(harness, `owner-${n}`));
  const tickets = [ask(harness, "a"), ask(harness, "b"), ask(harness, "c")] as const;
  for (const ticket of tickets) harness.release(ticket);
  expect([...(harness.ledger.owners?.known ?? [])]).toEqual([]);
});

// ── Whatever happens ─────────────────────────────────────────────────────────────────────────────────────────────────

test("two owners of equal weight get as much as each other under saturation, within 10 %; by weights, in proportion", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom(1, 3),
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 60, maxLength: 60 }),
      (places, weight, bursts) => {
        const harness = scene(places, { fair: true, owners: { a: { weight } } });
        for (let n = 0; n < places; n++) ask(harness, "holder");
        const open = { a: 0, b: 0 };
        const granted = { a: 0, b: 0 };
        const fill = (owner: "a" | "b", atLeast: number) => {
          for (; open[owner] < atLeast; open[owner]++) ask(harness, owner);
        };
        for (let round = 0; round < 100; round++) {
          // Both always have some waiting; how many more, and of whom, varies.
          fill(round % 2 === 0 ? "a" : "b", 2 + (bursts[round % bursts.length] as number) * 5);
          fill("a", 2);
          fill("b", 2);
          for (const owner of serve(harness, 1)) {
            if (owner !== "a" && owner !== "b") continue;
            granted[owner] += 1;
            open[owner] -= 1;
          }
        }
        const share = granted.a / weight / granted.b;
        expect(share).toBeGreaterThan(0.9);
        expect(share).toBeLessThan(1.1);
      },
    ),
    { numRuns: 10 },
  );
});

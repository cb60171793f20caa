import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OwnerPolicy } from "./owners.js";
import { Harness } from "./testing/harness.js";
import { HOUR, MINUTE, SECOND } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

interface Rules {
  readonly fair?: boolean;
  readonly ageingMs?: number;
  readonly owners?: Readonly<Record<string, Partial<OwnerPolicy>>>;
}

const UNLIMITED: OwnerPolicy = {
  weight: 1,
  maxLeases: Number.POSITIVE_INFINITY,
  maxWaiting: Number.POSITIVE_INFINITY,
};

/** So many places, all ready. */
function scene(max: number, { fair = false, ageingMs = MINUTE, owners = {} }: Rules = {}): Harness {
  const policyOf = (owner: string) => ({ ...UNLIMITED, ...owners[owner] });
  const harness = new Harness({
    pools: { web: { max, warm: max, reuse: true } },
    self: { ageingMs, owners: { fair, policyOf } },
  });
  harness.succeedAll();
  return harness;
}

function ask(harness: Harness, owner: string, sketch: Parameters<Harness["request"]>[1] = {}): Ticket {
  return harness.request("web", { owner, ...sketch });
}

/** Whoever holds something gives it back, one after the other; says who got it, in that order. */
function serve(harness: Harness, count: number): string[] {
  const served: string[] = [];
  for (let n = 0; n < count; n++) {
    const before = new Set(harness.resources("leased").map(({ ticket }) => ticket));
    const [oldest] = harness.resources("leased").sort((a, b) => a.sinceAtMs - b.sinceAtMs || tokenOf(a) - tokenOf(b));
    harness.release(oldest?.ticket as Ticket);
    const next = harness.resources("leased").find(({ ticket }) => !before.has(ticket))?.ticket;
    if (next !== undefined) served.push(next.owner);
    harness.advance(1);
  }
  return served;
}

function tokenOf({ ticket }: { readonly ticket: Ticket | undefined }): number {
  return ticket?.token ?? 0;
}

function refused(harness: Harness, owner: string, sketch: object = {}): unknown {
  return harness.tryRequest("web", { owner, ...sketch });
}

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

describe("a quota of leases", () => {
  test("passes over whoever is at it, and looks at him again when one of his leases ends", () => {
    const harness = scene(3, { owners: { a: { maxLeases: 1 } } });
    const first = ask(harness, "a");
    const second = ask(harness, "a");
    const other = ask(harness, "b");
    expect([second.state, other.state]).toEqual(["waiting", "granted"]);
    expect(harness.pool().warm.size).toBe(1);
    harness.release(first);
    expect(second.state).toBe("granted");
  });

  test("counts everything that the owner has, wherever it is from", () => {
    const harness = new Harness({
      pools: { web: { max: 2, warm: 2 }, vm: { max: 2, warm: 2 } },
      self: { owners: { fair: false, policyOf: () => ({ ...UNLIMITED, maxLeases: 2 }) } },
    });
    harness.succeedAll();
    const tickets = ["web", "vm", "web"].map((pool) => harness.request(pool, { owner: "a" }));
    expect(tickets.map(({ state }) => state)).toEqual(["granted", "granted", "waiting"]);
    harness.release(tickets[1] as Ticket);
    expect(tickets[2]?.state).toBe("granted");
  });

  test("lets nothing be made for those who may not have it", () => {
    const harness = new Harness({
      pools: { web: { max: 9 } },
      self: { owners: { fair: false, policyOf: () => ({ ...UNLIMITED, maxLeases: 2 }) } },
    });
    for (let n = 0; n < 9; n++) ask(harness, "a");
    expect(harness.calls("allocate").length).toBe(2);
  });

  test("holds over a restart", () => {
    const harness = scene(3, { owners: { a: { maxLeases: 1 } } });
    ask(harness, "a", { session: undefined });
    const second = ask(harness, "a", { session: undefined });
    harness.restart();
    harness.succeedAll();
    expect(harness.ledger.tickets.get(second.id)?.state).toBe("waiting");
  });

  test("keeps what he waits for from nobody else", () => {
    const harness = scene(1, { owners: { a: { maxLeases: 1 } } });
    const first = ask(harness, "a");
    ask(harness, "a");
    ask(harness, "b");
    expect(serve(harness, 1)).toEqual(["a"]);
    expect(first.state).toBe("closed");
    expect(serve(harness, 1)).toEqual(["b"]);
  });

  test("counts each of several resources in one ticket", () => {
    const harness = scene(3, { owners: { a: { maxLeases: 2 } } });
    const one = ask(harness, "a");
    const party = harness.party({ web: 2 }, { owner: "a" });
    const other = harness.party({ web: 2 }, { owner: "b" });
    expect([party.state, other.state]).toEqual(["waiting", "granted"]);
    harness.release(one);
    expect(party.state).toBe("waiting");
    harness.release(other);
    expect(party.state).toBe("granted");
    harness.release(party);
    expect(ask(harness, "a").state).toBe("granted");
  });

  test("refuses at once more together than he may ever have", () => {
    const harness = scene(4, { owners: { a: { maxLeases: 2 } } });
    const items = [{ pool: "web", count: 3 }];
    expect(harness.tryRequest(undefined, { owner: "a", items })).toMatchObject({
      rejected: "quota",
      quota: "maxLeases",
      limit: 2,
    });
    expect(harness.pool().warm.size).toBe(4);
  });
});

describe("a quota of waiting tickets", () => {
  test("refuses the next one at once, and takes nothing", () => {
    const harness = scene(1, { owners: { a: { maxWaiting: 1 } } });
    ask(harness, "holder");
    ask(harness, "a");
    expect(refused(harness, "a")).toMatchObject({ rejected: "quota", quota: "maxWaiting", limit: 1 });
    expect(ask(harness, "b").state).toBe("waiting");
  });

  test("keeps nobody from what is there at once", () => {
    const harness = scene(2, { owners: { a: { maxWaiting: 0 } } });
    expect(ask(harness, "a").state).toBe("granted");
    expect(ask(harness, "a").state).toBe("granted");
    expect(refused(harness, "a")).toMatchObject({ rejected: "quota" });
  });

  test("keeps nobody from several things that are all there at once", () => {
    const harness = scene(3, { owners: { a: { maxWaiting: 0 } } });
    const items = [{ pool: "web", count: 2 }];
    expect(harness.party({ web: 2 }, { owner: "a" }).state).toBe("granted");
    expect(refused(harness, "a", { items })).toMatchObject({ rejected: "quota", quota: "maxWaiting" });
    expect(refused(harness, "a", { items, startAtMs: harness.nowMs + HOUR })).toMatchObject({ rejected: "quota" });
    expect(harness.pool().warm.size).toBe(1);
  });

  test("counts what is to start later, though there is something now", () => {
    const harness = scene(2, { owners: { a: { maxWaiting: 1 } } });
    const startAtMs = harness.nowMs + MINUTE;
    expect(ask(harness, "a", { startAtMs }).state).toBe("waiting");
    expect(refused(harness, "a", { startAtMs })).toMatchObject({ rejected: "quota", quota: "maxWaiting" });
    expect(ask(harness, "a").state).toBe("granted");
  });

  test("is free again when one was served or stopped waiting", () => {
    const harness = scene(1, { owners: { a: { maxWaiting: 1 } } });
    const holder = ask(harness, "holder");
    const first = ask(harness, "a");
    harness.input((engine, nowMs) => engine.giveUp(first, "cancelled", nowMs));
    ask(harness, "a");
    harness.release(holder);
    expect(ask(harness, "a").state).toBe("waiting");
  });

  test("counts a ticket for several things once, and one that starts later", () => {
    const harness = scene(2, { owners: { a: { maxWaiting: 2 } } });
    ask(harness, "holder");
    harness.party({ web: 2 }, { owner: "a" });
    ask(harness, "a", { startAtMs: harness.nowMs + HOUR });
    expect(refused(harness, "a")).toMatchObject({ rejected: "quota" });
  });

  test("knows a repeated request as the same", () => {
    const harness = scene(1, { owners: { a: { maxWaiting: 1 } } });
    ask(harness, "holder");
    const first = harness.durable("web", { owner: "a", requestId: "r" });
    expect(refused(harness, "a", { requestId: "r", session: undefined })).toBe(first);
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

test("nobody is granted more than his quota, whatever comes and goes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 4 })), { maxLength: 80 }),
      fc.boolean(),
      (steps, fair) => {
        const quotas = { a: 1, b: 2, c: 3 };
        const owners = Object.fromEntries(Object.entries(quotas).map(([name, maxLeases]) => [name, { maxLeases }]));
        const harness = scene(4, { fair, owners });
        for (const [owner, what] of steps) {
          const own = [...harness.ledger.allTickets()].filter((ticket) => ticket.owner === owner);
          const held = own.find(({ state }) => state === "granted");
          const waiting = own.find(({ state }) => state === "waiting");
          if (what < 2) ask(harness, owner);
          else if (what === 2 && owner !== "a") harness.party({ web: 2 }, { owner });
          else if (what === 3 && held !== undefined) harness.release(held);
          else if (waiting !== undefined) harness.input((engine, nowMs) => engine.giveUp(waiting, "cancelled", nowMs));
          for (const [name, most] of Object.entries(quotas)) {
            const has = harness.resources("leased").filter(({ ticket }) => ticket?.owner === name).length;
            expect(has).toBeLessThanOrEqual(most);
          }
        }
      },
    ),
  );
});

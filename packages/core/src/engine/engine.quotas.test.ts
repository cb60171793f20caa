/** How much one owner may have, and how many of his tickets may wait. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { ask, refused, scene, serve, UNLIMITED } from "./testing/owners.js";
import { HOUR, MINUTE } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

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

  // Found by the simulator: seed 4267640010.
  test("counts several things that are there, but beyond what their owner may have at a time", () => {
    const harness = scene(3, { owners: { a: { maxLeases: 2, maxWaiting: 0 } } });
    const items = [{ pool: "web", count: 2 }];
    expect(ask(harness, "a").state).toBe("granted");
    expect(refused(harness, "a", { items })).toMatchObject({ rejected: "quota", quota: "maxWaiting" });
  });

  test("counts several things that have to be checked first", () => {
    const harness = new Harness({
      pools: { web: { max: 3, warm: 3, check: { onAcquire: true, everyMs: HOUR } } },
      providers: { cloud: { can: { check: true } } },
      self: { owners: { fair: false, policyOf: () => ({ ...UNLIMITED, maxWaiting: 0 }) } },
    });
    harness.succeedAll();
    harness.advance(MINUTE);
    const items = [{ pool: "web", count: 2 }];
    expect(refused(harness, "a", { items })).toMatchObject({ rejected: "quota", quota: "maxWaiting" });
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

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { MINUTE, type PoolSketch, SECOND } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

/** A lease of `request`, which nobody's session renews. */
function lent(lifespan: NonNullable<PoolSketch["lease"]>["lifespan"], ticket: object = {}, lease: object = {}) {
  const harness = new Harness({
    pools: { web: { max: 1, lease: { graceMs: 30 * SECOND, ...lease, ...(lifespan && { lifespan }) } } },
  });
  const holder = harness.durable("web", ticket);
  harness.succeedAll("allocate");
  return { harness, holder };
}

function extend(harness: Harness, ticket: Ticket, byMs: number) {
  return harness.input((engine, nowMs) => engine.extend(ticket, { byMs }, nowMs));
}

describe("a lease's lifespan", () => {
  test("is counted from the grant, however long the ticket waited", () => {
    const harness = new Harness({ pools: { web: { max: 1, lease: { lifespan: { defaultMs: MINUTE } } } } });
    const holder = harness.durable();
    harness.advance(5 * MINUTE);
    harness.succeedAll("allocate");
    expect(holder.lifespanEndsAtMs).toBe(harness.nowMs + MINUTE);
  });

  test("makes the lease overdue at its end, and ends it after its grace", () => {
    const { harness, holder } = lent({ defaultMs: MINUTE });
    harness.advance(MINUTE - 1);
    expect(harness.told("overdue")).toEqual([]);
    harness.advance(1);
    expect(harness.told("overdue")).toEqual([holder]);
    expect(harness.happened("lease.overdue")).toEqual([{ graceMs: 30 * SECOND, passed: "lifespan" }]);
    harness.advance(30 * SECOND);
    expect([holder.end, holder.reason]).toEqual(["expired", "its lifespan and its grace are over"]);
  });

  test("is not made longer by renewing", () => {
    const { harness, holder } = lent({ maximumMs: 2 * MINUTE }, { ttlMs: MINUTE });
    for (let heard = 0; heard < 5; heard++) {
      harness.advance(30 * SECOND);
      if (holder.state === "granted") harness.input((engine, nowMs) => engine.renew(holder, nowMs));
    }
    expect([holder.end, holder.overdue]).toEqual(["expired", true]);
  });

  test("does not keep a lease alive that nobody renews", () => {
    const { harness, holder } = lent({ defaultMs: 10 * MINUTE }, { ttlMs: MINUTE });
    harness.advance(MINUTE);
    expect(harness.happened("lease.overdue")).toMatchObject([{ passed: "ttl" }]);
    expect(holder.expiresAtMs).toBeLessThan(holder.lifespanEndsAtMs);
  });

  test("ends the lease of a living session as well, which its ttl never does", () => {
    const harness = new Harness({
      pools: { web: { warm: 1, lease: { ttlMs: SECOND, lifespan: { maximumMs: MINUTE } } } },
    });
    harness.succeedAll();
    const holder = harness.request();
    harness.input((engine) => engine.delivered(holder));
    harness.advance(MINUTE + 30 * SECOND);
    expect(holder.end).toBe("expired");
  });

  test("that was asked for and is too long is clamped, and an event says what was asked for and given", () => {
    const { harness, holder } = lent({ maximumMs: MINUTE }, { lifespan: { forMs: 5 * MINUTE } });
    expect(holder.lifespanEndsAtMs).toBe(harness.nowMs + MINUTE);
    expect(harness.happened("lease.clamped")).toEqual([
      { askedForAtMs: harness.nowMs + 5 * MINUTE, endsAtMs: harness.nowMs + MINUTE, by: "maximum" },
    ]);
  });

  test("is kept over a restart, unlike the ttl, which begins anew", () => {
    const { harness, holder } = lent({ defaultMs: 10 * MINUTE }, { ttlMs: 5 * MINUTE });
    harness.advance(4 * MINUTE);
    harness.restart();
    const again = harness.ledger.tickets.get(holder.id) as Ticket;
    expect(again.lifespanEndsAtMs).toBe(holder.lifespanEndsAtMs);
    expect(again.expiresAtMs).toBe(harness.nowMs + 5 * MINUTE);
    harness.input((engine, nowMs) => engine.renew(again, nowMs));
    harness.advance(4 * MINUTE);
    harness.input((engine, nowMs) => engine.renew(again, nowMs));
    harness.advance(2 * MINUTE);
    expect(again.overdue).toBe(true);
  });

  test("that passed while nobody was there is overdue at once, and its holder has the grace to say so", () => {
    const { harness, holder } = lent({ defaultMs: MINUTE });
    harness.nowMs += 10 * MINUTE;
    harness.restart();
    harness.advance(0);
    const again = harness.ledger.tickets.get(holder.id);
    expect([again?.state, again?.overdue]).toEqual(["granted", true]);
    harness.advance(30 * SECOND);
    expect(again?.end).toBe("expired");
  });

  test("is no longer than it was from the start, when the clock was set back over a restart", () => {
    const { harness, holder } = lent({ defaultMs: MINUTE });
    harness.nowMs -= 3_600 * SECOND;
    harness.restart();
    expect(harness.ledger.tickets.get(holder.id)?.lifespanEndsAtMs).toBe(harness.nowMs + MINUTE);
  });

  test("that a waiting ticket asked for is kept over a restart", () => {
    const harness = new Harness({ pools: { web: { max: 1 } } });
    const { id } = harness.durable("web", { lifespan: { forMs: MINUTE } });
    harness.restart();
    harness.advance(20 * MINUTE);
    harness.succeedAll();
    const again = harness.ledger.tickets.get(id) as Ticket;
    expect(again.lifespanEndsAtMs).toBe((again.grantedAt?.atMs ?? 0) + MINUTE);
  });
});

describe("an extension", () => {
  test("makes the lifespan longer, tells so, and survives a restart", () => {
    const { harness, holder } = lent({ defaultMs: MINUTE });
    const before = holder.lifespanEndsAtMs;
    expect(extend(harness, holder, MINUTE)).toEqual({ endsAtMs: before + MINUTE });
    expect(harness.happened("lease.extended")).toEqual([{ fromAtMs: before, toAtMs: before + MINUTE }]);
    harness.restart();
    expect(harness.ledger.tickets.get(holder.id)?.lifespanEndsAtMs).toBe(before + MINUTE);
  });

  test("within the grace gives an overdue lease back to its holder", () => {
    const { harness, holder } = lent({ defaultMs: MINUTE });
    harness.advance(MINUTE + 20 * SECOND);
    extend(harness, holder, MINUTE);
    harness.advance(MINUTE - 21 * SECOND);
    expect([holder.state, holder.overdue]).toEqual(["granted", false]);
  });

  test("begins the ttl anew: whoever asks is alive", () => {
    const { harness, holder } = lent({ defaultMs: 10 * MINUTE }, { ttlMs: MINUTE });
    harness.advance(50 * SECOND);
    extend(harness, holder, MINUTE);
    expect(holder.expiresAtMs).toBe(harness.nowMs + MINUTE);
  });

  test("at the maximum is refused for good, and says until when the lease lasts", () => {
    const { harness, holder } = lent({ maximumMs: MINUTE });
    expect(extend(harness, holder, SECOND)).toEqual({ refused: "exhausted", endsAtMs: holder.lifespanEndsAtMs });
  });

  test("slides along a relative maximum, each time that somebody asks", () => {
    const { harness, holder } = lent({ relativeMaximumMs: MINUTE });
    for (let asked = 0; asked < 5; asked++) {
      harness.advance(50 * SECOND);
      expect(extend(harness, holder, 60 * MINUTE)).toEqual({ endsAtMs: harness.nowMs + MINUTE });
    }
    harness.advance(MINUTE);
    expect(holder.overdue).toBe(true);
  });

  test("goes by the pool's present maxima", () => {
    const { harness, holder } = lent({ maximumMs: MINUTE });
    harness.configure({ web: { max: 1, lease: { lifespan: { maximumMs: 10 * MINUTE } } } });
    expect(extend(harness, holder, MINUTE)).toEqual({ endsAtMs: harness.nowMs + 2 * MINUTE });
  });
});

test("whatever is asked for and extended, no lease outlives its pool's maxima and its grace", () => {
  const ms = fc.integer({ min: 1, max: 100_000 });
  const wish = fc.option(fc.oneof(fc.record({ forMs: ms }), fc.record({ untilMs: ms.map((at) => 1_000_000 + at) })));
  const limits = fc.record({ defaultMs: ms, maximumMs: ms, relativeMaximumMs: ms }, { requiredKeys: [] });
  const step = fc.record({
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    byMs: ms,
    how: fc.constantFrom("extend", "renew", "restart"),
  });
  fc.assert(
    fc.property(limits, wish, fc.option(ms), fc.array(step, { maxLength: 20 }), (lifespan, asked, ttl, steps) => {
      const { harness, holder } = lent(lifespan, {
        ...(asked !== null && { lifespan: asked }),
        ...(ttl !== null && { ttlMs: ttl }),
      });
      const startedAtMs = harness.nowMs;
      let askedAtMs = startedAtMs;
      let ticket = holder;
      for (const { afterMs, byMs, how } of steps) {
        harness.advance(afterMs);
        ticket = harness.ledger.tickets.get(holder.id) as Ticket;
        if (ticket.state !== "granted") break;
        if (how === "restart") harness.restart();
        else if (how === "renew") harness.input((engine, nowMs) => engine.renew(ticket, nowMs));
        else {
          extend(harness, ticket, byMs);
          askedAtMs = harness.nowMs;
        }
        ticket = harness.ledger.tickets.get(holder.id) as Ticket;
        expect(ticket.lifespanEndsAtMs).toBeLessThanOrEqual(
          startedAtMs + (lifespan.maximumMs ?? Number.POSITIVE_INFINITY),
        );
        const slid = Math.max(
          startedAtMs + (lifespan.relativeMaximumMs ?? 0),
          askedAtMs + (lifespan.relativeMaximumMs ?? Number.POSITIVE_INFINITY),
        );
        expect(ticket.lifespanEndsAtMs).toBeLessThanOrEqual(slid);
      }
      // A restart after its end begins the grace anew: nobody could be reached before.
      const overAtMs = Math.max(ticket.lifespanEndsAtMs, harness.ledger.startedAtMs) + 30 * SECOND;
      if (Number.isFinite(overAtMs)) {
        harness.advance(Math.max(0, overAtMs - harness.nowMs));
        expect(harness.ledger.tickets.get(holder.id)?.state).toBe("closed");
      }
    }),
    { numRuns: 100 },
  );
});

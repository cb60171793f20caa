/** Tickets that start later, leases that nobody takes, and groups that end together. */
import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { MINUTE, type PoolSketch, SECOND } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

function pool(sketch: PoolSketch = {}, can: object = {}): Harness {
  return new Harness({ pools: { web: { max: 1, reuse: true, ...sketch } }, providers: { cloud: { can } } });
}

function again(harness: Harness, { id }: Ticket): Ticket {
  return harness.ledger.tickets.get(id) as Ticket;
}

describe("a ticket that starts later", () => {
  const later = (harness: Harness, ms: number) => ({ startAtMs: harness.nowMs + ms });

  test("stands in no line before, and nothing is made for it", () => {
    const harness = pool();
    const ticket = harness.request("web", later(harness, MINUTE));
    expect([ticket.state, ticket.line, harness.resources()]).toEqual(["waiting", undefined, []]);
    harness.advance(MINUTE - 1);
    expect(harness.calls()).toEqual([]);
    harness.advance(1);
    expect(harness.calls("allocate")).toHaveLength(1);
    expect(harness.happened("ticket.started")).toHaveLength(1);
  });

  test("takes nothing that is free before its start", () => {
    const harness = pool({ warm: 1 });
    harness.succeedAll();
    const ticket = harness.request("web", later(harness, MINUTE));
    expect(ticket.state).toBe("waiting");
    harness.advance(MINUTE);
    expect(ticket.state).toBe("granted");
  });

  test("goes behind those who came before its start, and before those who come after", () => {
    const harness = pool();
    const holder = harness.request();
    harness.succeedAll();
    const ticket = harness.request("web", later(harness, MINUTE));
    const before = harness.request();
    harness.advance(MINUTE);
    const after = harness.request();
    harness.release(holder);
    expect([before, ticket, after].map(({ state }) => state)).toEqual(["granted", "waiting", "waiting"]);
    harness.release(before);
    expect(ticket.state).toBe("granted");
  });

  test("waits for as long as any other, from its start", () => {
    const harness = pool();
    const holder = harness.request();
    harness.succeedAll();
    const ticket = harness.request("web", { ...later(harness, MINUTE), timeoutMs: 30 * SECOND });
    harness.advance(90 * SECOND - 1);
    expect(ticket.state).toBe("waiting");
    harness.advance(1);
    expect([ticket.end, holder.state]).toEqual(["timed-out", "granted"]);
  });

  test("comes due in time among others of its rank", () => {
    const harness = pool();
    harness.request();
    harness.succeedAll();
    const ticket = harness.request("web", { ...later(harness, 10 * SECOND), timeoutMs: MINUTE });
    harness.advance(5 * SECOND);
    const other = harness.request("web", { timeoutMs: MINUTE });
    harness.advance(MINUTE);
    expect([other.end, ticket.state]).toEqual(["timed-out", "waiting"]);
    harness.advance(5 * SECOND);
    expect(ticket.end).toBe("timed-out");
  });

  test("is explained as not started, in all pools that could serve it", () => {
    const harness = pool();
    const ticket = harness.request("web", later(harness, MINUTE));
    harness.advance(20 * SECOND);
    const { pools, waitedMs, text } = harness.input((engine, nowMs) => engine.explain(ticket, nowMs));
    expect([pools, waitedMs]).toEqual([[{ pool: "web", obstacles: [{ why: "not-started", inMs: 40 * SECOND }] }], 0]);
    expect(text).toBe('Ticket 1 stands in no line yet: it starts in 40s. Then it may be served by pool "web".');
  });

  test("can be given up, and is forgotten then", () => {
    const harness = pool();
    const ticket = harness.request("web", later(harness, MINUTE));
    harness.input((engine, nowMs) => engine.giveUp(ticket, "cancelled", nowMs));
    expect([ticket.end, harness.ledger.early.size]).toEqual(["cancelled", 0]);
    harness.advance(2 * MINUTE);
    expect(harness.calls()).toEqual([]);
  });

  test("of request starts in the next life, if not in this one", () => {
    const harness = pool();
    const ticket = harness.durable("web", later(harness, MINUTE));
    harness.advance(30 * SECOND);
    harness.restart();
    expect(harness.ledger.early.has(again(harness, ticket))).toBe(true);
    harness.nowMs += MINUTE;
    const other = harness.durable();
    harness.advance(0);
    expect(again(harness, ticket).place).toBeGreaterThan(other.place);
  });

  test("keeps its place over a restart", () => {
    const harness = pool();
    const holder = harness.durable();
    harness.succeedAll();
    const ticket = harness.durable("web", later(harness, MINUTE));
    const before = harness.durable();
    harness.advance(MINUTE);
    harness.restart();
    harness.release(again(harness, holder));
    expect([again(harness, before).state, again(harness, ticket).state]).toEqual(["granted", "waiting"]);
  });

  test("whose pools have left by then is refused", () => {
    const harness = new Harness({ pools: { web: {}, other: {} } });
    const ticket = harness.durable("web", later(harness, MINUTE));
    harness.configure({ other: {} });
    harness.advance(MINUTE);
    expect(ticket.end).toBe("refused");
  });

  test("is granted no lease of before its start, when that has passed already", () => {
    const harness = pool({ warm: 1 });
    harness.succeedAll();
    expect(harness.request("web", { startAtMs: harness.nowMs - MINUTE }).state).toBe("granted");
  });
});

describe("a lease that its holder has to take", () => {
  const lease = { ackWithinMs: 30 * SECOND, graceMs: 10 * SECOND };
  const take = (harness: Harness, ticket: Ticket) => harness.input((engine, nowMs) => engine.taken(ticket, nowMs));

  function granted(sketch: PoolSketch = {}, ticket: object = {}) {
    const harness = pool({ lease, ...sketch }, { reset: true });
    const holder = harness.durable("web", ticket);
    harness.succeedAll("allocate");
    return { harness, holder, resource: harness.resource("leased") };
  }

  test("and does not, goes back as never used, and says why", () => {
    const { harness, holder, resource } = granted();
    harness.advance(30 * SECOND - 1);
    expect(holder.state).toBe("granted");
    harness.advance(1);
    expect([holder.end, holder.reason, holder.output]).toEqual([
      "cancelled",
      "nobody took its lease in time",
      undefined,
    ]);
    expect([resource.state, resource.uses, harness.calls("reset")]).toEqual(["ready", 0, []]);
    expect(harness.told("closed")).toEqual([holder]);
  });

  test("and does not, goes back also if its pool had left and came again meanwhile", () => {
    const { harness, holder } = granted();
    const { pools } = harness;
    harness.pools = {};
    harness.restart();
    harness.advance(60 * MINUTE);
    expect(again(harness, holder).state).toBe("granted");
    harness.configure(pools);
    harness.advance(30 * SECOND - 1);
    expect(again(harness, holder).state).toBe("granted");
    harness.advance(1);
    expect(again(harness, holder).reason).toBe("nobody took its lease in time");
  });

  test("and does not, goes to whoever waits", () => {
    const { harness, resource } = granted();
    const next = harness.request();
    harness.advance(30 * SECOND);
    expect([next.state, next.resource]).toEqual(["granted", resource]);
  });

  test("and takes, is his for as long as any other", () => {
    const { harness, holder } = granted();
    harness.advance(29 * SECOND);
    take(harness, holder);
    harness.advance(60 * MINUTE);
    expect(holder.state).toBe("granted");
    harness.release(holder);
    expect([holder.end, holder.output]).toEqual(["released", [{ pool: "web", data: expect.anything() }]]);
  });

  test("begins its ttl when it is taken", () => {
    const { harness, holder } = granted({}, { ttlMs: 20 * SECOND });
    harness.advance(29 * SECOND);
    expect(harness.told("overdue")).toEqual([]);
    take(harness, holder);
    harness.advance(20 * SECOND);
    expect(harness.told("overdue")).toEqual([holder]);
  });

  test("has its lifespan from the grant on", () => {
    const { harness, holder } = granted({ lease: { ...lease, lifespan: { defaultMs: MINUTE } } });
    const endsAtMs = harness.nowMs + MINUTE;
    harness.advance(20 * SECOND);
    take(harness, holder);
    expect(holder.lifespanEndsAtMs).toBe(endsAtMs);
  });

  test("has the whole time again after a restart, for nobody could be reached", () => {
    const { harness, holder } = granted();
    harness.advance(29 * SECOND);
    harness.restart();
    harness.advance(29 * SECOND);
    expect(again(harness, holder).state).toBe("granted");
    harness.advance(SECOND);
    expect(again(harness, holder).end).toBe("cancelled");
  });

  test("was taken, after a restart as well", () => {
    const { harness, holder } = granted();
    take(harness, holder);
    harness.restart();
    harness.advance(60 * MINUTE);
    expect(again(harness, holder).state).toBe("granted");
  });

  test("cannot be taken any more once it has gone back", () => {
    const { harness, holder, resource } = granted();
    harness.advance(30 * SECOND);
    take(harness, holder);
    expect([holder.end, resource.state]).toEqual(["cancelled", "ready"]);
  });

  test("is nothing that acquire has: its holder has it at once", () => {
    const harness = pool({ lease }, {});
    const ticket = harness.request();
    harness.succeedAll();
    harness.input((engine) => engine.delivered(ticket));
    harness.advance(10 * MINUTE);
    expect(ticket.state).toBe("granted");
  });
});

describe("ending a group", () => {
  const end = (harness: Harness, group = "run") => harness.input((engine, nowMs) => engine.endGroup(group, nowMs));

  test("ends all its leases and waits at once, and nobody else's", () => {
    const harness = pool({ max: 2 });
    const mine = [harness.durable("web", { group: "run" }), harness.request("web", { group: "run" })];
    harness.succeedAll();
    const waiting = harness.durable("web", { group: "run" });
    const early = harness.durable("web", { group: "run", startAtMs: harness.nowMs + MINUTE });
    const other = harness.durable("web", { group: "other" });
    expect(end(harness)).toEqual({ leases: 2, waiting: 2 });
    expect([...mine, waiting, early].map((ticket) => ticket.end)).toEqual(Array(4).fill("cancelled"));
    expect(mine[0]?.reason).toBe('its group "run" was ended');
    expect(
      harness
        .told("closed")
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...mine, waiting, early].map(({ id }) => id).sort());
    // What was granted and not delivered yet is as good as before.
    expect([other.state, other.resource]).toEqual(["granted", harness.resource("leased")]);
  });

  test("again does nothing", () => {
    const harness = pool();
    harness.request("web", { group: "run" });
    harness.succeedAll();
    end(harness);
    expect(end(harness)).toEqual({ leases: 0, waiting: 0 });
  });

  test("deletes what its holders had, unless it can be reset: they may be at work", () => {
    const harness = pool();
    harness.durable("web", { group: "run" });
    harness.succeedAll();
    end(harness);
    expect([harness.resource().state, harness.resource().reason]).toEqual(["deleting", "cancelled"]);
  });

  test("resets what its holders had", () => {
    const harness = pool({}, { reset: true });
    harness.durable("web", { group: "run" });
    harness.succeedAll();
    end(harness);
    expect(harness.resource().state).toBe("resetting");
  });

  test("gives back untouched what nobody took", () => {
    const harness = pool({ lease: { ackWithinMs: MINUTE } }, { reset: true });
    harness.durable("web", { group: "run" });
    harness.succeedAll();
    end(harness);
    expect(harness.resource().state).toBe("ready");
  });

  test("ends what an earlier life granted", () => {
    const harness = pool({ max: 2 });
    const ticket = harness.durable("web", { group: "run" });
    harness.succeedAll();
    harness.restart();
    expect(end(harness)).toEqual({ leases: 1, waiting: 0 });
    expect(again(harness, ticket).end).toBe("cancelled");
  });

  test("forgets the group with its last ticket", () => {
    const harness = pool();
    const ticket = harness.request("web", { group: "run" });
    harness.succeedAll();
    harness.release(ticket);
    expect(harness.ledger.groups.of("run")).toEqual([]);
  });
});

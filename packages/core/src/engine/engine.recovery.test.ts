import { describe, expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { HOUR, MINUTE, SECOND } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

describe("a new epoch", () => {
  test("takes up free resources without writing them anew, and lends them, oldest first", () => {
    const harness = new Harness({ pools: { web: { warm: 3 } } });
    harness.succeedAll();
    const before = JSON.stringify([...harness.mirror.resources]);
    const reversed = [...harness.mirror.resources].reverse();
    harness.mirror.resources.clear();
    for (const [id, record] of reversed) harness.mirror.resources.set(id, record);
    harness.events = [];
    harness.restart();
    expect(JSON.stringify([...harness.mirror.resources].reverse())).toBe(before);
    expect(harness.happened("resource.changed")).toEqual([]);
    expect(harness.request().resource?.id).toBe(1);
  });

  test("keeps leases, with their tokens and holders", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.succeedAll();
    const { id, token } = harness.durable();
    harness.restart();
    const again = harness.ledger.tickets.get(id);
    expect(again).toMatchObject({ state: "granted", token, delivered: true });
    expect(again?.resource?.ticket).toBe(again);
    harness.release(again as never);
    expect(again?.end).toBe("released");
  });

  test("ends a reset under way by deleting, for nobody knows how far it came", () => {
    const harness = new Harness({ pools: { web: { reuse: true } }, providers: { cloud: { can: { reset: true } } } });
    const ticket = harness.request();
    harness.succeedAll();
    harness.release(ticket);
    harness.restart();
    expect(harness.calls("reset")).toEqual([]);
    expect(harness.resource()).toMatchObject({ state: "deleting", reason: "interrupted-reset" });
  });

  test("does not know the outcome of an allocation, and does not repeat it", () => {
    const harness = new Harness({ pools: { web: { warm: 1, max: 1 } } });
    const { key } = harness.resource("allocating");
    harness.restart();
    expect(harness.resource("unknown").key).toBe(key);
    expect(harness.calls("allocate")).toEqual([]);
  });

  test("makes keys of its own, with numbers that were never given", () => {
    const harness = new Harness({ pools: { web: { warm: 1, max: 2 } } });
    harness.restart();
    expect(harness.resources().map(({ key }) => key)).toEqual(["wp-installa-epoch1-1", "wp-installa-epoch2-2"]);
    expect(harness.resources().map(({ slot }) => slot)).toEqual([0, 1]);
  });

  test("keeps what a person keeps, for as long as he wants", () => {
    const harness = new Harness({ pools: { web: { warm: 1, max: 1 } } });
    harness.succeedAll();
    harness.input((engine, nowMs) => engine.hold(harness.resource(), "look", HOUR, nowMs));
    harness.advance(30 * MINUTE);
    harness.restart();
    harness.advance(30 * MINUTE - 1);
    expect(harness.resource().state).toBe("held");
    harness.advance(1);
    expect(harness.resource().state).toBe("deleting");
  });

  test("gives a lost lease without an end one grace, and writes it down", () => {
    const harness = new Harness({ pools: { web: { warm: 1, max: 1 } } });
    harness.succeedAll();
    harness.durable();
    harness.mirror.tickets.clear();
    harness.restart();
    expect(harness.mirror.resources.get(1)).toMatchObject({ state: "leased", untilAtMs: harness.nowMs + 30 * SECOND });
    harness.advance(30 * SECOND);
    expect(harness.resource().reason).toBe("lost");
  });

  test("closes a granted ticket whose resource has no record", () => {
    const harness = new Harness({ pools: { web: { warm: 1, max: 1 } } });
    harness.succeedAll();
    const { id } = harness.durable();
    harness.mirror.resources.clear();
    harness.restart();
    expect(harness.ledger.tickets.get(id)).toMatchObject({ state: "closed", end: "lost" });
  });

  test("keeps the fields of records that it does not know", () => {
    const harness = new Harness({ pools: { web: { warm: 1 } } });
    harness.succeedAll();
    const ticket = harness.durable();
    const [resource, record] = [harness.mirror.resources.get(1), harness.mirror.tickets.get(ticket.id)];
    harness.mirror.resources.set(1, { ...resource, colour: "red" } as never);
    harness.mirror.tickets.set(ticket.id, { ...record, mood: "good" } as never);
    harness.restart();
    harness.release(harness.ledger.tickets.get(ticket.id) as never);
    expect(harness.mirror.resources.get(1)).toMatchObject({ state: "deleting", colour: "red" });
    expect(harness.mirror.tickets.get(ticket.id)).toMatchObject({ state: "closed", mood: "good" });
  });

  test("serves a requestId with the ticket of then, waiting, granted or closed", () => {
    const harness = new Harness({ pools: { web: { warm: 2, max: 2 } } });
    harness.succeedAll();
    const closed = harness.durable("web", { requestId: "closed" });
    harness.release(closed);
    const granted = harness.durable("web", { requestId: "granted" });
    const waiting = harness.durable("web", { requestId: "waiting" });
    expect([closed, granted, waiting].map(({ state }) => state)).toEqual(["closed", "granted", "waiting"]);
    harness.restart();
    for (const { id, order, state } of [closed, granted, waiting]) {
      expect(harness.durable("web", { requestId: order.requestId })).toMatchObject({ id, state });
    }
  });
});

describe("resources of a pool that is in no configuration any more", () => {
  const pools = { web: { warm: 1 }, old: { warm: 1 } };

  function orphaned(provider: string) {
    const harness = new Harness({ pools: { ...pools, old: { warm: 1, provider } } });
    harness.succeedAll();
    const ticket = harness.durable("old");
    harness.succeedAll();
    harness.pools = { web: pools.web };
    harness.restart();
    return { harness, ticket: harness.ledger.tickets.get(ticket.id) };
  }

  test("drain through a provider of the same name", () => {
    const { harness, ticket } = orphaned("cloud");
    expect(harness.resources("deleting").map(({ pool }) => pool.name)).toEqual(["old"]);
    harness.succeedAll();
    harness.release(ticket as never);
    harness.succeedAll();
    expect([...harness.ledger.pools.keys()]).toEqual(["web"]);
  });

  test("are stranded without one: they are reported, and neither checked nor deleted", () => {
    const { harness } = orphaned("iron");
    expect(harness.happened("pool.stranded")).toEqual([{ provider: "iron", resources: 2 }]);
    harness.advance(HOUR);
    expect(harness.calls()).toEqual([]);
    expect(harness.pool("old").total).toBe(2);
  });

  // Found by the simulator: seed 2714029539. How long it may last at most was in the configuration.
  test.each(["cloud", "iron"])("are lent for as long as they were to be, and no longer (provider %s)", (provider) => {
    const old = { provider, lease: { lifespan: { maximumMs: 2 * HOUR } } };
    const harness = new Harness({ pools: { ...pools, old } });
    const { id } = harness.durable("old", { lifespan: { forMs: HOUR } });
    harness.succeedAll();
    harness.pools = { web: pools.web };
    harness.restart();
    const holder = harness.ledger.tickets.get(id) as Ticket;
    const endsAtMs = holder.lifespanEndsAtMs;
    const extended = harness.input((engine, nowMs) => engine.extend(holder, { byMs: HOUR }, nowMs));
    expect(extended).toEqual({ refused: "exhausted", endsAtMs });
  });

  test("are looked after again when the pool comes back", () => {
    const { harness, ticket } = orphaned("iron");
    harness.configure({ ...pools, old: { warm: 1, provider: "iron" } });
    harness.tick();
    expect(harness.calls("delete")).toHaveLength(1);
    expect(harness.pool("old").provider.stranded).toBe(false);
    harness.succeedAll();
    expect(ticket?.state).toBe("granted");
    expect(harness.pool("old").warm.size).toBe(1);
  });

  test("drain when a provider of their name comes back with another pool", () => {
    const { harness, ticket } = orphaned("iron");
    harness.configure({ web: pools.web, new: { provider: "iron" } });
    harness.tick();
    harness.succeedAll("delete");
    harness.release(ticket as never);
    harness.succeedAll();
    expect([...harness.ledger.pools.keys()]).toEqual(["web", "new"]);
  });

  test("of unknown outcome are not settled by a provider that is not there, but by the one that comes back", () => {
    const harness = new Harness({
      pools: { old: { warm: 1, max: 1, provider: "iron" } },
      providers: { iron: { can: { find: true } } },
    });
    harness.pools = {};
    harness.restart();
    harness.advance(MINUTE);
    harness.configure({ old: { warm: 1, max: 1, provider: "iron" } });
    harness.advance(14 * MINUTE - 1);
    expect(harness.calls("find")).toEqual([]);
    harness.advance(1);
    expect(harness.calls("find")).toHaveLength(1);
  });

  test("refuse those who waited for them", () => {
    const harness = new Harness({ pools: { old: { max: 1 } } });
    const ticket = harness.durable("old");
    harness.pools = {};
    harness.restart();
    expect(harness.ledger.tickets.get(ticket.id)?.end).toBe("refused");
  });
});

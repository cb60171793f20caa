import { describe, expect, test } from "vitest";
import { Harness, type HarnessOptions } from "./testing/harness.js";
import { MINUTE, SECOND } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

function scene(pools: HarnessOptions["pools"], options: Omit<HarnessOptions, "pools"> = {}): Harness {
  return new Harness({ ...options, pools: pools ?? {} });
}

/** Everything that could be made is made. */
function warm(pools: Record<string, number>, options: Omit<HarnessOptions, "pools"> = {}): Harness {
  const sketches = Object.entries(pools).map(([name, max]) => [name, { max, warm: max, reuse: true }] as const);
  const harness = scene(Object.fromEntries(sketches), options);
  harness.succeedAll();
  return harness;
}

function held(ticket: Ticket): string[] {
  return (ticket.shares ?? []).flatMap(({ resource }) => (resource === undefined ? [] : [resource.pool.name]));
}

describe("a ticket for several things", () => {
  test("is granted at once when all are there, with a token each, in the order of its items", () => {
    const harness = warm({ web: 2, vm: 1 });
    const ticket = harness.party({ vm: 1, web: 2 });
    expect(ticket.state).toBe("granted");
    expect(held(ticket)).toEqual(["vm", "web", "web"]);
    expect(ticket.shares?.map(({ token }) => token)).toEqual([1, 2, 3]);
    expect(ticket.toRecord()).toMatchObject({ several: true, lease: { token: 1, resources: ticket.lent } });
    expect(harness.told("granted")).toEqual([ticket]);
  });

  test("takes nothing while one of them is missing", () => {
    const harness = warm({ web: 2, vm: 1 });
    const first = harness.request("vm");
    const ticket = harness.party({ web: 2, vm: 1 });
    expect([ticket.state, harness.pool("web").warm.size]).toEqual(["waiting", 2]);
    harness.release(first);
    expect([ticket.state, held(ticket)]).toEqual(["granted", ["web", "web", "vm"]]);
  });

  test("has kept for it what there is: a later one takes only what is left", () => {
    const harness = warm({ web: 2, vm: 1 });
    const holder = harness.request("vm");
    const party = harness.party({ web: 1, vm: 1 });
    const later = [harness.request("web"), harness.request("web")];
    expect(later.map(({ state }) => state)).toEqual(["granted", "waiting"]);
    harness.release(holder);
    expect(party.state).toBe("granted");
  });

  test("keeps nothing once its owner was granted so much else that he may not have all of it", () => {
    const policyOf = () => ({ weight: 1, maxLeases: 3, maxWaiting: Number.POSITIVE_INFINITY });
    const harness = warm({ vm: 1, web: 3 }, { self: { owners: { fair: false, policyOf } } });
    harness.request("web", { owner: "x" });
    for (const pool of ["web", "vm"]) harness.request(pool, { owner: "y", group: "run" });
    const party = harness.party({ web: 3 }, { owner: "a" });
    const own = harness.request("vm", { owner: "a" });
    const others = [harness.request("web", { owner: "b" }), harness.request("web", { owner: "b" })];
    expect([party, own, ...others].map(({ state }) => state)).toEqual(Array(4).fill("waiting"));
    harness.input((engine, nowMs) => engine.endGroup("run", nowMs));
    expect([party, own, ...others].map(({ state }) => state)).toEqual(["waiting", "granted", "granted", "granted"]);
  });

  test("waits behind those who came before it", () => {
    const harness = warm({ web: 2 });
    const holders = [harness.request(), harness.request()] as const;
    const before = harness.request();
    const party = harness.party({ web: 2 });
    harness.release(holders[0]);
    expect([before.state, party.state]).toEqual(["granted", "waiting"]);
    harness.release(holders[1]);
    expect(party.state).toBe("waiting");
    harness.release(before);
    expect(party.state).toBe("granted");
  });

  test("of a higher priority goes first", () => {
    const harness = warm({ web: 2 });
    const holders = [harness.request(), harness.request()] as const;
    const plain = harness.request();
    const party = harness.party({ web: 2 }, { priority: 1 });
    for (const holder of holders) harness.release(holder);
    expect([party.state, plain.state]).toEqual(["granted", "waiting"]);
  });

  test("has made for it what is missing, and no more", () => {
    const harness = scene({ web: { max: 5 }, vm: { max: 5 } });
    const ticket = harness.party({ web: 2, vm: 1 });
    expect([harness.calls("allocate", "web").length, harness.calls("allocate", "vm").length]).toEqual([2, 1]);
    harness.succeedAll();
    expect(held(ticket)).toEqual(["web", "web", "vm"]);
  });

  test("may want more of a pool than is made at a time", () => {
    const harness = scene({ web: { max: 5, maxAllocating: 1 } });
    const ticket = harness.party({ web: 3 });
    expect(harness.calls("allocate").length).toBe(1);
    harness.succeedAll();
    expect(held(ticket).length).toBe(3);
  });

  test("takes from pools that have its tags, whichever have some, and leaves the only one to whom nothing else will do", () => {
    const harness = scene({
      aws: { max: 1, warm: 1, tags: ["x86"] },
      arm: { max: 1, warm: 1, tags: ["x86", "gpu"] },
    });
    harness.succeedAll();
    const ticket = harness.party([
      { tags: ["x86"], count: 1 },
      { pool: "aws", count: 1 },
    ]);
    expect(held(ticket)).toEqual(["arm", "aws"]);
  });

  test("that asks for more than there may ever be is refused at once", () => {
    const harness = scene({ web: { max: 2 } });
    const ticket = harness.party({ web: 3 });
    expect([ticket.end, ticket.reason]).toEqual([
      "refused",
      'it asks for more than there may ever be: 3 of pool "web" (at most 2)',
    ]);
    expect(harness.calls("allocate")).toEqual([]);
  });

  test("that asks for more than a shared cap allows is refused at once", () => {
    const harness = scene({ web: { max: 2 }, vm: { max: 2 } }, { providers: { cloud: { max: 3 } } });
    expect(harness.party({ web: 2, vm: 2 }).end).toBe("refused");
    expect(harness.party({ web: 2, vm: 1 }).state).toBe("waiting");
  });

  test("is refused when a cap is lowered below what it asks for", () => {
    const harness = scene({ web: { max: 3 } });
    const ticket = harness.party({ web: 3 });
    harness.configure({ web: { max: 2 } });
    expect(ticket.end).toBe("refused");
  });

  test("is refused when one of its pools leaves the configuration", () => {
    const harness = scene({ web: {}, vm: {} });
    const ticket = harness.party({ web: 1, vm: 1 });
    harness.configure({ web: {} });
    expect([ticket.end, ticket.reason]).toEqual(["refused", 'no pool of the configuration serves pool "vm" any more']);
  });

  test("names a pool that nobody has: nothing is taken, and no ticket made", () => {
    const harness = warm({ web: 1 });
    const answer = harness.tryRequest(undefined, {
      items: [
        { pool: "web", count: 1 },
        { pool: "wbe", count: 1 },
      ],
    });
    expect(answer).toEqual({ rejected: "no-pool", item: { pool: "wbe", count: 1 } });
    expect([harness.pool().warm.size, harness.ledger.tickets.size]).toEqual([1, 0]);
  });

  test("that stops waiting leaves what was kept for it to others", () => {
    const harness = warm({ web: 1, vm: 1 });
    harness.request("vm");
    const party = harness.party({ web: 1, vm: 1 });
    const plain = harness.request("web");
    harness.input((engine, nowMs) => engine.giveUp(party, "cancelled", nowMs));
    expect([party.end, plain.state]).toEqual(["cancelled", "granted"]);
  });

  test("comes due like any other", () => {
    const harness = warm({ web: 1 });
    harness.request();
    const party = harness.party({ web: 1 }, { timeoutMs: MINUTE });
    harness.advance(MINUTE);
    expect([party.end, harness.told("closed")]).toEqual(["timed-out", [party]]);
  });
});

describe("two tickets for several things", () => {
  test("that each could have what the other lacks are served one after the other", () => {
    const harness = warm({ web: 1, vm: 1 });
    const holders = [harness.request("web"), harness.request("vm")] as const;
    const first = harness.party({ web: 1, vm: 1 });
    const second = harness.party({ vm: 1, web: 1 });
    harness.release(holders[1]);
    harness.release(holders[0]);
    expect([first.state, second.state]).toEqual(["granted", "waiting"]);
    harness.release(first);
    expect(second.state).toBe("granted");
  });

  test("do not block each other under a cap that their pools share", () => {
    const harness = scene(
      { web: { max: 2, reuse: true }, vm: { max: 2, reuse: true } },
      { providers: { cloud: { max: 2 } } },
    );
    const tickets = [harness.party({ web: 1, vm: 1 }), harness.party({ web: 1, vm: 1 })] as const;
    harness.succeedAll();
    expect(tickets.map(({ state }) => state)).toEqual(["granted", "waiting"]);
    harness.release(tickets[0]);
    expect(tickets[1].state).toBe("granted");
  });

  test("do not block each other though what is free fills the cap that their pools share", () => {
    const harness = scene(
      { web: { max: 2, warm: 2, reuse: true }, vm: { max: 2, reuse: true } },
      { providers: { cloud: { max: 2 } } },
    );
    harness.succeedAll();
    expect(harness.pool("web").warm.size).toBe(2);
    const first = harness.party({ web: 1, vm: 1 });
    const second = harness.party({ web: 1, vm: 1 });
    harness.succeedAll();
    expect([first.state, second.state]).toEqual(["granted", "waiting"]);
    harness.release(first);
    harness.succeedAll();
    expect(second.state).toBe("granted");
  });

  test("do not keep a place from somebody who came before them", () => {
    const harness = scene(
      { web: { max: 2, warm: 2, reuse: true }, vm: { max: 2, reuse: true } },
      { providers: { cloud: { max: 3 } } },
    );
    harness.succeedAll();
    const holder = harness.request("vm");
    harness.succeedAll();
    const before = harness.request("vm");
    const party = harness.party({ web: 2, vm: 1 });
    harness.succeedAll();
    expect([holder.state, before.state, party.state]).toEqual(["granted", "granted", "waiting"]);
  });
});

describe("nothing is kept for a ticket that lacks what cannot be had now:", () => {
  function lacking(vm: object = {}, cloud: object = {}): Harness {
    const harness = scene(
      { web: { max: 1, warm: 1 }, vm: { provider: "other", ...vm } },
      { providers: { other: cloud } },
    );
    harness.succeedAll();
    return harness;
  }

  test("its pool is paused", () => {
    const harness = lacking();
    harness.input((engine, nowMs) => engine.pause(harness.pool("vm"), nowMs));
    const party = harness.party({ web: 1, vm: 1 });
    expect([harness.request("web").state, party.state]).toEqual(["granted", "waiting"]);
  });

  test("the breaker of its provider is open", () => {
    const harness = lacking({}, { breakAfter: 1 });
    const party = harness.party({ web: 1, vm: 1 });
    expect(harness.pool("web").warm.size).toBe(1);
    harness.fail(harness.call("allocate", "vm"), "transient", { made: "nothing" });
    expect([harness.request("web").state, party.state]).toEqual(["granted", "waiting"]);
  });

  test("its pool has failed for good; unless others may still serve it, it is refused", () => {
    const harness = lacking({ onPermanent: "wait" });
    const patient = harness.party({ web: 1, vm: 1 });
    harness.fail(harness.call("allocate", "vm"), "permanent", { made: "nothing" });
    expect([harness.request("web").state, patient.state]).toEqual(["granted", "waiting"]);
    const strict = lacking();
    const refused = strict.party({ web: 1, vm: 1 });
    strict.fail(strict.call("allocate", "vm"), "permanent", { made: "nothing" });
    expect([refused.end, refused.reason]).toEqual(["refused", 'pool "vm": allocate failed: permanent']);
  });

  test("until it can be had again", () => {
    const harness = lacking({}, { breakAfter: 1 });
    const party = harness.party({ web: 1, vm: 1 });
    harness.fail(harness.call("allocate", "vm"), "transient", { made: "nothing" });
    harness.advance(SECOND);
    expect([harness.tryRequest("web")]).toMatchObject([{ state: "waiting" }]);
    harness.succeedAll();
    expect(party.state).toBe("granted");
  });
});

describe("a granted ticket for several things", () => {
  test("gives back each by itself, and is closed with the last", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 });
    const [first, second] = ticket.shares as [Ticket, Ticket];
    harness.release(first);
    expect([ticket.state, harness.pool().warm.size]).toEqual(["granted", 1]);
    harness.release(second, { failed: "it broke" });
    expect([ticket.state, ticket.end, harness.resources("deleting").length]).toEqual(["closed", "released", 1]);
    expect(harness.happened("lease.ended")).toEqual([{ end: "released" }, { end: "released", reason: "it broke" }]);
  });

  test("gives back all at once", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 }, { session: undefined });
    harness.release(ticket);
    expect([ticket.end, ticket.output?.length, harness.pool().warm.size]).toEqual(["released", 2, 2]);
  });

  test("loses the lease of a resource that died, and no other", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 });
    harness.engine.delivered(ticket);
    const [first, second] = ticket.shares as [Ticket, Ticket];
    harness.input((engine, nowMs) => engine.remove(first.resource as never, nowMs));
    expect([first.end, second.state, ticket.state]).toEqual(["lost", "granted", "granted"]);
    expect(harness.told("closed")).toEqual([first]);
    harness.release(second);
    expect(ticket.end).toBe("released");
  });

  test("is lost as a whole when a part of it died before anybody had it: the rest goes back unused", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 });
    const [first, second] = (ticket.shares ?? []).map(({ resource }) => resource);
    harness.input((engine, nowMs) => engine.remove(first as never, nowMs));
    expect([ticket.end, second?.state, second?.uses]).toEqual(["lost", "ready", 0]);
    expect(harness.told("closed")).toContain(ticket);
  });

  test("that nobody took goes back whole and unused", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 }, { timeoutMs: SECOND });
    expect(ticket.state).toBe("granted");
    harness.advance(SECOND);
    expect([ticket.end, harness.pool().warm.size, harness.resources()[0]?.uses]).toEqual(["timed-out", 2, 0]);
  });

  test("renews and loses each lease by its own deadline", () => {
    const harness = warm({ web: 2 });
    const ticket = harness.party({ web: 2 }, { session: undefined, renewal: "manual", ttlMs: MINUTE });
    const [first, second] = ticket.shares as [Ticket, Ticket];
    harness.advance(30 * SECOND);
    harness.input((engine, nowMs) => engine.renew(second, nowMs));
    harness.advance(30 * SECOND);
    expect([first.overdue, second.overdue]).toEqual([true, false]);
    harness.advance(30 * SECOND);
    expect([first.end, second.state]).toEqual(["expired", "granted"]);
  });
});

describe("over a restart a ticket for several things", () => {
  test("keeps its place in line and what is kept for it", () => {
    const harness = warm({ web: 1, vm: 1 });
    const holder = harness.durable("vm");
    const party = harness.party({ web: 1, vm: 1 }, { session: undefined });
    harness.durable("web");
    harness.restart();
    const again = harness.ledger.tickets.get(party.id) as Ticket;
    expect([again.state, harness.pool("web").warm.size]).toEqual(["waiting", 1]);
    harness.release(harness.ledger.tickets.get(holder.id) as Ticket);
    expect(held(again)).toEqual(["web", "vm"]);
  });

  test("keeps the leases that it still has, with their tokens", () => {
    const harness = warm({ web: 3 });
    const party = harness.party({ web: 3 }, { session: undefined });
    const tokens = party.shares?.map(({ token }) => token) ?? [];
    harness.release(party.shares?.[1] as Ticket);
    harness.restart();
    const again = harness.ledger.tickets.get(party.id) as Ticket;
    expect(again.shares?.map(({ token }) => token)).toEqual([tokens[0], tokens[2]]);
    harness.release(again);
    expect([again.end, again.output?.length]).toEqual(["released", 3]);
  });

  test("is lost when nothing of it has a record any more", () => {
    const harness = warm({ web: 2 });
    const party = harness.party({ web: 2 }, { session: undefined });
    harness.mirror.resources.clear();
    harness.restart();
    expect(harness.ledger.tickets.get(party.id)?.end).toBe("lost");
  });
});

test("checks before lending are made for all of it together, and count until the slowest has ended", () => {
  const check = { onAcquire: true, everyMs: Number.POSITIVE_INFINITY };
  const harness = scene(
    { web: { max: 1, warm: 1, check }, vm: { max: 1, warm: 1, check } },
    { providers: { cloud: { can: { check: true } } } },
  );
  harness.succeedAll();
  harness.advance(MINUTE);
  const party = harness.party({ web: 1, vm: 1 });
  expect(harness.calls("check").length).toBe(2);
  harness.succeed(harness.call("check", "web"));
  harness.advance(8 * SECOND);
  expect(party.state).toBe("waiting");
  harness.succeed(harness.call("check", "vm"));
  expect(party.state).toBe("granted");
});

test("a pool that drains serves those who want some of it together with others", () => {
  const harness = warm({ web: 1, vm: 1 });
  const holder = harness.request("vm");
  const party = harness.party({ web: 1, vm: 1 });
  harness.input((engine, nowMs) => engine.drain(harness.pool("web"), nowMs));
  expect(harness.pool("web").warm.size).toBe(1);
  harness.release(holder);
  expect(party.state).toBe("granted");
});

test("where one of its needs has a choice, it leaves what only that can do with to another", () => {
  const harness = warm({ web: 3, vm: 1 });
  harness.configure({ web: { max: 3, reuse: true, tags: ["any"] }, vm: { max: 1, tags: ["any"] } });
  for (const resource of harness.resources("ready")) {
    if (resource.pool.name === "vm") harness.input((engine, nowMs) => engine.remove(resource, nowMs));
  }
  harness.succeed(harness.call("delete", "vm"));
  const party = harness.party([
    { tags: ["any"], count: 2 },
    { pool: "web", count: 2 },
  ]);
  expect(harness.calls("allocate", "vm").length).toBe(1);
  harness.succeed(harness.call("allocate", "vm"));
  expect([party.state, held(party).sort()]).toEqual(["granted", ["vm", "web", "web", "web"]]);
});

test("while one waits, a paused pool lends nothing, in whatever condition, and others are served", () => {
  const names = ["free", "dirty"];
  const conditions = {
    names,
    initial: "dirty",
    released: "free",
    abandoned: "dirty",
    clean: undefined,
    silent: undefined,
  };
  const harness = scene({ bike: { max: 1, warm: 1, reuse: true, conditions }, web: { max: 1, warm: 1, reuse: true } });
  harness.succeedAll();
  harness.input((engine, nowMs) => engine.pause(harness.pool("bike"), nowMs));
  const cleaner = harness.request("bike", { selector: { condition: "dirty" } });
  const party = harness.party({ web: 1 });
  expect([cleaner.state, party.state]).toEqual(["waiting", "granted"]);
});

test("what its holder never took is as it was: in its condition, and nobody's", () => {
  const names = ["free", "busy"];
  const conditions = {
    names,
    initial: "free",
    released: "free",
    abandoned: "busy",
    clean: undefined,
    silent: undefined,
  };
  const rest = { max: 1, warm: 1, lease: { ackWithinMs: 10 * SECOND } };
  const harness = scene({
    bike: { ...rest, reuse: true, conditions },
    web: { ...rest, reuse: { within: "sandbox" } },
  });
  harness.succeedAll();
  const selector = { sandbox: "red" };
  const bike = { pool: "bike", count: 1, selector: { ...selector, set: "busy" } };
  const party = harness.party([bike, { pool: "web", count: 1, selector }], { session: undefined });
  expect(party.state).toBe("granted");
  harness.advance(11 * SECOND);
  expect(party.end).toBe("cancelled");
  expect(harness.resources("ready").map(({ uses, condition, boundTo }) => [uses, condition, boundTo])).toEqual([
    [0, "free", undefined],
    [0, undefined, undefined],
  ]);
});

test("what is kept for one does not give way to a later one who wants something younger", () => {
  const harness = scene({ web: { max: 2, reuse: true, maxAgeMs: 10 * MINUTE } });
  const party = harness.party({ web: 2 });
  const young = harness.request("web", { selector: { minLifeMs: 9 * MINUTE } });
  const [first] = harness.calls("allocate");
  if (first?.kind !== "allocate") throw new Error("nothing is being made");
  harness.succeed(first);
  expect(harness.resources("ready").length).toBe(1);
  harness.succeedAll("allocate");
  expect([party.state, young.state]).toEqual(["granted", "waiting"]);
});

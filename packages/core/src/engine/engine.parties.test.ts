import { describe, expect, test } from "vitest";
import { held, scene, warm } from "./testing/parties.js";
import { MINUTE, SECOND } from "./testing/policies.js";

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

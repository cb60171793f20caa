/** Several tickets for several things, and what is kept for one of them. */
import { describe, expect, test } from "vitest";
import type { Harness } from "./testing/harness.js";
import { scene, warm } from "./testing/parties.js";
import { MINUTE, SECOND } from "./testing/policies.js";

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

test("a pool that drains serves those who want some of it together with others", () => {
  const harness = warm({ web: 1, vm: 1 });
  const holder = harness.request("vm");
  const party = harness.party({ web: 1, vm: 1 });
  harness.input((engine, nowMs) => engine.drain(harness.pool("web"), nowMs));
  expect(harness.pool("web").warm.size).toBe(1);
  harness.release(holder);
  expect(party.state).toBe("granted");
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

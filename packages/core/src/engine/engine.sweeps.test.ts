/** What sweeps do beyond reaping: adopt, miss what is recorded, and notice that the store was rolled back. */
import { describe, expect, test } from "vitest";
import type { ListedThing, ResourceCall } from "./call.js";
import type { Harness } from "./testing/harness.js";
import { left, listing, ours } from "./testing/listing.js";
import { HOUR, MINUTE, type PoolSketch, type ProviderSketch, SECOND, self } from "./testing/policies.js";

describe("adopting", () => {
  const reap = { mode: "adopt", minAgeMs: 0 } as const;

  function adopting(provider: ProviderSketch = {}, sketch: PoolSketch = { max: 1 }): Harness {
    const harness = listing({ ...provider, reap }, sketch);
    harness.listed([left]);
    harness.advance(SECOND);
    harness.listed([left]);
    return harness;
  }

  test("takes up what an earlier life left behind", () => {
    const harness = adopting();
    expect(harness.resource()).toMatchObject({ state: "ready", key: left.key, data: left.data });
    expect(harness.request().state).toBe("granted");
  });

  test("asks first whether it is finished", () => {
    const harness = adopting({ can: { find: true } });
    expect(harness.request().state).toBe("waiting");
    harness.answer(harness.call("find"), {
      outcome: { kind: "find", found: { status: "ready", data: { id: "i-1" } } },
    });
    expect(harness.resource().state).toBe("leased");
  });

  test("checks it first, where it cannot be asked for", () => {
    const harness = adopting({ can: { check: true } });
    const ticket = harness.request();
    expect(ticket.state).toBe("waiting");
    harness.succeed(harness.call("check"));
    expect(ticket.state).toBe("granted");
  });

  test("takes up nothing that was made for a pool which is not there any more", () => {
    const harness = listing({ reap }, { max: 1 });
    const other = { ...left, tags: { ...left.tags, pool: "gone" } };
    harness.listed([other]);
    harness.advance(SECOND);
    harness.listed([other]);
    expect(harness.resource()).toMatchObject({ state: "deleting", reason: "unrecorded" });
  });

  test("leaves it in the condition of what was abandoned, where there are conditions", () => {
    const names = ["free", "dirty"];
    const rest = { initial: "free", released: "free", clean: undefined, silent: undefined };
    const harness = adopting({}, { max: 1, reuse: true, conditions: { names, abandoned: "dirty", ...rest } });
    expect(harness.resource()).toMatchObject({ state: "ready", condition: "dirty" });
    expect(harness.request().state).toBe("waiting");
  });

  test("resets it first, for nobody knows who has had it", () => {
    const harness = adopting({ can: { reset: true, find: true } });
    harness.answer(harness.call("find"), {
      outcome: { kind: "find", found: { status: "ready", data: { id: "i-1" } } },
    });
    expect(harness.resource().state).toBe("resetting");
    harness.succeed(harness.call("reset"));
    expect(harness.resource()).toMatchObject({ state: "ready", uses: 1 });
  });

  test("may leave more than the cap, and nothing is made until it fits", () => {
    const harness = listing({ reap }, { max: 1 });
    const two = [left, { ...left, key: `wp-${self.installation}-before-2` }];
    harness.listed(two);
    harness.advance(SECOND);
    harness.listed(two);
    for (let i = 0; i < 3; i++) harness.request();
    expect([harness.pool().total, harness.calls("allocate").length]).toEqual([2, 0]);
  });

  test.each<[string, ListedThing, PoolSketch]>([
    ["without data nobody could use it", { key: left.key, tags: ours }, {}],
    [
      "a record of this very life was dropped for a reason",
      { ...left, key: `wp-${self.installation}-${self.epochId}-1` },
      {},
    ],
    [
      "it is another's that has expired",
      { key: "theirs", tags: { installation: "stranger", expiresAtMs: 5 }, data: {} },
      {},
    ],
  ])("is no option where %s: it is deleted", (_, thing, sketch) => {
    const harness = listing({ reap }, sketch);
    harness.listed([thing]);
    harness.advance(5 * MINUTE);
    harness.listed([thing]);
    expect(harness.resource().state).toBe("deleting");
  });
});

describe("a recorded resource that listings lack", () => {
  function missing(can: object, sketch: PoolSketch = {}, count = 1): Harness {
    const harness = listing(
      { can },
      { warm: count, max: count, check: { attempts: 2, everyMs: HOUR }, ...sketch },
      true,
    );
    harness.listed([]);
    harness.succeedAll("allocate");
    harness.advance(5 * MINUTE);
    harness.listed([]);
    harness.advance(MINUTE);
    expect(harness.resources("ready")).toHaveLength(count);
    harness.listed([]);
    return harness;
  }

  test("is asked for by itself after two, and given up when it is absent", () => {
    const harness = missing({ find: true });
    harness.answer(harness.call("find"), { outcome: { kind: "find", found: { status: "absent" } } });
    expect(harness.resource()).toMatchObject({ state: "deleting", reason: "lost" });
  });

  test("is kept when it is there after all", () => {
    const harness = missing({ find: true });
    harness.answer(harness.call("find"), { outcome: { kind: "find", found: { status: "ready", data: {} } } });
    expect(harness.resource().state).toBe("ready");
  });

  test("is given up when it is broken", () => {
    const harness = missing({ find: true });
    harness.answer(harness.call("find"), { outcome: { kind: "find", found: { status: "broken", reason: "no disk" } } });
    expect(harness.resource()).toMatchObject({ state: "deleting", reason: "unhealthy", note: "no disk" });
  });

  test("is checked where it cannot be asked for, lent to nobody meanwhile, and given up when that fails", () => {
    const harness = missing({ check: true });
    expect(harness.request().state).toBe("waiting");
    harness.fail(harness.call("check"));
    expect(harness.resource()).toMatchObject({ state: "deleting", reason: "unhealthy" });
  });

  test("is given up where neither is possible", () => {
    expect(missing({}).resource()).toMatchObject({ state: "deleting", reason: "lost" });
  });

  test("is kept, and an event says so, when too many are missing at once", () => {
    const harness = missing({ find: true }, { maxAllocating: 4 }, 4);
    expect(harness.calls("find")).toEqual([]);
    expect(harness.happened("reap.stopped")).toEqual([{ wouldEnd: 4, limit: 10 }]);
  });

  test("that was made after the sweep began is not missing", () => {
    const harness = listing({}, { max: 1, warm: 1 });
    harness.listed([]);
    harness.advance(5 * MINUTE);
    const sweep = harness.list();
    harness.succeedAll("allocate");
    harness.listed([], sweep);
    expect(harness.resource().missing).toBe(1);
    harness.configure({ web: { max: 2, warm: 2 } });
    harness.advance(MINUTE);
    const second = harness.list();
    harness.succeedAll("allocate");
    harness.listed([], second);
    expect(harness.resources().map((resource) => resource.state)).toEqual(["deleting", "ready"]);
  });

  test("takes its lease along", () => {
    const harness = listing({ can: { find: true } }, { max: 1 }, true);
    harness.listed([]);
    const ticket = harness.request();
    harness.succeedAll("allocate");
    for (const waitMs of [5 * MINUTE, MINUTE]) {
      harness.advance(waitMs);
      harness.listed([]);
    }
    harness.answer(harness.call("find"), { outcome: { kind: "find", found: { status: "absent" } } });
    expect([ticket.end, ticket.reason]).toEqual(["lost", "the provider has it no more"]);
    harness.advance(30 * SECOND);
    expect(harness.resource().state).toBe("deleting");
  });
});

describe("a store that was rolled back", () => {
  const later: ListedThing = { key: `wp-${self.installation}-future-5k`, tags: { ...ours, epoch: 7 } };

  function rolledBack(): Harness {
    const harness = listing({ reap: { minAgeMs: 0 } }, { warm: 1 }, true);
    harness.listed([]);
    harness.succeedAll("allocate");
    harness.advance(5 * MINUTE);
    harness.listed([harness.resource().key, later]);
    return harness;
  }

  test("is noticed by things that it cannot know, and nothing is lent, made or reaped", () => {
    const harness = rolledBack();
    expect(harness.happened("store.rolled-back")).toEqual([{ keys: [later.key] }]);
    expect(harness.request().state).toBe("waiting");
    harness.advance(20 * MINUTE);
    for (const call of harness.calls("list")) harness.listed([later], call as never);
    expect(harness.resources().map(({ state }) => state)).toEqual(["ready"]);
    expect(harness.calls()).toEqual([]);
  });

  test("lends nothing that it thinks free before the listing that tells", () => {
    const harness = listing({ reap: { minAgeMs: 0 } }, { warm: 1 }, true);
    harness.listed([]);
    harness.succeedAll("allocate");
    harness.restart();
    const ticket = harness.request();
    expect(ticket.state).toBe("waiting");
    expect(harness.engine.explain(ticket).pools[0]?.obstacles).toContainEqual({
      why: "first-listing",
      provider: "cloud",
    });
    harness.listed([harness.resource().key, later]);
    expect(ticket.state).toBe("waiting");
  });

  test("is no fear of a listing that shows nothing of the kind, or that fails", () => {
    for (const fails of [false, true]) {
      const harness = listing({ reap: { minAgeMs: 0 } }, { warm: 1 }, true);
      harness.listed([]);
      harness.succeedAll("allocate");
      harness.restart();
      const ticket = harness.request();
      if (fails) harness.fail(harness.list());
      else harness.listed([harness.resource().key]);
      expect(ticket.state).toBe("granted");
    }
  });

  test("goes on when a person accepts it: what it did not know is unrecorded like anything else", () => {
    const harness = rolledBack();
    const ticket = harness.request();
    harness.input((engine, nowMs) => engine.acceptRollback(200, nowMs));
    expect(ticket.state).toBe("granted");
    expect(harness.ledger.counters.resource).toBeGreaterThan(200);
    // Tokens of the lost time may have been larger than any that the store knows.
    expect(ticket.token).toBeGreaterThan(4_000_000_000);
    for (let i = 0; i < 2; i++) {
      harness.advance(5 * MINUTE);
      for (const call of harness.calls("list")) {
        harness.listed([...harness.resources().map(({ key }) => key), later.key], call as never);
      }
    }
    expect(harness.ledger.rolledBack).toBe(undefined);
    expect((harness.calls("delete")[0] as ResourceCall).resource.key).toBe(later.key);
  });
});

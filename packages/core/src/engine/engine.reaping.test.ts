import { describe, expect, test } from "vitest";
import type { ListedThing, ResourceCall } from "./call.js";
import { Harness } from "./testing/harness.js";
import { MINUTE, type PoolSketch, type ProviderSketch, SECOND, self } from "./testing/policies.js";

const ours = { namespace: "test", installation: self.installation, pool: "web" };
/** A thing of an earlier life of a store in memory. */
const left: ListedThing = { key: `wp-${self.installation}-before-1`, tags: ours, data: { id: "i-1" } };

function listing(provider: ProviderSketch = {}, sketch: PoolSketch = {}, durable = false): Harness {
  const can = { list: true, ...provider.can };
  const harness = new Harness({
    pools: { web: sketch },
    providers: { cloud: { ...provider, can } },
    self: { durable },
  });
  harness.tick();
  return harness;
}

describe("the first sweep", () => {
  test("comes before anything is made", () => {
    const harness = listing({}, { warm: 1 });
    expect(harness.calls("allocate")).toEqual([]);
    harness.listed([]);
    expect(harness.calls("allocate")).toHaveLength(1);
  });

  test("that fails keeps nobody waiting for ever", () => {
    const harness = listing({}, { warm: 1 });
    harness.fail(harness.list());
    expect(harness.calls("allocate")).toHaveLength(1);
  });

  test("that takes too long is not waited for", () => {
    const harness = listing({}, { warm: 1 });
    const slow = harness.list();
    harness.expire(slow);
    expect(harness.calls("allocate")).toHaveLength(1);
    harness.listed([left], slow);
    expect(harness.provider().unrecorded.size).toBe(0);
  });
});

describe("sweeps", () => {
  test("come every so often", () => {
    const harness = listing();
    harness.listed([]);
    harness.advance(5 * MINUTE - 1);
    expect(harness.calls()).toEqual([]);
    harness.advance(1);
    expect(harness.calls("list")).toHaveLength(1);
  });

  test("that fail are repeated with backoff, no later than usual", () => {
    const harness = listing({ reap: { everyMs: 3 * SECOND } });
    for (const waitMs of [1, 2, 3, 3].map((seconds) => seconds * SECOND)) {
      harness.fail(harness.list());
      harness.advance(waitMs - 1);
      expect(harness.calls("list")).toEqual([]);
      harness.advance(1);
    }
  });

  test("are one at a time", () => {
    const harness = listing({}, { warm: 1 });
    harness.listed([]);
    harness.succeedAll("allocate");
    harness.advance(5 * MINUTE);
    harness.input((engine, nowMs) => engine.remove(harness.resource(), nowMs));
    harness.succeed(harness.call("delete"));
    harness.tick();
    expect(harness.calls("list")).toHaveLength(1);
  });

  test("of a provider whose last pool left come no more, and what one under way had is nobody's", () => {
    const harness = listing({ reap: { minAgeMs: 0 } });
    harness.listed([left]);
    harness.advance(SECOND);
    const sweep = harness.list();
    harness.configure({});
    harness.listed([left], sweep);
    expect(harness.resources()).toEqual([]);
    harness.advance(20 * MINUTE);
    expect(harness.calls()).toEqual([]);
  });

  test("of a provider that was replaced by another object come no more", () => {
    const harness = listing();
    harness.listed([]);
    harness.configurations.renew("cloud");
    harness.configure(harness.pools);
    harness.tick();
    harness.listed([]);
    harness.advance(6 * MINUTE);
    expect(harness.calls("list")).toHaveLength(1);
  });
});

describe("a thing of ours without a record", () => {
  test("is deleted after two sightings and the minimum age", () => {
    const harness = listing();
    harness.listed([left]);
    expect(harness.happened("reap.unrecorded")).toEqual([{ key: left.key, action: "wait" }]);
    harness.advance(MINUTE);
    harness.listed([left]);
    expect(harness.resource()).toMatchObject({
      state: "deleting",
      reason: "unrecorded",
      key: left.key,
      data: left.data,
    });
  });

  test("is not deleted before its minimum age, however often it is seen", () => {
    const harness = listing({ reap: { minAgeMs: 10 * MINUTE } });
    harness.listed([left]);
    harness.advance(5 * MINUTE);
    harness.listed([left]);
    expect(harness.resources()).toEqual([]);
    harness.advance(5 * MINUTE);
    harness.listed([left]);
    expect(harness.resources("deleting")).toHaveLength(1);
  });

  test("is seen anew after a sweep that lacked it", () => {
    const harness = listing({ reap: { minAgeMs: 0 } });
    for (const things of [[left], [], [left]]) {
      harness.listed(things);
      harness.advance(5 * MINUTE);
    }
    expect(harness.resources()).toEqual([]);
  });

  test("is only reported, if that is the mode", () => {
    const harness = listing({ reap: { mode: "report", minAgeMs: 0 } });
    for (let i = 0; i < 3; i++) {
      harness.listed([left]);
      harness.advance(MINUTE);
    }
    expect(harness.resources()).toEqual([]);
    expect(harness.happened("reap.unrecorded").at(-1)).toEqual({ key: left.key, action: "report" });
  });

  test("ends with others, so many a sweep", () => {
    const harness = listing({ reap: { limit: 2, minAgeMs: 0 } });
    const many = [1, 2, 3].map((id) => ({ ...left, key: `wp-${self.installation}-before-${id}` }));
    harness.listed(many);
    harness.advance(SECOND);
    harness.listed(many);
    expect(harness.resources("deleting")).toHaveLength(2);
    expect(harness.happened("reap.stopped")).toEqual([{ wouldEnd: 1, limit: 2 }]);
    harness.advance(SECOND);
    harness.listed(many);
    expect(harness.resources("deleting")).toHaveLength(3);
  });

  test("is no such thing if its record was dropped while the sweep was under way", () => {
    const harness = listing({}, { warm: 1, max: 1 });
    harness.listed([]);
    harness.succeedAll("allocate");
    harness.advance(5 * MINUTE);
    const sweep = harness.list();
    const { key } = harness.resource();
    harness.input((engine, nowMs) => engine.forget(harness.resource(), "gone", nowMs));
    harness.listed([key], sweep);
    expect(harness.provider().unrecorded.size).toBe(0);
  });

  test("frees its place in the cap when it is gone", () => {
    const harness = listing({ reap: { minAgeMs: 0 } }, { max: 1 });
    harness.listed([left]);
    const ticket = harness.request();
    expect(harness.calls("allocate")).toEqual([]);
    harness.advance(SECOND);
    harness.listed([]);
    harness.succeed(harness.call("allocate"));
    expect(ticket.state).toBe("granted");
  });
});

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

describe("another installation's thing", () => {
  const theirs: ListedThing = { key: "theirs", tags: { installation: "stranger", namespace: "test" } };

  test("is reported once, and left alone", () => {
    const harness = listing({ reap: { minAgeMs: 0 } });
    for (let i = 0; i < 3; i++) {
      harness.listed([theirs]);
      harness.advance(5 * MINUTE);
    }
    expect(harness.happened("reap.foreign")).toEqual([{ key: "theirs" }]);
    expect(harness.resources()).toEqual([]);
  });

  test("is deleted when it is past the end that it bears itself", () => {
    const harness = listing({ reap: { minAgeMs: 0 } });
    const expired = { ...theirs, tags: { ...theirs.tags, expiresAtMs: harness.nowMs } };
    harness.listed([expired]);
    harness.advance(5 * MINUTE);
    harness.listed([expired]);
    expect(harness.resource()).toMatchObject({ state: "deleting", key: "theirs", reason: "unrecorded" });
  });
});

describe("a recorded resource that listings lack", () => {
  function missing(can: object, sketch: PoolSketch = {}, count = 1): Harness {
    const harness = listing({ can }, { warm: count, max: count, check: { attempts: 2 }, ...sketch }, true);
    harness.listed([]);
    harness.succeedAll("allocate");
    harness.advance(5 * MINUTE);
    harness.succeedAll("check");
    harness.listed([]);
    harness.advance(SECOND);
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
    harness.advance(SECOND);
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
    for (const waitMs of [5 * MINUTE, SECOND]) {
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

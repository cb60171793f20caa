import { describe, expect, test } from "vitest";
import type { ListedThing } from "./call.js";
import { left, listing } from "./testing/listing.js";
import { MINUTE, SECOND, self } from "./testing/policies.js";

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

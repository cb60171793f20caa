import { describe, expect, test } from "vitest";
import { extendedEnd, type LifespanPolicy, lifespanEnd } from "./lifespan.js";

const NEVER = Number.POSITIVE_INFINITY;
const NOW = 10_000;
const policy = (given: Partial<LifespanPolicy> = {}): LifespanPolicy => ({
  defaultMs: NEVER,
  maximumMs: NEVER,
  relativeMaximumMs: NEVER,
  ...given,
});

describe("a lease that begins now ends", () => {
  const hour = policy({ defaultMs: 60, maximumMs: 600, relativeMaximumMs: 300 });

  test.each([
    ["never, where nobody says anything", [policy()], undefined, NEVER, undefined],
    ["never, where there is no policy", [], undefined, NEVER, undefined],
    ["after the default", [hour], undefined, NOW + 60, undefined],
    ["when it was asked to, before the default", [hour], { forMs: 20 }, NOW + 20, undefined],
    ["when it was asked to, after the default", [hour], { forMs: 200 }, NOW + 200, undefined],
    ["at the time that was asked for", [hour], { untilMs: NOW + 123 }, NOW + 123, undefined],
    ["when it was asked to, where no pool has a limit", [policy()], { forMs: 1e9 }, NOW + 1e9, undefined],
    ["exactly at its maximum, unclamped", [policy({ maximumMs: 600 })], { forMs: 600 }, NOW + 600, undefined],
    ["at its maximum, where it was asked for more", [policy({ maximumMs: 600 })], { forMs: 601 }, NOW + 600, "maximum"],
    ["at its maximum, where nobody asked for anything", [policy({ maximumMs: 600 })], undefined, NOW + 600, undefined],
    ["at the earlier maximum", [hour], { forMs: 1_000 }, NOW + 300, "relativeMaximum"],
    [
      "never later than the maximum, whichever is earlier",
      [policy({ maximumMs: 300, relativeMaximumMs: 600 })],
      { untilMs: NOW + 1_000 },
      NOW + 300,
      "maximum",
    ],
    ["at once, where the time asked for has passed", [policy()], { untilMs: NOW - 1 }, NOW - 1, undefined],
    [
      "after the shortest default of several pools",
      [policy({ defaultMs: 90 }), policy({ defaultMs: 30 }), policy()],
      undefined,
      NOW + 30,
      undefined,
    ],
    [
      "at the shortest maximum of several pools",
      [policy({ maximumMs: 90 }), policy({ maximumMs: 30 })],
      { forMs: 60 },
      NOW + 30,
      "maximum",
    ],
    [
      "at the shortest relative maximum of several pools",
      [policy({ maximumMs: 90 }), policy({ relativeMaximumMs: 30 })],
      { forMs: 60 },
      NOW + 30,
      "relativeMaximum",
    ],
    [
      "at one pool's maximum where the other's default is longer",
      [policy({ defaultMs: 90 }), policy({ maximumMs: 30 })],
      undefined,
      NOW + 30,
      undefined,
    ],
  ] as const)("%s", (_, policies, wish, endsAtMs, by) => {
    const end = lifespanEnd(policies, wish, NOW);
    expect([end.endsAtMs, end.clamped?.by]).toEqual([endsAtMs, by]);
  });

  test("says what was asked for where it was clamped", () => {
    expect(lifespanEnd([hour], { forMs: 1_000 }, NOW).clamped?.askedForAtMs).toBe(NOW + 1_000);
  });
});

describe("a lease that began at 9000 and ends at 10100 is extended to", () => {
  const lease = { startedAtMs: 9_000, endsAtMs: 10_100 };

  test.each([
    ["its end and that much", [policy()], { byMs: 50 }, 10_150, undefined],
    ["the time asked for", [policy()], { untilMs: 10_400 }, 10_400, undefined],
    [
      "its present end, by an earlier time: it never becomes shorter",
      [policy()],
      { untilMs: 10_001 },
      10_100,
      undefined,
    ],
    ["its present end, by nothing", [policy({ maximumMs: 1_100 })], { byMs: 0 }, 10_100, undefined],
    ["its maximum, counted from its start", [policy({ maximumMs: 1_200 })], { byMs: 500 }, 10_200, "maximum"],
    [
      "its relative maximum, counted from now",
      [policy({ relativeMaximumMs: 300 })],
      { byMs: 500 },
      10_300,
      "relativeMaximum",
    ],
    [
      "its present end, where a relative maximum of since would be earlier",
      [policy({ relativeMaximumMs: 20 })],
      { byMs: 500 },
      10_100,
      "relativeMaximum",
    ],
    [
      "the shortest maximum of several pools",
      [policy({ maximumMs: 5_000 }), policy({ maximumMs: 1_150 })],
      { byMs: 500 },
      10_150,
      "maximum",
    ],
  ] as const)("%s", (_, policies, wish, endsAtMs, by) => {
    const end = extendedEnd(policies, lease, wish, NOW);
    expect([end.endsAtMs, end.clamped?.by, end.exhausted]).toEqual([endsAtMs, by, false]);
  });

  test("nothing more, for good, once it is at its maximum", () => {
    const end = extendedEnd([policy({ maximumMs: 1_100 })], lease, { byMs: 1 }, NOW);
    expect([end.endsAtMs, end.exhausted]).toEqual([10_100, true]);
  });

  test("no more than its maximum from now, where the clock was set back behind its start", () => {
    const before = { startedAtMs: NOW + 5_000, endsAtMs: NOW + 100 };
    expect(extendedEnd([policy({ maximumMs: 600 })], before, { byMs: 9_000 }, NOW).endsAtMs).toBe(NOW + 600);
  });

  test("nothing, where it has no end", () => {
    const endless = { startedAtMs: 9_000, endsAtMs: NEVER };
    const end = extendedEnd([policy({ relativeMaximumMs: 5 })], endless, { byMs: 1 }, NOW);
    expect(end).toEqual({ endsAtMs: NEVER, clamped: undefined, exhausted: false });
  });
});

describe("of what is marked as a defect of poolboy", () => {
  const hour = policy({ relativeMaximumMs: 3_600 });

  test("an over-far request does not slide: looked at again later, its end is the same", () => {
    const first = lifespanEnd([hour], { untilMs: 1e12 }, NOW);
    const later = extendedEnd(
      [hour],
      { startedAtMs: NOW, endsAtMs: first.endsAtMs },
      { untilMs: first.endsAtMs },
      NOW + 1_800,
    );
    expect(later.endsAtMs).toBe(NOW + 3_600);
  });

  test("the maximum is not read from the relative maximum, nor the other way round", () => {
    expect(lifespanEnd([policy({ maximumMs: 50 })], { forMs: 90 }, NOW).clamped?.by).toBe("maximum");
    expect(lifespanEnd([policy({ relativeMaximumMs: 50 })], { forMs: 90 }, NOW).clamped?.by).toBe("relativeMaximum");
  });

  test("a clamp is told, not only applied", () => {
    expect(lifespanEnd([hour], { untilMs: 1e12 }, NOW).clamped).toEqual({ askedForAtMs: 1e12, by: "relativeMaximum" });
  });
});

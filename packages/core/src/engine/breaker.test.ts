import { describe, expect, test } from "vitest";
import { afterFailure, afterMassFailure, type Breaker, backoffMs, closedBreaker, mayAllocateAt } from "./breaker.js";

const backoff = { firstMs: 1_000, maxMs: 60_000 };
const policy = { breakAfter: 3, backoff };

describe("backoff", () => {
  test.each([
    [0, 0],
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [6, 32_000],
    [7, 60_000],
    [8, 60_000],
    [10_000, 60_000],
  ])("after %i failures in a row it is %i ms", (failures, expected) => {
    expect(backoffMs(failures, backoff, 0)).toBe(expected);
  });

  test("chance takes up to a quarter of it away", () => {
    expect(backoffMs(1, backoff, 0.5)).toBe(875);
    expect(backoffMs(7, backoff, 0.999)).toBe(45_015);
  });
});

describe("a breaker", () => {
  const broken = failTimes(3, 10_000);

  test("stays closed below its number of failures", () => {
    expect(failTimes(2, 10_000)).toEqual({ failures: 2, openUntilMs: 0, halfOpen: false });
  });

  test("opens at exactly that number, for the first backoff", () => {
    expect(broken).toEqual({ failures: 3, openUntilMs: 11_000, halfOpen: true });
  });

  test("stays open as long as it was to, whatever fails late", () => {
    expect(afterFailure(broken, "transient", 10_999, policy, 0)).toEqual(broken);
  });

  test("opens for twice as long when the next try fails", () => {
    expect(afterFailure(broken, "transient", 11_000, policy, 0)).toMatchObject({ failures: 4, openUntilMs: 13_000 });
  });

  test("knows nothing of permanent failures: they are a pool's own fault", () => {
    expect(afterFailure(closedBreaker, "permanent", 0, { ...policy, breakAfter: 1 }, 0)).toBe(closedBreaker);
  });

  test("lets nothing through while open", () => {
    expect(mayAllocateAt(broken, 0)).toBe(11_000);
  });

  test("lets one through at a time while half open", () => {
    expect(mayAllocateAt(broken, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  test("lets all through while closed", () => {
    expect(mayAllocateAt(closedBreaker, 100)).toBeLessThanOrEqual(0);
  });

  test("opens for a while when resources fail together, and no shorter than it was to", () => {
    expect(afterMassFailure(closedBreaker, 5_000, 60_000)).toEqual({
      failures: 0,
      openUntilMs: 65_000,
      halfOpen: true,
    });
    expect(afterMassFailure(broken, 5_000, 1_000).openUntilMs).toBe(11_000);
  });

  function failTimes(times: number, nowMs: number): Breaker {
    let breaker = closedBreaker;
    for (let i = 0; i < times; i++) breaker = afterFailure(breaker, "transient", nowMs, policy, 0);
    return breaker;
  }
});

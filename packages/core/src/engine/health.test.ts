import { expect, test } from "vitest";
import type { FailureKind } from "../model/failure.js";
import { failsEnMasse, judgeCheckFailure, judgeHealth } from "./health.js";

test("healthy is healthy", () => {
  expect(judgeHealth({ status: "healthy" })).toEqual({ is: "healthy" });
});

test("unhealthy is one more failed attempt, for the reason given", () => {
  expect(judgeHealth({ status: "unhealthy", reason: "no answer on port 22" })).toEqual({
    is: "failing",
    reason: "no answer on port 22",
  });
});

test("unhealthy without a reason is a failed attempt too", () => {
  expect(judgeHealth({ status: "unhealthy" })).toMatchObject({ is: "failing" });
});

test("unknown says nothing", () => {
  expect(judgeHealth({ status: "unknown" })).toEqual({ is: "unclear" });
});

test.each<[FailureKind, string]>([
  ["throttled", "unclear"],
  ["quota", "unclear"],
  ["transient", "unclear"],
  ["capacity", "failing"],
  ["permanent", "failing"],
  ["unknown", "failing"],
])("a check rejected as %s is %s", (kind, expected) => {
  expect(judgeCheckFailure({ kind, message: "no" }).is).toBe(expected);
});

test.each<FailureKind>(["throttled", "transient", "unknown"])(
  "a check that ran out of time is failing, though %s",
  (kind) => {
    expect(judgeCheckFailure({ kind, message: "too slow", timedOut: true })).toEqual({
      is: "failing",
      reason: "too slow",
    });
  },
);

test.each([
  [2, 2, false, "two are a coincidence, though they are all there are"],
  [3, 3, true, "three of three"],
  [3, 8, true, "three of eight are over a third"],
  [3, 9, false, "three of nine are exactly a third, not over it"],
  [4, 9, true, "four of nine"],
  [30, 100, false, "thirty of a hundred"],
  [34, 100, true, "thirty-four of a hundred"],
  [0, 0, false, "nothing at all"],
])("%i of %i failing: en masse is %s (%s)", (failing, checked, expected) => {
  expect(failsEnMasse(failing, checked)).toBe(expected);
});

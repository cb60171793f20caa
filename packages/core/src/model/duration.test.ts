import { expect, test } from "vitest";
import { type Duration, durationMs, formatMs, tryDurationMs } from "./duration.js";

test.each<[unknown, number]>([
  [0, 0],
  [250, 250],
  [0.4, 0],
  ["250ms", 250],
  ["30s", 30_000],
  ["1.5s", 1_500],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
])("%j is %d milliseconds", (duration, ms) => {
  expect(tryDurationMs(duration)).toBe(ms);
  // Once more: texts are remembered.
  expect(tryDurationMs(duration)).toBe(ms);
});

test.each([
  [-1],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [1e300],
  [""],
  ["30"],
  ["s"],
  ["-5s"],
  ["1w"],
  ["1 s"],
  ["1e3s"],
  ["99999999999999999d"],
  [null],
  [undefined],
  [{}],
  [[5]],
  [5n],
])("%o is no duration", (value) => {
  expect(tryDurationMs(value)).toBeUndefined();
  expect(() => durationMs(value as Duration, "timeout")).toThrow(
    expect.objectContaining({
      code: "INVALID_OPTIONS",
      message: expect.stringMatching(/^timeout: .* is not a duration\. Give milliseconds/),
      details: { problems: [{ path: "timeout", problem: "not a duration" }] },
    }),
  );
});

test.each([
  [0, "0ms"],
  [999, "999ms"],
  [1_000, "1s"],
  [12_340, "12.3s"],
  [59_940, "59.9s"],
  [59_999, "1m"],
  [60_000, "1m"],
  [250_000, "4m 10s"],
  [3_599_999, "59m 59s"],
  [7_500_000, "2h 5m"],
])("%d milliseconds are %s for people", (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});

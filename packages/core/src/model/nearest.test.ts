import { expect, test } from "vitest";
import { nearest } from "./nearest.js";

const known = ["synchronous", "waitForOwner", "max", "warm"];

test.each([
  ["synchronus", "synchronous"],
  ["waitforowner", "waitForOwner"],
  ["wiatForOwner", "waitForOwner"],
  ["maxx", "max"],
  ["wram", "warm"],
])("%s was probably meant as %s", (given, meant) => {
  expect(nearest(given, known)).toBe(meant);
});

test.each(["", "min", "timeout", "x".repeat(1_000)])("%s is near to nothing known", (given) => {
  expect(nearest(given, known)).toBe(undefined);
});

test("of two that are close, the closer one is named", () => {
  expect(nearest("sizes", ["size", "sized", "sizes2"])).toBe("size");
});

import { expect, test } from "vitest";
import { type ConfigurationMark, mayLead } from "./configuration-mark.js";

const mark = (revision: number, hash: string): ConfigurationMark => ({ revision, hash });

test.each([
  ["in a new namespace", mark(0, "a"), undefined, true],
  ["with the same configuration", mark(1, "a"), mark(1, "a"), true],
  ["with the same configuration under an older number", mark(0, "a"), mark(1, "a"), true],
  ["with a higher revision", mark(2, "b"), mark(1, "a"), true],
  ["with another configuration of the same revision", mark(1, "b"), mark(1, "a"), false],
  ["with an older revision", mark(0, "b"), mark(1, "a"), false],
])("%s", (_, own, stored, expected) => {
  expect(mayLead(own, stored)).toBe(expected);
});

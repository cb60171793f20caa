import { expect, test } from "vitest";
import { type Conditions, conditionAfter, mergeUserData, setsAside } from "./conditions.js";
import type { LeaseEnd } from "./recycle.js";

const names = ["free", "dirty", "cleaning"];
const usual: Conditions = {
  names,
  initial: "free",
  released: "free",
  abandoned: "dirty",
  clean: undefined,
  silent: undefined,
};

test.each<[string, LeaseEnd, string | undefined, Partial<Conditions>, string]>([
  ["what its holder said", "ok", "cleaning", {}, "cleaning"],
  ["released without saying: what the pool says of that", "ok", undefined, { released: "dirty" }, "dirty"],
  ["expired: as one that was abandoned", "expired", undefined, {}, "dirty"],
  ["failed, and kept: the same", "failed", undefined, {}, "dirty"],
  ["taken from a silent holder: what the rule says", "expired", "cleaning", {}, "cleaning"],
  ["a condition that its pool does not have any more counts for nothing", "ok", "broken", {}, "free"],
])("after a lease: %s", (_, end, given, conditions, expected) => {
  expect(conditionAfter(end, given, { ...usual, ...conditions })).toBe(expected);
});

test("what is abandoned is put aside unless it would be in the condition that everybody gets", () => {
  expect(setsAside(usual)).toBe(true);
  expect(setsAside({ ...usual, abandoned: "free" })).toBe(false);
});

test.each<[string, object | undefined, object, object | undefined]>([
  ["the first of it", undefined, { a: "1" }, { a: "1" }],
  ["a new key is added", { a: "1" }, { b: "2" }, { a: "1", b: "2" }],
  ["a known key is overridden", { a: "1" }, { a: "2" }, { a: "2" }],
  ["null deletes a key", { a: "1", b: "2" }, { a: null }, { b: "2" }],
  ["an empty text is a value like any other", { a: "1" }, { a: "" }, { a: "" }],
  ["with the last key nothing is left", { a: "1" }, { a: null }, undefined],
  ["undefined says nothing", { a: "1" }, { a: undefined }, { a: "1" }],
  ["nested things are replaced, not merged", { a: { x: 1 } }, { a: { y: 2 } }, { a: { y: 2 } }],
  [
    "a key of any name is only a key",
    undefined,
    JSON.parse('{ "__proto__": "x" }'),
    JSON.parse('{ "__proto__": "x" }'),
  ],
])("user data: %s", (_, before, changes, expected) => {
  const merged = mergeUserData(before as never, changes as never);
  expect(JSON.stringify(merged)).toBe(JSON.stringify(expected));
});

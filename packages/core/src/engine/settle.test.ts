import { expect, test } from "vitest";
import type { Failure } from "../model/failure.js";
import type { FoundThing } from "./call.js";
import { afterAllocateFailure, afterDeleteFind, afterFind, settlesAtMs } from "./settle.js";

test.each<[string, Partial<Failure>, string]>([
  ["a provider that is certain that nothing was made is believed", { made: "nothing" }, "gone"],
  ["a provider that says nothing of it leaves it open", {}, "unknown"],
  ["a call that ran out of time leaves it open", { timedOut: true }, "unknown"],
  ["a call that ran out of time cannot be certain", { timedOut: true, made: "nothing" }, "unknown"],
])("%s", (_, failure, expected) => {
  expect(afterAllocateFailure({ kind: "unknown", message: "no", ...failure })).toBe(expected);
});

test.each<[FoundThing["status"], string, string]>([
  ["ready", "ready", "delete-again"],
  ["pending", "ask-again", "delete-again"],
  ["absent", "gone", "gone"],
  ["broken", "deleting", "delete-again"],
])("found %s: of unknown outcome it is %s, after a delete it is %s", (status, whenUnknown, whenDeleted) => {
  const found = { status, data: {} } as FoundThing;
  expect(afterFind(found)).toBe(whenUnknown);
  expect(afterDeleteFind(found)).toBe(whenDeleted);
});

test("an allocate of this epoch settles so long after its own start", () => {
  expect(settlesAtMs(5_000, 1_000, 900, 70)).toBe(5_900);
});

test("one of an earlier epoch settles so long after the beginning of this one, and after the older leader's end", () => {
  expect(settlesAtMs(undefined, 1_000, 900, 70)).toBe(1_970);
});

test("one that settles at once settles at its start", () => {
  expect(settlesAtMs(5_000, 1_000, 0, 0)).toBe(5_000);
});

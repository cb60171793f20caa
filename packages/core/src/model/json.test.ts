import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { findNotJson } from "./json.js";

test.each([
  ["a text"],
  [0],
  [-1.5],
  [true],
  [null],
  [{}],
  [[]],
  [{ a: [{ b: null }], c: undefined }],
  [Object.assign(Object.create(null), { a: 1 })],
])("%j is JSON", (value) => {
  expect(findNotJson(value)).toBeUndefined();
});

test("an object that is in two places is JSON, and so are objects of another realm", () => {
  const shared = { n: 1 };
  expect(findNotJson({ a: shared, b: [shared, shared] })).toBeUndefined();
  expect(findNotJson(runInNewContext("({ a: [{ b: 1 }] })"))).toBeUndefined();
});

class Machine {}
const cycle: { list: unknown[] } = { list: [] };
cycle.list.push({ cycle });

test.each<[unknown, string]>([
  [undefined, "data (undefined)"],
  [Number.NaN, "data (NaN)"],
  [{ a: Number.POSITIVE_INFINITY }, "data.a (Infinity)"],
  [{ a: [1, undefined] }, "data.a[1] (undefined)"],
  [{ a: () => 1 }, "data.a (function)"],
  [{ a: 5n }, "data.a (bigint)"],
  [[Symbol("x")], "data[0] (symbol)"],
  [{ at: new Date() }, "data.at (a Date)"],
  [new Map(), "data (a Map)"],
  [{ deep: { machine: new Machine() } }, "data.deep.machine (a Machine)"],
  [runInNewContext("new Date()"), "data (a Date)"],
  [cycle, "data.list[0].cycle (a cycle)"],
])("%o is not JSON", (value, at) => {
  expect(findNotJson(value)).toBe(at);
});

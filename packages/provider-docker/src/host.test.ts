import { expect, test } from "vitest";
import { Engine } from "./engine.js";
import { Host } from "./host.js";
import type { Sighting } from "./sighting.js";

const endpoint = { kind: "socket", path: "/nowhere" } as const;
const host = () => new Host({ name: "box" }, endpoint, new Engine(endpoint, 1_000, String));
const listing = (beganAtMs: number, ...keys: string[]) => ({
  beganAtMs,
  containers: new Map(keys.map((key) => [key, { key } as Sighting])),
});

test("what is on its way takes a place, once", () => {
  const box = host();
  box.reserve("a");
  expect(box.load(listing(performance.now(), "b"))).toBe(2);
  expect(box.load(listing(performance.now(), "a", "b"))).toBe(2);
  box.release("a");
  expect(box.load(listing(performance.now(), "b"))).toBe(1);
});

test("what was made takes its place until a listing that began later tells of it, or of its end", () => {
  const box = host();
  box.reserve("a");
  const before = performance.now();
  box.made("a");
  // This listing was under way while it was made.
  expect(box.load(listing(before))).toBe(1);
  expect(box.load(listing(before, "a"))).toBe(1);
  expect(box.load(listing(performance.now() + 1))).toBe(0);
  expect(box.load(listing(before))).toBe(0);
});

import { expect, test } from "vitest";
import { itemKey, poolsFor, type Taggable } from "./match.js";

function pool(name: string, tags: Record<string, number> = {}): Taggable {
  return { name, policy: { tags: Object.entries(tags).map(([tag, priority]) => ({ name: tag, priority })) } };
}

const pools = [
  pool("small", { x86: 0, linux: 0 }),
  pool("large", { x86: 5, linux: 0, gpu: 1 }),
  pool("mac", { arm: 0 }),
  pool("plain"),
];

test.each<[string, Parameters<typeof itemKey>[0], string[]]>([
  ["a named pool serves it", { pool: "mac" }, ["mac"]],
  ["a name that no pool has leads nowhere", { pool: "windows" }, []],
  ["a tag leads to all pools that have it, the highest priority first", { tags: ["x86"] }, ["large", "small"]],
  ["equal priorities stay in the order of configuration", { tags: ["linux"] }, ["small", "large"]],
  ["a pool must have every tag", { tags: ["gpu", "x86"] }, ["large"]],
  ["the priorities of all tags add up", { tags: ["linux", "x86"] }, ["large", "small"]],
  ["tags that no single pool has together lead nowhere", { tags: ["arm", "x86"] }, []],
  ["no tags at all are had by every pool", { tags: [] }, ["small", "large", "mac", "plain"]],
  ["a name and tags must both fit", { pool: "small", tags: ["x86"] }, ["small"]],
  ["a named pool without the tag does not fit", { pool: "small", tags: ["gpu"] }, []],
])("%s", (_, item, expected) => {
  expect(poolsFor(item, pools).map(({ name }) => name)).toEqual(expected);
});

test("a negative priority puts a pool behind those that have none", () => {
  const spot = [pool("spot", { x86: -1 }), pool("sure", { x86: 0 })];
  expect(poolsFor({ tags: ["x86"] }, spot).map(({ name }) => name)).toEqual(["sure", "spot"]);
});

test("equal items have the same key, and others another", () => {
  const items = [
    { pool: "a" },
    { tags: ["a"] },
    { pool: "a", tags: ["a"] },
    { tags: ["a", "b"] },
    { tags: ["a,b"] },
    { tags: [] },
  ];
  expect(itemKey({ tags: ["a", "b"] })).toBe(itemKey({ tags: ["a", "b"] }));
  expect(new Set(items.map(itemKey)).size).toBe(items.length);
});

import { expect, test } from "vitest";
import { gather, type Need } from "./gather.js";

type Case = readonly [
  name: string,
  needs: readonly Need<string>[],
  has: Readonly<Record<string, number>>,
  found: readonly Readonly<Record<string, number>>[],
  complete: boolean,
];

const CASES: readonly Case[] = [
  ["nothing is needed", [], {}, [], true],
  ["one of one", [{ count: 1, pools: ["a"] }], { a: 1 }, [{ a: 1 }], true],
  ["one of none", [{ count: 1, pools: ["a"] }], { a: 0 }, [{}], false],
  ["less than nothing is nothing", [{ count: 1, pools: ["a"] }], { a: -2 }, [{}], false],
  ["some of what is needed is still found", [{ count: 3, pools: ["a"] }], { a: 2 }, [{ a: 2 }], false],
  [
    "two pools, both at hand",
    [
      { count: 2, pools: ["a"] },
      { count: 1, pools: ["b"] },
    ],
    { a: 5, b: 1 },
    [{ a: 2 }, { b: 1 }],
    true,
  ],
  ["the preferred pool first", [{ count: 1, pools: ["b", "a"] }], { a: 1, b: 1 }, [{ b: 1 }], true],
  ["one need out of several pools", [{ count: 3, pools: ["a", "b"] }], { a: 1, b: 2 }, [{ a: 1, b: 2 }], true],
  [
    "who has a choice makes room for who has none",
    [
      { count: 1, pools: ["a", "b"] },
      { count: 1, pools: ["a"] },
    ],
    { a: 1, b: 1 },
    [{ b: 1 }, { a: 1 }],
    true,
  ],
  [
    "room is made over several steps",
    [
      { count: 1, pools: ["a", "b"] },
      { count: 1, pools: ["b", "c"] },
      { count: 1, pools: ["a"] },
    ],
    { a: 1, b: 1, c: 1 },
    [{ b: 1 }, { c: 1 }, { a: 1 }],
    true,
  ],
  [
    "of what is not enough for all, the earlier need gets more",
    [
      { count: 2, pools: ["a"] },
      { count: 2, pools: ["a"] },
    ],
    { a: 3 },
    [{ a: 2 }, { a: 1 }],
    false,
  ],
  ["a pool that is named twice counts once", [{ count: 2, pools: ["a", "a"] }], { a: 1 }, [{ a: 1 }], false],
];

test.each(CASES)("gather: %s", (_name, needs, has, found, complete) => {
  const gathered = gather(needs, { has: (pool) => has[pool] ?? 0 });
  expect(gathered.found.map((pools) => Object.fromEntries(pools))).toEqual(found);
  expect(gathered.complete).toBe(complete);
});

test("gather: pools that share a cap give no more than the cap", () => {
  const needs = [
    { count: 2, pools: ["a"] },
    { count: 2, pools: ["b"] },
  ];
  const has = () => 2;
  expect(gather(needs, { has, together: [{ pools: ["a", "b"], has: 3 }] }).complete).toBe(false);
  expect(gather(needs, { has, together: [{ pools: ["a", "b"], has: 4 }] }).complete).toBe(true);
});

test("gather: whoever can leave a shared cap makes room under it", () => {
  const needs = [
    { count: 1, pools: ["a", "other"] },
    { count: 1, pools: ["b"] },
  ];
  const gathered = gather(needs, { has: () => 1, together: [{ pools: ["a", "b"], has: 1 }] });
  expect(gathered.found.map((pools) => Object.fromEntries(pools))).toEqual([{ other: 1 }, { b: 1 }]);
});

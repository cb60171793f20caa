import { expect, test } from "vitest";
import { allot, type Means, type Shared } from "./allot.js";
import type { Need } from "./gather.js";

interface Sketch extends Partial<Omit<Means, "shared">> {
  /** Default: a provider of its own, without a cap. */
  readonly shared?: Shared;
}

type Case = readonly [
  name: string,
  needs: readonly (Need<string> | readonly Need<string>[])[],
  pools: Readonly<Record<string, Sketch>>,
  demand: Readonly<Record<string, number>>,
  evict: Readonly<Record<string, number>>,
];

const full = (): Shared => ({ room: 0, leaving: 0 });
const one = (pool: string): Need<string> => ({ count: 1, pools: [pool] });

function sharing(shared: Shared, pools: Record<string, Sketch>): Record<string, Sketch> {
  return Object.fromEntries(Object.entries(pools).map(([name, sketch]) => [name, { ...sketch, shared }]));
}

const either = (...pools: string[]): Need<string> => ({ count: 1, pools });

const CASES: readonly Case[] = [
  ["what is free is taken", [one("a")], { a: { free: 1, room: 5 } }, { a: 1 }, {}],
  ["what is coming is taken before another is made", [one("a")], { a: { coming: 1, room: 5 } }, { a: 1 }, {}],
  ["a free place is taken", [one("a")], { a: { room: 1 } }, { a: 1 }, {}],
  ["at its cap a pool is asked for nothing", [one("a")], { a: { room: 0 } }, {}, {}],
  [
    "what is free in another pool that would do comes before making one",
    [{ count: 2, pools: ["a", "b"] }],
    { a: { room: 5 }, b: { free: 1 } },
    { b: 1, a: 1 },
    {},
  ],
  [
    "the earlier need has the last place",
    [one("b"), one("a")],
    sharing({ room: 1, leaving: 0 }, { a: { room: 5 }, b: { room: 5 } }),
    { b: 1 },
    {},
  ],
  [
    "what is free for a later need gives way to an earlier one",
    [one("b"), one("a")],
    sharing(full(), { a: { free: 1 }, b: { room: 5 } }),
    {},
    { a: 1 },
  ],
  ["what is free for somebody else gives way at the cap", [one("a")], { a: { bound: 1 } }, { a: 1 }, {}],
  [
    "what is free for somebody else gives way at a shared cap",
    [one("b")],
    sharing(full(), { a: { bound: 1 }, b: { room: 5 } }),
    {},
    { a: 1 },
  ],
  [
    "what an earlier need has keeps its place",
    [one("a"), one("b")],
    sharing(full(), { a: { free: 1 }, b: { room: 5 } }),
    { a: 1 },
    {},
  ],
  [
    "a place that is about to be free is waited for: nothing gives way for it",
    [one("b")],
    sharing({ room: 0, leaving: 1 }, { a: { free: 1 }, b: { room: 5 } }),
    {},
    {},
  ],
  [
    "a place that is about to be free is the earlier need's",
    [one("b"), one("a")],
    sharing({ room: 0, leaving: 1 }, { a: { room: 5 }, b: { room: 5 } }),
    {},
    {},
  ],
  [
    "another provider's free ones are of no use",
    [one("b")],
    { a: { free: 1, shared: full() }, b: { room: 5, shared: full() } },
    {},
    {},
  ],
  [
    "of two needs of one who asks, the one that has a choice leaves what is free to the other",
    [[either("a", "b"), one("a")]],
    { a: { free: 1 }, b: { room: 1 } },
    { a: 1, b: 1 },
    {},
  ],
  [
    "the same where the choice is between what would be made",
    [[either("a", "b"), one("a")]],
    { a: { room: 1 }, b: { room: 1 } },
    { a: 1, b: 1 },
    {},
  ],
  [
    "over any number of steps",
    [[either("a", "b"), either("b", "c"), either("a", "b")]],
    { a: { free: 1 }, b: { coming: 1 }, c: { room: 1 } },
    { a: 1, b: 1, c: 1 },
    {},
  ],
  [
    "under a shared cap, too",
    [[either("a", "b"), one("c")]],
    {
      ...sharing({ room: 1, leaving: 0 }, { a: { room: 1 }, c: { room: 1 } }),
      b: { room: 1 },
    },
    { b: 1, c: 1 },
    {},
  ],
  [
    "but none makes another where something is free for him",
    [[either("a", "b"), either("a", "b")]],
    { a: { room: 5 }, b: { free: 2 } },
    { b: 2 },
    {},
  ],
  [
    "and an earlier one leaves nothing to a later one",
    [[either("a", "b")], [one("a")]],
    { a: { free: 1 }, b: { room: 1 } },
    { a: 1 },
    {},
  ],
  ["in backoff a pool takes nobody's place", [one("b")], sharing(full(), { a: { free: 1 }, b: { room: 0 } }), {}, {}],
];

test.each(CASES)("allot: %s", (_name, needs, pools, demand, evict) => {
  const means = new Map<string, Means>();
  for (const [name, sketch] of Object.entries(pools)) {
    means.set(name, {
      free: 0,
      bound: 0,
      coming: 0,
      room: 0,
      shared: { room: Number.POSITIVE_INFINITY, leaving: 0 },
      ...sketch,
    });
  }
  const allotted = allot(needs.map((one) => (Array.isArray(one) ? one : [one])) as (readonly Need<string>[])[], means);
  expect(Object.fromEntries(allotted.demand)).toEqual(demand);
  expect(Object.fromEntries(allotted.evict)).toEqual(evict);
});

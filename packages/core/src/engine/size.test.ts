import { expect, test } from "vitest";
import { type Offer, type Shared, type Supply, shareDemand, toMakeRoom, wanted } from "./size.js";

const nothing: Supply = {
  waiting: 0,
  free: 0,
  coming: 0,
  total: 0,
  allocating: 0,
  max: 10,
  warm: 0,
  maxAllocating: 10,
};

test.each<[string, Partial<Supply>, { forDemand: number; forBuffer: number }]>([
  ["an empty pool without a buffer makes nothing", {}, { forDemand: 0, forBuffer: 0 }],
  ["an empty pool fills its buffer", { warm: 3 }, { forDemand: 0, forBuffer: 3 }],
  ["a full buffer needs nothing", { warm: 3, free: 3, total: 3 }, { forDemand: 0, forBuffer: 0 }],
  [
    "what is coming counts towards the buffer",
    { warm: 3, free: 1, coming: 2, total: 3 },
    { forDemand: 0, forBuffer: 0 },
  ],
  ["each who waits gets one made", { waiting: 2 }, { forDemand: 2, forBuffer: 0 }],
  ["who waits and the buffer are both made for", { waiting: 2, warm: 3 }, { forDemand: 2, forBuffer: 3 }],
  ["what is coming is for those who wait first", { waiting: 2, coming: 2, warm: 1 }, { forDemand: 0, forBuffer: 1 }],
  ["what is left of it is for the buffer", { waiting: 1, coming: 3, warm: 2 }, { forDemand: 0, forBuffer: 0 }],
  ["demand comes before the buffer", { waiting: 2, warm: 3, max: 3 }, { forDemand: 2, forBuffer: 1 }],
  ["demand takes all of the room there is", { waiting: 5, warm: 3, max: 3 }, { forDemand: 3, forBuffer: 0 }],
  ["a pool exactly at its cap makes nothing", { waiting: 5, warm: 3, total: 10 }, { forDemand: 0, forBuffer: 0 }],
  ["one place below its cap it makes one", { waiting: 5, total: 9 }, { forDemand: 1, forBuffer: 0 }],
  ["a pool above its cap makes nothing", { waiting: 5, total: 12 }, { forDemand: 0, forBuffer: 0 }],
  ["no more are made at once than allowed", { waiting: 5, maxAllocating: 2 }, { forDemand: 2, forBuffer: 0 }],
  [
    "those being made count",
    { waiting: 5, coming: 1, allocating: 1, maxAllocating: 2 },
    { forDemand: 1, forBuffer: 0 },
  ],
  [
    "as many as allowed are being made",
    { waiting: 5, allocating: 2, maxAllocating: 2 },
    { forDemand: 0, forBuffer: 0 },
  ],
  [
    "more free ones than wait or are kept need nothing",
    { waiting: 1, free: 9, warm: 2 },
    { forDemand: 0, forBuffer: 0 },
  ],
])("%s", (_, supply, expected) => {
  expect(wanted({ ...nothing, ...supply })).toEqual(expected);
});

type Sketch = Partial<Omit<Offer, "shared">> & { readonly shared?: string };

/** Shares out demand among pools that are said by name; `shared` names their provider, with room of its own. */
function share(lines: [number, string][], pools: Record<string, Sketch>, providers: Record<string, Shared> = {}) {
  const everything = Number.POSITIVE_INFINITY;
  const offers = new Map<string, Offer>();
  for (const [name, { shared: provider = "", supply = 0, room = 0, yields = 0, hopeful = true }] of Object.entries(
    pools,
  )) {
    offers.set(name, { supply, room, yields, hopeful, shared: providers[provider] ?? { room: everything, yields: 0 } });
  }
  const queues = lines.map(([waiting, names]) => ({ waiting, pools: names.split(" ") }));
  return Object.fromEntries(shareDemand(queues, offers));
}

test("who waits is served by what is free or coming anyway, wherever that is", () => {
  expect(share([[2, "a b"]], { a: { room: 5 }, b: { supply: 2 } })).toEqual({ b: 2 });
});

test("what others only may have gives way after there is no room anywhere, and before other pools must", () => {
  expect(share([[2, "a b"]], { a: { yields: 1 }, b: { room: 1 } })).toEqual({ a: 1, b: 1 });
  const offers = { a: { shared: "cloud" }, b: { yields: 1, shared: "cloud" } };
  expect(share([[1, "a b"]], offers, { cloud: { room: 0, yields: 1 } })).toEqual({ b: 1 });
});

test("what is not free anywhere is made by the preferred pool", () => {
  expect(share([[3, "a b"]], { a: { room: 5 }, b: { supply: 1, room: 5 } })).toEqual({ a: 2, b: 1 });
});

test("what the preferred pool has no room for is made by the next", () => {
  expect(share([[3, "a b"]], { a: { room: 2 }, b: { room: 5 } })).toEqual({ a: 2, b: 1 });
});

test("who has no choice chooses first", () => {
  expect(
    share(
      [
        [1, "a b"],
        [1, "a"],
      ],
      { a: { supply: 1 }, b: { room: 1 } },
    ),
  ).toEqual({ a: 1, b: 1 });
});

test("nothing is promised twice", () => {
  expect(
    share(
      [
        [1, "a b"],
        [1, "a c"],
      ],
      { a: { supply: 1 }, b: { room: 1 }, c: { room: 1 } },
    ),
  ).toEqual({ a: 1, c: 1 });
});

test("who is left waits for the first pool that may have room again", () => {
  expect(share([[1, "a b"]], { a: { hopeful: false }, b: {} })).toEqual({ b: 1 });
});

test("where none may have room, who is left waits for the preferred one", () => {
  expect(share([[1, "a b"]], { a: { hopeful: false }, b: { hopeful: false } })).toEqual({ a: 1 });
});

test("pools of one provider share its room", () => {
  const pools = { a: { room: 5, shared: "cloud" }, b: { room: 5, shared: "cloud" }, c: { room: 5 } };
  expect(share([[3, "a b c"]], pools, { cloud: { room: 2, yields: 0 } })).toEqual({ a: 2, c: 1 });
});

test("a full provider is passed over for one with room", () => {
  expect(
    share([[1, "a b"]], { a: { room: 5, shared: "cloud" }, b: { room: 1 } }, { cloud: { room: 0, yields: 5 } }),
  ).toEqual({ b: 1 });
});

test("where all providers are full, others must give way for the first pool that is not at its own cap", () => {
  const pools = { a: { shared: "cloud" }, b: { room: 1, shared: "cloud" } };
  expect(share([[1, "a b"]], pools, { cloud: { room: 0, yields: 1 } })).toEqual({ b: 1 });
});

test("where nobody could give way for the preferred pool, others do for the next", () => {
  const pools = { a: { room: 1, shared: "cloud" }, b: { room: 1, shared: "iron" } };
  const providers = { cloud: { room: 0, yields: 0 }, iron: { room: -1, yields: 1 } };
  expect(share([[1, "a b"]], pools, providers)).toEqual({ b: 1 });
});

test("nobody gives way twice", () => {
  const pools = { a: { room: 1, shared: "cloud" }, b: { room: 1, shared: "cloud", hopeful: false } };
  expect(share([[2, "a b"]], pools, { cloud: { room: 0, yields: 1 } })).toEqual({ a: 2 });
});

test("a pool above its cap has no room", () => {
  expect(share([[1, "a b"]], { a: { room: -2, supply: -1 }, b: { room: 1 } })).toEqual({ b: 1 });
});

test.each([
  ["as many give way as are missing", 2, 0, 0, 2],
  ["what is free already need not be freed", 2, 1, 0, 1],
  ["what is being deleted already gives way", 2, 0, 1, 1],
  ["enough room needs nobody to give way", 2, 2, 0, 0],
  ["more room than needed needs nobody to give way", 1, 5, 5, 0],
  ["above the cap, the excess has to go as well", 1, -1, 1, 1],
])("%s", (_, unmet, room, leaving, expected) => {
  expect(toMakeRoom(unmet, room, leaving)).toBe(expected);
});

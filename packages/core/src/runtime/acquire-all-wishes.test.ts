import { describe, expect, test } from "vitest";
import { createManager, definePool, factoryProvider, inventoryProvider } from "../index.js";
import { MapStore } from "./testing/map-store.js";
import { SharedMap, SharedMapStore } from "./testing/shared-map-store.js";
import { SimulatedClock } from "./testing/simulated-clock.js";

const ITEMS = { anna: { port: 1 }, berta: { port: 2 }, carl: { port: 3 } };

function scene(store: MapStore | SharedMapStore = new MapStore()) {
  let made = 0;
  const clock = new SimulatedClock();
  const phones = inventoryProvider({ name: "phones", items: ITEMS });
  const builders = factoryProvider({ name: "builders", create: () => ({ n: ++made }) });
  const manager = createManager({
    clock,
    store: store as MapStore,
    pools: {
      phones: definePool({ provider: phones, max: 2, warm: 2, conditions: ["free", "dirty", "busy"] }),
      vm: definePool({ provider: builders, max: 4, reuse: { within: "sandbox" }, maxAge: "2h" }),
    },
    aliases: { any: ["vm"] },
  });
  return { manager };
}

describe.each([
  ["one process", () => scene()],
  ["several processes", () => scene(new SharedMapStore(new SharedMap()))],
])("of several things on a store of %s, each has what it wishes for itself", (_where, setUp) => {
  test("a condition to be in, and one to get", async () => {
    const { manager } = setUp();
    await (await manager.acquire({ pool: "phones", name: "anna" })).release({ condition: "dirty" });
    const items = [{ pool: "vm" }, { pool: "phones", condition: "dirty", set: "busy" }, { pool: "phones" }] as const;
    const leases = await manager.acquireAll(items);
    expect(leases.map(({ name, condition }) => [name, condition])).toEqual([
      [undefined, undefined],
      ["anna", "busy"],
      ["berta", "free"],
    ]);
  });

  test("the one of that name, which is made if it is not there", async () => {
    const { manager } = setUp();
    const leases = await manager.acquireAll([
      { pool: "phones", name: "carl", set: "busy" },
      { pool: "phones", name: "anna" },
    ]);
    expect(leases.map(({ name, condition }) => [name, condition])).toEqual([
      ["carl", "busy"],
      ["anna", "free"],
    ]);
  });
});

test("what was granted for a condition, and never taken, is in that condition again", async () => {
  const clock = new SimulatedClock();
  const pools = {
    phones: definePool({
      provider: inventoryProvider({ name: "phones", items: ITEMS }),
      max: 2,
      warm: 2,
      conditions: ["free", "dirty", "busy"],
      lease: { ackWithin: "1m" },
    }),
  };
  const manager = createManager({ clock, pools });
  await (await manager.acquire({ pool: "phones", name: "anna" })).release({ condition: "dirty" });
  const items = [{ pool: "phones" }, { pool: "phones", condition: "dirty" }] as const;
  const ticket = await manager.request({ items, set: "busy" });
  await clock.advance(60_000);
  expect(ticket.status()).toMatchObject({ state: "closed", end: "cancelled" });
  const found = (await manager.resources()).map(({ name, condition, state }) => [name, condition, state]);
  expect(found.sort()).toEqual([
    ["anna", "dirty", "ready"],
    ["berta", "free", "ready"],
  ]);
});

test.each([
  ["name", "anna"],
  ["alias", "any"],
  ["tags", ["x86_64"]],
  ["pool", "vm"],
])("which one it is, each of several things says for itself: %s of the whole is an error", async (key, value) => {
  const { manager } = scene();
  const wrong = { code: "INVALID_OPTIONS", message: `${key}: is for each of several things: give it to the items.` };
  await expect(manager.acquireAll([{ pool: "vm" }], { [key]: value })).rejects.toMatchObject(wrong);
  await expect(manager.request({ items: [{ pool: "vm" }], [key]: value } as never)).rejects.toMatchObject(wrong);
});

test.each([
  [
    [
      { pool: "phones", name: "anna" },
      { pool: "phones", name: "anna" },
    ],
  ],
  [[{ pool: "phones", name: "anna", count: 2 }]],
  [[{ pool: "phones", name: "berta" }, { pool: "vm" }, { name: "berta" }]],
] as const)("more of one name than there may be is refused at once: %j", async (items) => {
  const { manager } = scene();
  const message = expect.stringMatching(/asks for "(anna|berta)" more often than there may ever be one/);
  await expect(manager.acquireAll(items)).rejects.toMatchObject({ code: "REFUSED", message });
});

test.each([
  ["minLife", "1h", "minLife: cannot be given for several things: ask for each by itself."],
  ["sandboxes", "one", 'sandboxes: unknown option, did you mean "sandbox"?'],
])("what is not for several things is an error: %s", async (key, value, message) => {
  const { manager } = scene();
  const wrong = { code: "INVALID_OPTIONS", message };
  await expect(manager.acquireAll([{ pool: "vm" }], { [key]: value })).rejects.toMatchObject(wrong);
  await expect(manager.request({ items: [{ pool: "vm" }], [key]: value } as never)).rejects.toMatchObject(wrong);
});

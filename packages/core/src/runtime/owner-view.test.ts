import { expect, test } from "vitest";
import { createManager, definePool } from "../index.js";
import type { Store } from "../store/store.js";
import type { Access } from "./may.js";
import { FakeCloud } from "./testing/fake-cloud.js";
import { MapStore } from "./testing/map-store.js";

async function open(access?: Access) {
  const cloud = new FakeCloud();
  const manager = createManager({
    pools: { web: definePool({ provider: cloud.provider(), max: 3 }) },
    aliases: { any: ["web"] },
    store: new MapStore() as unknown as Store<false>,
    ...(access && { access }),
  });
  await manager.ready();
  return { manager, ann: manager.as("ann"), bob: manager.as("bob") };
}

test("what is asked for as an owner is his", async () => {
  const { manager, ann } = await open();
  await using lease = await ann.acquire({ pool: "web" });
  await using both = await ann.acquireAll([{ pool: "web" }]);
  const asked = [await ann.request({ pool: "web" }), await ann.request({ alias: "any" })];
  expect(asked.map(({ owner }) => owner)).toEqual(["ann", "ann"]);
  const ids = [lease.ticket, both.ticket, ...asked.map(({ id }) => id)];
  expect((await manager.tickets({ owner: "ann" })).map(({ id }) => id)).toEqual(ids);
});

test("others do not see it, and cannot tell that it exists", async () => {
  const { ann, bob } = await open();
  const ticket = await ann.request({ pool: "web" });
  await ticket.wait();
  expect(bob.ticket(ticket.id)).toBeUndefined();
  expect([await bob.tickets(), await bob.leases()]).toEqual([[], []]);
  await expect(bob.explain(ticket.id)).rejects.toMatchObject({ code: "NO_SUCH_TICKET" });
  expect((await ann.leases()).map(({ id }) => id)).toEqual([ticket.id]);
  expect((await ann.explain(ticket.id)).owner).toBe("ann");
  await ann.ticket(ticket.id)?.close();
  expect(ann.ticket(ticket.id)?.status().state).toBe("closed");
});

test("access may let somebody see all, and end them, and have none", async () => {
  const { manager, ann } = await open(
    (actor, action, { owner }) => actor === owner || (actor === "ops" && action !== "take"),
  );
  const ops = manager.as("ops");
  const { id } = await ann.request({ pool: "web" });
  expect((await ops.tickets()).map(({ owner }) => owner)).toEqual(["ann"]);
  const seen = ops.ticket(id);
  expect([seen?.owner, seen?.requestId]).toEqual(["ann", undefined]);
  await expect(seen?.wait()).rejects.toMatchObject({
    code: "FORBIDDEN",
    details: { actor: "ops", action: "take", ticket: id },
  });
  await seen?.close();
  expect(seen?.status().state).toBe("closed");
});

test("an owner without a name is no owner", async () => {
  const { manager } = await open();
  expect(() => manager.as("")).toThrow("owner: must be a text, and not empty");
});

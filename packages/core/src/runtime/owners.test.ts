import { describe, expect, test } from "vitest";
import { createManager, createPool, definePool } from "../index.js";
import { factoryProvider } from "../provider/factory.js";
import { MapStore } from "./testing/map-store.js";
import { scene } from "./testing/scene.js";
import { settled } from "./testing/simulated-clock.js";

const provider = factoryProvider({ name: "servers", create: () => ({ url: "" }) });

test("owners take turns by their weights", async () => {
  await using pool = createPool({ name: "web", provider, max: 1, fair: true, owners: { ann: { weight: 2 } } });
  const served: string[] = [];
  const work = async (owner: string) => {
    await using _lease = await pool.acquire({ owner });
    served.push(owner);
  };
  const bobs = ["bob", "bob", "bob", "bob"].map(work);
  const anns = ["ann", "ann", "ann", "ann"].map(work);
  await Promise.all([...bobs, ...anns]);
  expect(served.join(" ")).toBe("bob ann ann bob ann ann bob bob");
});

test("priority ages by `ageing`", async () => {
  const { memory, clock } = scene();
  const pool = await memory({ max: 1, ageing: "10s", reuse: true } as never);
  const holder = await pool.acquire();
  const served: string[] = [];
  const wait = (name: string, priority: number) => void pool.use({ priority, owner: name }, () => served.push(name));
  wait("old", 0);
  await clock.advance(15_000);
  wait("urgent", 1);
  wait("very urgent", 2);
  await holder.release();
  await settled();
  expect(served).toEqual(["very urgent", "old", "urgent"]);
});

describe("quotas", () => {
  test("of waiting tickets refuse the next at once, with QUOTA_EXCEEDED", async () => {
    const { memory } = scene();
    const pool = await memory({ max: 1, owners: { ann: { maxWaiting: 1 } } } as never);
    await pool.acquire();
    const waiting = pool.acquire({ owner: "ann" }).catch(() => {});
    await expect(pool.acquire({ owner: "ann" })).rejects.toMatchObject({
      code: "QUOTA_EXCEEDED",
      message:
        'Owner "ann" has 1 ticket waiting, as many as it may (maxWaiting). Ask again when one of them was served.',
      details: { owner: "ann", quota: "maxWaiting", limit: 1 },
    });
    await pool.close();
    await waiting;
  });

  test("of leases refuse more together than there may ever be", async () => {
    const manager = createManager({
      pools: { web: definePool({ provider, max: 5 }) },
      owners: { default: { maxLeases: 2 } },
    });
    await expect(manager.acquireAll([{ pool: "web", count: 3 }])).rejects.toMatchObject({
      code: "QUOTA_EXCEEDED",
      details: { quota: "maxLeases", limit: 2 },
    });
    await manager.close();
  });

  test("of leases let others pass, and hold for a durable pool's next process", async () => {
    const store = new MapStore();
    const { durable } = scene();
    const options = { store, max: 3, owners: (owner: string) => (owner === "ann" ? { maxLeases: 1 } : undefined) };
    const first = await durable(options as never);
    const ticket = await first.request({ owner: "ann" });
    await ticket.wait();
    await first.request({ owner: "ann", requestId: "second" });
    await first.close();
    const next = await durable(options as never);
    const second = await next.request({ owner: "ann", requestId: "second" });
    expect((await next.request({ owner: "bob" }).then((one) => one.wait())).active).toBe(true);
    expect(second.status().state).toBe("waiting");
    await next.ticket(ticket.id)?.close();
    expect((await second.wait()).active).toBe(true);
    await next.close();
  });

  test("of a function that fails are none, and the log says so", async () => {
    const told: unknown[] = [];
    const log = (about: object) => void told.push(about);
    const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: log };
    const owners = () => {
      throw new Error("the directory is away");
    };
    await using pool = createPool({ name: "web", provider, max: 1, owners, logger });
    await using lease = await pool.acquire({ owner: "ann" });
    expect(lease.active).toBe(true);
    expect(told).toContainEqual({ owner: "ann", error: "Error: the directory is away" });
  });
});

test.each([
  [{ owners: { ann: { weight: 0 } } }, "owners.ann.weight: must be a number from 0.001 to 1000"],
  // Beside such a weight, everybody else would be served never, or he himself.
  [{ owners: { ann: { weight: 1e300 } } }, "owners.ann.weight: must be a number from 0.001 to 1000"],
  [{ owners: { ann: { weight: 1e-300 } } }, "owners.ann.weight: must be a number from 0.001 to 1000"],
  [{ owners: { ann: { maxLeases: 0 } } }, "owners.ann.maxLeases: must be 1 or more"],
  [{ owners: { ann: { maxWaiting: -1 } } }, "owners.ann.maxWaiting: must be 0 or more"],
  [{ owners: { ann: { maxLease: 1 } } }, 'owners.ann.maxLease: unknown option, did you mean "maxLeases"?'],
  [{ ageing: 0 }, "ageing: must be longer than 0"],
  [{ fair: "yes" }, "fair: must be true or false"],
])("options are checked: %j", (options, message) => {
  expect(() => createPool({ provider, max: 1, ...options } as never)).toThrow(message);
});

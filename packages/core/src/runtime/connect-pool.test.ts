import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectManager, connectPool } from "./connect-pool.js";
import { definePool } from "./define-pool.js";
import { createManager } from "./manager.js";
import { createPool } from "./pool.js";
import { MapStore } from "./testing/map-store.js";

interface Thing {
  readonly n: number;
}

let folder: string;
let path: string;
const closes: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "warmpool-connect-"));
  path = join(folder, "pool.sock");
});

afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

let made = 0;
const things = {
  name: "things",
  reuse: true,
  allocate: async (): Promise<Thing> => ({ n: ++made }),
  delete: async () => undefined,
};

function listener(options: object = {}) {
  const pool = createPool<Thing>({ name: "web", provider: things, max: 2, ...options });
  closes.push(() => pool.close());
  return pool;
}

function client(options: object = {}) {
  const pool = connectPool<Thing>(path, options);
  closes.push(() => pool.close());
  return pool;
}

test("a client has the whole API of the pool that listens", async () => {
  const pool = listener();
  await pool.listen(path);
  const other = client({ owner: "worker" });
  const lease = await other.acquire();
  expect(lease.pool).toBe("web");
  expect(lease.data.n).toBeGreaterThan(0);
  expect(lease.active).toBe(true);
  expect(await pool.leases()).toMatchObject([{ owner: "worker", lease: { token: lease.token } }]);
  await lease.release();
  expect(await pool.leases()).toEqual([]);
  expect(await other.use(async ({ data }) => data.n)).toBeGreaterThan(0);
  const ticket = await other.request({ requestId: "mine" });
  expect((await other.request({ requestId: "mine" })).id).toBe(ticket.id);
  const held = await ticket.wait();
  expect(await other.leases()).toHaveLength(1);
  await held.release();
  expect((await other.resources()).length).toBeGreaterThan(0);
  await expect.poll(() => other.stats()?.total).toBeGreaterThan(0);
});

test("a client of a manager has several things of different pools at once, or none", async () => {
  const databases = definePool({ provider: { ...things, name: "databases" }, max: 1 });
  const manager = createManager({ pools: { web: definePool({ provider: things, max: 1 }), databases } });
  closes.push(() => manager.close());
  await manager.listen(path);
  const other = connectManager(path);
  closes.push(() => other.close());
  const wanted = [{ pool: "web" }, { pool: "databases" }];
  const leases = await other.acquireAll(wanted, { group: "run" });
  expect(leases.map(({ pool }) => pool)).toEqual(["web", "databases"]);
  await expect(other.acquireAll(wanted, { timeout: "50ms" })).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT" });
  expect(await other.endGroup("run")).toEqual({ leases: 2, waiting: 0 });
  expect(await manager.leases()).toEqual([]);
});

test("clients and the listener's own holders wait in one line", async () => {
  const pool = listener({ max: 1 });
  await pool.listen(path);
  const other = client();
  const mine = await pool.acquire();
  const theirs = other.acquire();
  await expect.poll(() => pool.stats().waiting).toBe(1);
  const last = pool.acquire();
  await mine.release();
  const lease = await theirs;
  expect(lease.token).toBeGreaterThan(mine.token);
  await lease.release();
  await (await last).release();
});

test("a wait that is too long says why", async () => {
  const pool = listener({ max: 1 });
  await pool.listen(path);
  const held = await pool.acquire();
  const other = client();
  await other.ready();
  await expect(other.acquire({ timeout: "300ms" })).rejects.toMatchObject({
    code: "ACQUIRE_TIMEOUT",
    message: expect.stringContaining("all 1 places are taken"),
  });
  await held.release();
});

test("who closes gives back what waits and what it releases, and no more", async () => {
  const pool = listener({ max: 1 });
  await pool.listen(path);
  const other = client();
  const lease = await other.acquire();
  await lease.release();
  await other.close();
  await expect(other.acquire()).rejects.toMatchObject({ code: "POOL_CLOSED" });
  await (await pool.acquire({ timeout: "5s" })).release();
});

test("a listener that closes lets clients wait for the next one; a durable store's leases live on", async () => {
  const store = new MapStore();
  const first = listener({ store, warm: 2 });
  await first.listen(path);
  const other = client();
  const lease = await other.acquire();
  await first.close();
  expect(lease.active).toBe(true);
  const waits = other.acquire({ timeout: "5s" });
  const second = listener({ store, warm: 2 });
  await second.listen(path);
  const next = await waits;
  expect(next.data.n).not.toBe(lease.data.n);
  expect(lease.active).toBe(true);
  expect((await second.leases()).map(({ lease: held }) => held?.token).sort()).toEqual(
    [lease.token, next.token].sort(),
  );
  await lease.release();
  await next.release();
  await expect.poll(async () => await second.leases()).toEqual([]);
});

test("a memory pool that is gone is told to those who held something of it", async () => {
  const first = listener();
  await first.listen(path);
  const other = client();
  const lease = await other.acquire();
  await first.close();
  await expect.poll(() => lease.signal.aborted).toBe(true);
  const second = listener();
  await second.listen(path);
  const next = await other.acquire({ timeout: "5s" });
  expect(next.active).toBe(true);
  await next.release();
});

describe("refused", () => {
  test("a second path of the same pool", async () => {
    const pool = listener();
    const open = await pool.listen(path);
    await expect(pool.listen(join(folder, "other.sock"))).rejects.toMatchObject({ code: "LISTEN_FAILED" });
    await open.close();
    await pool.listen(join(folder, "other.sock"));
  });

  test("a path where another pool listens", async () => {
    await listener().listen(path);
    await expect(listener({ name: "vm" }).listen(path)).rejects.toMatchObject({ code: "LISTEN_FAILED" });
  });

  test("listening by a client", async () => {
    await expect(client().listen(join(folder, "other.sock"))).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });
});

import { createPool, isWarmpoolError, type Pool } from "@warmpool/core";
import { fakeProvider } from "@warmpool/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type PostgresStoreOptions, postgresStore } from "../src/index.js";
import { Cable } from "./cable.js";
import { TrialSchema } from "./trial-schema.js";

let trial: TrialSchema;
let cable: Cable;
const pools: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  trial = new TrialSchema();
  cable = await Cable.to(trial.url);
});

afterEach(async () => {
  cable.mend();
  for (const pool of pools.splice(0)) await pool.close();
  await cable.pull();
  await trial.drop();
});

function poolOf(provider: ReturnType<typeof fakeProvider>, options: PostgresStoreOptions = {}): Pool<never> {
  const store = postgresStore(cable.url, { schema: trial.schema, leaderTtl: "500ms", ...options });
  const pool = createPool({ name: "web", provider, max: 2, warm: 2, store, closeTimeout: "1s" });
  pools.push(pool);
  return pool as never;
}

test("while the database is away acquires time out with the cause, leases stay valid, and all goes on afterwards", async () => {
  const provider = fakeProvider();
  const pool = poolOf(provider);
  const held = await pool.acquire();
  cable.cut();
  const refused = await pool.acquire({ timeout: "1s" }).catch((error: unknown) => error);
  expect(refused).toSatisfy((error) => isWarmpoolError(error, "ACQUIRE_TIMEOUT"));
  expect(String(refused)).toContain("No process that leads this namespace could be reached.");
  expect(held.active).toBe(true);
  expect(held.signal.aborted).toBe(false);
  cable.mend();
  const next = await pool.acquire({ timeout: "15s" });
  expect(next.token).toBeGreaterThan(held.token);
  await next.release();
  await held.release();
  expect(await pool.leases()).toEqual([]);
});

test("a release while the database is away ends the lease at once, and reaches the database later", async () => {
  const pool = poolOf(fakeProvider());
  const held = await pool.acquire();
  cable.cut();
  const released = held.release();
  expect(held.active).toBe(false);
  cable.mend();
  await released;
  await expect.poll(async () => await pool.leases()).toEqual([]);
});

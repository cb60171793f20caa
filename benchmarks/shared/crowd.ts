import { performance } from "node:perf_hooks";
import { createManager, definePool } from "@warmpool/core";
import { migratePostgres, postgresStore } from "@warmpool/store-postgres";
import pg from "pg";
import { servers } from "../durable/thing.ts";

export interface CrowdOrder {
  readonly url: string;
  readonly resources: number;
  readonly waiting: number;
  readonly measureMs: number;
}

export interface CrowdResult {
  /** From opening until everything is there again. */
  readonly startMs: number;
  /** Acquire and release of others meanwhile, in a pool that has what they need. */
  readonly pairsPerSecond: number;
}

const SCHEMA = "bench_crowd";
/**
 * A busy machine must not cost it its leadership while it fills: what it was making then would be of unknown outcome, and keep its
 * place, for a quarter of an hour.
 */
const LEADER_TTL = "1m";
/** Acquire and release at the same time. */
const CLIENTS = 64;

/** A leader with so many resources, all lent, and so many tickets that wait. */
export async function sharedCrowd({ url, resources, waiting, measureMs }: CrowdOrder): Promise<CrowdResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await client.end();
  await migratePostgres(url, { schema: SCHEMA });
  const open = () =>
    createManager({
      namespace: "crowd",
      store: postgresStore(url, { schema: SCHEMA, leaderTtl: LEADER_TTL }),
      pools: {
        lent: definePool({ provider: servers, max: resources, maxAllocating: 1_000 }),
        free: definePool({ provider: servers, max: CLIENTS, warm: CLIENTS, maxAllocating: CLIENTS }),
      },
    });
  const before = open();
  await before.ready();
  await inParts(resources, async () => {
    const ticket = await before.request({ pool: "lent", owner: "holder" });
    await ticket.wait();
  });
  await inParts(waiting, () => before.request({ pool: "lent", owner: "waiter" }));
  await before.close({ resources: "keep" });

  const startedAtMs = performance.now();
  const manager = open();
  await manager.ready();
  await manager.leases({ owner: "nobody" });
  const startMs = performance.now() - startedAtMs;
  let pairs = 0;
  let stopped = false;
  const running = Array.from({ length: CLIENTS }, async () => {
    while (!stopped) {
      const lease = await manager.acquire({ pool: "free" });
      await lease.release();
      pairs += 1;
    }
  });
  await passed(measureMs / 3);
  pairs = 0;
  const measuredAtMs = performance.now();
  await passed(measureMs);
  const pairsPerSecond = (pairs / (performance.now() - measuredAtMs)) * 1_000;
  stopped = true;
  await Promise.all(running);
  await manager.close({ resources: "keep" });
  return { startMs, pairsPerSecond };
}

async function inParts(count: number, run: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < count; done += 2_000) {
    await Promise.all(Array.from({ length: Math.min(2_000, count - done) }, run));
  }
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

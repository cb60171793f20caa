import { createPool } from "@warmpool/core";
import { postgresStore } from "@warmpool/store-postgres";
import pg from "pg";
import { type Server, servers } from "../durable/thing.ts";

export interface IdleOrder {
  readonly url: string;
  readonly processes: number;
  readonly measureMs: number;
}

export interface IdleResult {
  /** Transactions a second of a process that has nothing to do: each statement is one. */
  readonly queriesPerSecond: number;
}

/** A leader, others that could lead, and clients, none of which has anything to do. */
export async function idle({ url, processes, measureMs }: IdleOrder): Promise<IdleResult> {
  const store = () => postgresStore(url);
  const pools = Array.from({ length: processes }, (_, n) =>
    n % 2 === 0
      ? createPool({ name: "idle", provider: servers, max: 2, warm: 2, store: store() })
      : createPool<Server>({ name: "idle", role: "client", store: store() }),
  );
  await Promise.all(pools.map(async (pool) => (await pool.acquire()).release()));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const count = async () => {
    const { rows } = await client.query(
      "SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()",
    );
    return Number(rows[0].count);
  };
  // A connection that falls idle tells what it did up to ten seconds later: what the start cost is no part of this.
  await passed(12_000);
  const before = await count();
  await passed(measureMs);
  const queriesPerSecond = ((await count()) - before) / (measureMs / 1_000) / processes;
  await client.end();
  for (const pool of pools) await pool.close();
  return { queriesPerSecond };
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

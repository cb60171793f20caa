import { createPool, isWarmpoolError, type Pool } from "@warmpool/core";
import { fakeProvider } from "@warmpool/testing";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type PostgresStoreOptions, postgresStore } from "../src/index.js";
import { committed } from "./committed.js";
import { TrialSchema } from "./trial-schema.js";

// A database that is there and refuses: everything here is said by a real server.

let trial: TrialSchema;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  trial = new TrialSchema();
});

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
  await trial.drop();
});

interface PoolOf {
  readonly url?: string;
  readonly role?: "client";
  readonly store?: PostgresStoreOptions;
}

/** By whose name the connections of this test are told from those of others that run meanwhile. */
function named(): string {
  const url = new URL(trial.url);
  url.searchParams.set("application_name", trial.schema);
  return url.href;
}

function poolOf({ url = named(), role, store = {} }: PoolOf = {}): Pool<never> {
  const options = {
    name: "web",
    store: postgresStore(url, { schema: trial.schema, leaderTtl: "1s", ...store }),
    closeTimeout: "1s",
    ...(role === undefined ? { provider: fakeProvider(), max: 4, warm: 4 } : { role }),
  };
  const pool = createPool(options as never) as Pool<never>;
  cleanups.push(() => pool.close());
  return pool;
}

async function connected(url = trial.url): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  cleanups.push(() => client.end().catch(() => {}));
  return client;
}

/**
 * The server refuses to write these tables, with that SQLSTATE, as it does by itself when it cannot extend a file: the
 * statement fails as a whole. A trigger, for filling a real disk needs the rights of root and a file system of its own.
 */
async function refuseWrites(tables: readonly string[], state: string, message: string): Promise<() => Promise<void>> {
  await trial.query(`
    CREATE FUNCTION $schema.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '${message}' USING ERRCODE = '${state}'; END $$`);
  for (const table of tables) {
    await trial.query(
      `CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON $schema.${table} FOR EACH ROW EXECUTE FUNCTION $schema.refuse()`,
    );
  }
  return async () => {
    await trial.query("DROP FUNCTION $schema.refuse() CASCADE");
  };
}

/** All tickets that are waiting or granted, by the store. */
async function liveTickets(): Promise<unknown[]> {
  const records = await committed(trial);
  return [...records]
    .flatMap(([name, record]) => (name.startsWith("ticket ") ? [JSON.parse(record)] : []))
    .filter(({ state }) => state !== "closed");
}

const FULL = 'could not extend file "base/1/2": No space left on device';

describe("a full disk", () => {
  test.each([
    ["for records", ["journal"]],
    ["for everything", ["journal", "record", "namespace", "letter", "box"]],
  ])(
    "%s: acquires time out with the cause, what is held stays, nothing is lost, and all goes on",
    async (_, tables) => {
      const leader = poolOf();
      const held = await leader.acquire({ owner: "me" });
      const follower = poolOf({ role: "client" });
      const durable = await (await follower.request({ owner: "me", requestId: "one" })).wait();
      const makeRoom = await refuseWrites(tables, "53100", FULL);

      const waiting = follower.acquire({ timeout: "60s" });
      for (const pool of [leader, follower]) {
        const refused = await pool.acquire({ timeout: "700ms" }).catch((error: unknown) => error);
        expect(refused).toSatisfy((error) => isWarmpoolError(error, "ACQUIRE_TIMEOUT"));
        // Only the leader can write nothing, if only records do not fit: the follower hears nothing.
        if (pool === leader || tables.length > 1) expect(String(refused)).toContain("No space left on device");
      }
      const released = held.release();
      expect([held.active, durable.active]).toEqual([false, true]);

      await makeRoom();
      const next = await waiting;
      expect(next.token).toBeGreaterThan(durable.token);
      await released;
      await next.release();
      expect((await follower.leases()).map(({ lease }) => lease?.token)).toEqual([durable.token]);
      await durable.release();
      await expect.poll(liveTickets).toEqual([]);
    },
    60_000,
  );
});

describe("serialisation", () => {
  test("failures are repeated: a database that is serialisable by default serves as any other", async () => {
    const url = new URL(trial.url);
    url.searchParams.set("options", "-c default_transaction_isolation=serializable");
    const leader = poolOf({ url: url.href });
    const pools = [leader, poolOf({ url: url.href, role: "client" }), poolOf({ url: url.href, role: "client" })];
    await leader.ready();
    const tokens: number[] = [];
    const use = async (pool: Pool<never>) => {
      for (let n = 0; n < 10; n += 1) {
        const lease = await pool.acquire({ timeout: "30s" });
        tokens.push(lease.token);
        await lease.release();
      }
    };
    await Promise.all(pools.flatMap((pool) => [use(pool), use(pool)]));
    expect(new Set(tokens).size).toBe(60);
    await expect.poll(liveTickets).toEqual([]);
  }, 60_000);

  test("that never ends is the cause of what times out, until it does", async () => {
    const pool = poolOf();
    await (await pool.acquire()).release();
    const stop = await refuseWrites(["journal"], "40001", "could not serialize access due to concurrent update");
    const refused = await pool.acquire({ timeout: "300ms" }).catch((error: unknown) => error);
    expect(String(refused)).toContain("could not serialize access");
    await stop();
    await (await pool.acquire({ timeout: "15s" })).release();
  });
});

test("a commit that was the victim of a deadlock is repeated, and done once", async () => {
  const pool = poolOf({ store: { leaderTtl: "10s" } });
  const lease = await pool.acquire();
  const other = await connected();
  // The server ends the one who notices first: that is us.
  await other.query("BEGIN; SET LOCAL deadlock_timeout = '60s'");
  // Whoever writes the next batch waits to see whether this one stays.
  await other.query(`
    INSERT INTO ${trial.schema}.journal (namespace, epoch, number, changes)
    SELECT id, epoch, last_batch + 1, '' FROM ${trial.schema}.namespace`);
  const deadlocks = async () =>
    Number(
      (await trial.query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))[0]?.[
        "deadlocks"
      ],
    );
  const before = await deadlocks();
  const released = lease.release();
  // It has the namespace's row, and waits for the batch.
  const waits = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${trial.schema}.turn%'`;
  await expect.poll(async () => (await trial.query(waits)).length, { timeout: 5_000 }).toBeGreaterThan(0);
  await other.query(`UPDATE ${trial.schema}.namespace SET beat = beat WHERE true`);
  await other.query("ROLLBACK");
  await released;
  await expect.poll(deadlocks, { timeout: 15_000 }).toBeGreaterThan(before);
  expect(await pool.leases()).toEqual([]);
  await (await pool.acquire()).release();
}, 40_000);

describe("connections", () => {
  test("that an administrator ends, again and again, are made anew", async () => {
    const leader = poolOf();
    const follower = poolOf({ role: "client" });
    const held = await follower.acquire();
    let ended = 0;
    for (let n = 0; n < 5; n += 1) {
      const rows = await trial.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${trial.schema}'`,
      );
      ended += rows.length;
      const [one, other] = await Promise.all([leader, follower].map((pool) => pool.acquire({ timeout: "15s" })));
      await Promise.all([one?.release(), other?.release()]);
    }
    expect(ended).toBeGreaterThan(4);
    expect(held.active).toBe(true);
    await held.release();
    await expect.poll(liveTickets).toEqual([]);
  }, 60_000);

  test("that the server has no more of are waited for", async () => {
    const role = `few_${trial.schema}`;
    await trial.migrate();
    await trial.query(`CREATE ROLE ${role} LOGIN PASSWORD 'few' CONNECTION LIMIT 3`);
    cleanups.unshift(() => trial.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
    await trial.query(`
      GRANT USAGE ON SCHEMA $schema TO ${role};
      GRANT ALL ON ALL TABLES IN SCHEMA $schema TO ${role};
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA $schema TO ${role}`);
    const url = new URL(trial.url);
    url.username = role;
    url.password = "few";
    const hoarders = [await connected(url.href), await connected(url.href), await connected(url.href)];
    const pool = poolOf({ url: url.href, store: { migrate: false } });
    const refused = await pool.acquire({ timeout: "700ms" }).catch((error: unknown) => error);
    expect(refused).toSatisfy((error) => isWarmpoolError(error, "ACQUIRE_TIMEOUT"));
    for (const hoarder of hoarders) await hoarder.end();
    // It wants four, and makes do with three.
    await (await pool.acquire({ timeout: "15s" })).release();
    await pool.close();
  }, 40_000);

  test("are never more than were allowed, however many ask", async () => {
    const leader = poolOf({ store: { connections: 3 } });
    const follower = poolOf({ role: "client", store: { connections: 2 } });
    await leader.ready();
    const others = await connected();
    const count = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = '${trial.schema}'`;
    let most = 0;
    let isOver = false;
    const watch = (async () => {
      while (!isOver) most = Math.max(most, (await others.query(count)).rows[0].count);
    })();
    const use = async (pool: Pool<never>) => await (await pool.acquire({ timeout: "30s" })).release();
    await Promise.all(Array.from({ length: 60 }, (_, n) => use(n % 2 === 0 ? leader : follower)));
    isOver = true;
    await watch;
    expect(most).toBeGreaterThan(2);
    expect(most).toBeLessThanOrEqual(5);
  }, 40_000);
});

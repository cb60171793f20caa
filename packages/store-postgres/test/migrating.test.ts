import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Database } from "../src/database.js";
import { drawId } from "../src/id.js";
import { migratePostgres, postgresStore } from "../src/index.js";
import { migrate } from "../src/migrate.js";
import { migrations, SCHEMA_VERSION } from "../src/migrations.js";
import { TrialSchema } from "./trial-schema.js";

let trial: TrialSchema;

beforeEach(() => {
  trial = new TrialSchema();
});

afterEach(() => trial.drop());

const tables = async () => {
  const where = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '${trial.schema}'`;
  const rows = await trial.query(`SELECT relname ${where} AND relkind = 'r' ORDER BY relname`);
  return rows.map(({ relname }) => relname);
};

test("an empty database gets the tables, and going back to nothing takes them", async () => {
  expect(await migratePostgres(trial.url, { schema: trial.schema })).toEqual({ from: 0, to: SCHEMA_VERSION });
  expect(await tables()).toEqual(["box", "journal", "letter", "migration", "namespace", "record"]);
  expect(await migratePostgres(trial.url, { schema: trial.schema, to: 0 })).toEqual({ from: SCHEMA_VERSION, to: 0 });
  expect(await tables()).toEqual([]);
  expect(await migratePostgres(trial.url, { schema: trial.schema })).toEqual({ from: 0, to: SCHEMA_VERSION });
});

test("ten processes that start at once make the tables once", async () => {
  const from = await Promise.all(
    Array.from({ length: 10 }, async () => (await migratePostgres(trial.url, { schema: trial.schema })).from),
  );
  expect(from.sort()).toEqual([0, ...Array.from({ length: 9 }, () => SCHEMA_VERSION)]);
});

test("steps go forward and back, each once and in order; what fails leaves nothing", async () => {
  const database = new Database(trial.url, 1);
  const step = (version: number, up: string, down: string) => ({ version, name: `step ${version}`, up, down });
  const steps = [
    ...migrations,
    step(SCHEMA_VERSION + 1, "CREATE TABLE $schema.later (n integer)", "DROP TABLE $schema.later"),
    step(SCHEMA_VERSION + 2, "ALTER TABLE $schema.later ADD m integer", "ALTER TABLE $schema.later DROP m"),
  ];
  const go = (to: number, by = steps) => migrate(database, "postgres", trial.schema, to, by);
  await go(SCHEMA_VERSION);
  const broken = [...steps, step(SCHEMA_VERSION + 3, "ALTER TABLE $schema.nowhere ADD k integer", "")];
  await expect(go(SCHEMA_VERSION + 3, broken)).rejects.toThrow("nowhere");
  expect(await tables()).not.toContain("later");
  expect(await go(SCHEMA_VERSION + 2)).toBe(SCHEMA_VERSION);
  expect(await tables()).toContain("later");
  expect(await go(SCHEMA_VERSION)).toBe(SCHEMA_VERSION + 2);
  expect(await tables()).not.toContain("later");
  await database.end();
});

test("tables of a newer release are refused, and left as they are", async () => {
  await trial.migrate();
  await trial.query(`INSERT INTO $schema.migration (version, name) VALUES (${SCHEMA_VERSION + 1}, 'from the future')`);
  const newer = { code: "STORE_TOO_NEW", details: { found: SCHEMA_VERSION + 1, supported: SCHEMA_VERSION } };
  for (const migrate of [true, false]) {
    await expect(postgresStore(trial.url, { schema: trial.schema, migrate }).open("web")).rejects.toMatchObject(newer);
  }
  await expect(migratePostgres(trial.url, { schema: trial.schema })).rejects.toMatchObject(newer);
});

test("without `migrate`, missing tables are refused with what to do", async () => {
  const store = postgresStore(trial.url, { schema: trial.schema, migrate: false });
  await expect(store.open("web")).rejects.toMatchObject({
    code: "STORE_FAILED",
    message: expect.stringContaining("run migratePostgres()"),
  });
  await trial.migrate();
  await (await store.open("web")).close();
});

test("a role that may do nothing but what the guide grants can do everything", async () => {
  await trial.migrate();
  const role = `role_${drawId(8)}`;
  const grants = `
    CREATE ROLE ${role} LOGIN PASSWORD 'secret';
    GRANT USAGE ON SCHEMA $schema TO ${role};
    GRANT SELECT ON $schema.migration TO ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON $schema.namespace, $schema.record, $schema.journal, $schema.letter, $schema.box
      TO ${role};
    GRANT EXECUTE ON FUNCTION $schema.take, $schema.post, $schema.say TO ${role};
    GRANT EXECUTE ON PROCEDURE $schema.turn TO ${role};
  `;
  await trial.query(grants);
  try {
    const url = new URL(trial.url);
    url.username = role;
    url.password = "secret";
    const store = postgresStore(url.href, { schema: trial.schema, migrate: false });
    const session = await store.open("web");
    const texts: string[] = [];
    session.post?.listen({ received: (letters) => texts.push(...letters.map(({ text }) => text)), ended: () => {} });
    const post = await store.connect?.("web", { session: drawId(16), receive: () => {}, renewed: () => {} });
    await post?.send("hello");
    await expect.poll(() => texts, { timeout: 10_000 }).toEqual(["hello"]);
    await session.commit({ epoch: session.epoch, number: 1, changes: [{ kind: "ticket", id: 1, record: "{}" }] });
    await session.commit({ epoch: session.epoch, number: 2, changes: [{ kind: "ticket", id: 1, record: null }] });
    await post?.close();
    await session.close();
  } finally {
    await trial.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }
});

test("a pool of the user's is used, and left open", async () => {
  const pool = new pg.Pool({ connectionString: trial.url, max: 3 });
  const store = postgresStore(pool, { schema: trial.schema });
  const session = await store.open("web");
  await session.commit({ epoch: session.epoch, number: 1, changes: [{ kind: "ticket", id: 1, record: "{}" }] });
  await session.close();
  expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  expect(pool.waitingCount).toBe(0);
  await pool.end();
});

test("a database that is not there, or does not let us in, is told at once and without the password", async () => {
  const wrong = new URL(trial.url);
  wrong.pathname = "/nowhere";
  const missing = postgresStore(wrong.href, { schema: trial.schema }).open("web");
  await expect(missing).rejects.toMatchObject({ code: "STORE_FAILED", message: expect.stringContaining("nowhere") });
  const forbidden = new URL(trial.url);
  forbidden.password = "not-this-one";
  const error = await postgresStore(forbidden.href, { schema: trial.schema })
    .open("web")
    .catch((refusal: unknown) => refusal);
  expect(error).toMatchObject({ code: "STORE_FAILED" });
  expect(String(error)).not.toContain("not-this-one");
});

test("a database that does not answer is waited for, and then told", async () => {
  const away = "postgres://nobody@127.0.0.1:1/nothing";
  const store = postgresStore(away, { connectTimeout: "150ms" });
  await expect(store.open("web")).rejects.toMatchObject({
    code: "STORE_FAILED",
    message: expect.stringContaining("cannot be reached"),
  });
});

import { WarmpoolError } from "@warmpool/core";
import { Database, nameOf, type PoolLike, type Statement } from "./database.js";
import { failureOf, lacksTables, storeFailed } from "./failure.js";
import { type Migration, migrations, SCHEMA_VERSION } from "./migrations.js";
import { parseOptions } from "./options.js";

/** Making tables may wait for whoever else makes them. Milliseconds. */
const TIMEOUT_MS = 60_000;

type Query = (statement: Statement) => Promise<{ rows: Readonly<Record<string, unknown>>[] }>;

/** Where to migrate to. */
export interface MigrateOptions {
  /** The schema that holds the tables. Default: `"warmpool"`. */
  readonly schema?: string;
  /** The version to go to, forward or back; 0 removes everything. Default: what this release needs. */
  readonly to?: number;
}

/**
 * Makes the tables of the store, or brings them to a version, forward or back, in one transaction. Safe to run from many
 * processes at once: one of them does it. Going back drops what the newer version has, and no older release may be running.
 *
 * @param database A connection string, or a pool of `pg`, of a role that may create in the schema (or the schema itself).
 * @returns The versions before and after.
 * @throws {WarmpoolError} `INVALID_OPTIONS`, `STORE_TOO_NEW`, `STORE_FAILED`.
 */
export async function migratePostgres(
  database: string | PoolLike,
  options: MigrateOptions = {},
): Promise<{ from: number; to: number }> {
  const { to = SCHEMA_VERSION, ...rest } = options;
  const { schema } = parseOptions(database, rest);
  if (!Number.isInteger(to) || to < 0 || to > SCHEMA_VERSION) {
    const problem = `must be a version from 0 to ${SCHEMA_VERSION}`;
    throw new WarmpoolError("INVALID_OPTIONS", `migratePostgres: to: ${problem}.`, {
      details: { problems: [{ path: "to", problem }] },
    });
  }
  const connected = new Database(database, 1);
  const store = nameOf(database);
  try {
    return { from: await migrate(connected, store, schema, to), to };
  } catch (error) {
    throw error instanceof WarmpoolError ? error : storeFailed(store, failureOf(store, error).message, error);
  } finally {
    await connected.end();
  }
}

/** Goes to a version, one step after the other, all in one transaction; returns the version found. */
export async function migrate(
  database: Database,
  store: string,
  schema: string,
  to: number,
  steps: readonly Migration[] = migrations,
): Promise<number> {
  return await database.transaction(async (query) => {
    // Whoever comes second waits here, and finds it done.
    await query({
      text: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
      values: [`warmpool migrate ${schema}`],
    });
    await requireUtf8(query, store);
    const found = await versionOf(query, schema);
    if (found > steps.length) throw tooNew(store, found);
    const run = async (sql: string) => await query({ text: sql.replaceAll("$schema", schema) });
    if (found === 0 && to > 0) {
      // Asked for only when it is not there: a role may be allowed to create in a schema, and not to create one.
      const { rows } = await query({ text: "SELECT 1 FROM pg_namespace WHERE nspname = $1", values: [schema] });
      if (rows.length === 0) await run("CREATE SCHEMA $schema");
      await run(
        "CREATE TABLE IF NOT EXISTS $schema.migration (version integer PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL DEFAULT now())",
      );
    }
    for (const { version, name, up } of steps.slice(found, Math.max(found, to))) {
      await run(up);
      await query({ text: `INSERT INTO ${schema}.migration (version, name) VALUES ($1, $2)`, values: [version, name] });
    }
    for (const { version, down } of steps.slice(to, Math.max(found, to)).reverse()) {
      if (version > found) continue;
      await run(down);
      await query({ text: `DELETE FROM ${schema}.migration WHERE version = $1`, values: [version] });
    }
    if (to === 0 && found > 0) await run("DROP TABLE $schema.migration");
    return found;
  }, TIMEOUT_MS);
}

/** @throws {WarmpoolError} `STORE_FAILED` when the tables are older than needed, `STORE_TOO_NEW` when they are newer. */
export async function requireVersion(database: Database, store: string, schema: string): Promise<void> {
  const found = await database
    .query({ text: `SELECT coalesce(max(version), 0) AS version FROM ${schema}.migration` }, TIMEOUT_MS)
    .then(([row]) => Number(row?.["version"]))
    .catch((error: unknown) => {
      if (lacksTables(error)) return 0;
      throw error;
    });
  if (found > SCHEMA_VERSION) throw tooNew(store, found);
  if (found < SCHEMA_VERSION) {
    const problem = `the tables in schema "${schema}" have version ${found}, and this release needs ${SCHEMA_VERSION}`;
    throw storeFailed(store, `${problem}: run migratePostgres(), or leave \`migrate\` on`);
  }
}

async function versionOf(query: Query, schema: string): Promise<number> {
  const { rows } = await query({
    text: "SELECT to_regclass($1) IS NOT NULL AS known",
    values: [`${schema}.migration`],
  });
  if (rows[0]?.["known"] !== true) return 0;
  const versions = await query({ text: `SELECT coalesce(max(version), 0) AS version FROM ${schema}.migration` });
  return Number(versions.rows[0]?.["version"]);
}

/** Names and records may have any character. */
async function requireUtf8(query: Query, store: string): Promise<void> {
  const { rows } = await query({ text: "SHOW server_encoding" });
  const encoding = rows[0]?.["server_encoding"];
  if (encoding === "UTF8") return;
  throw storeFailed(store, `the database has the encoding ${encoding}; make one with ENCODING 'UTF8'`);
}

function tooNew(store: string, found: number): WarmpoolError<"STORE_TOO_NEW"> {
  const message = `${store}: its tables are of a newer release (version ${found}; this one knows up to ${SCHEMA_VERSION}). Update this process, or migrate back with the newer release.`;
  return new WarmpoolError("STORE_TOO_NEW", message, { details: { store, found, supported: SCHEMA_VERSION } });
}

import type { DatabaseSync } from "node:sqlite";

/** Marks a file as Warmpool's in its header: "Wmpl". `file` and the sqlite3 shell show it. */
export const APPLICATION_ID = 0x57_6d_70_6c;

/** A step from the schema version before it. Once released, a step is never edited: a change is a new step. */
export interface Migration {
  /** The schema version after this step, kept in the file's `user_version`. Steps count from 1, without gaps. */
  readonly version: number;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE namespace (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        installation TEXT NOT NULL,
        epoch INTEGER NOT NULL,      -- raised at each opening
        last_batch INTEGER NOT NULL  -- the last batch committed in this epoch; 0: none
      ) STRICT;

      -- One tree in the order of its key: no second index to write. A third faster than with rowids where records
      -- are put and dropped all the time.
      CREATE TABLE record (
        namespace INTEGER NOT NULL,
        kind INTEGER NOT NULL,       -- 1 resource, 2 ticket, 3 counters, 4 event
        id INTEGER NOT NULL,
        record TEXT NOT NULL,        -- JSON, never looked into here
        checksum INTEGER NOT NULL,   -- CRC-32 of the record: SQLite has none of its own
        PRIMARY KEY (namespace, kind, id)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];

/** The schema version that this release writes, and the newest it reads. */
export const SCHEMA_VERSION = migrations.length;

/** Takes a file from its version to the newest, each step in a transaction of its own. */
export function migrate(database: DatabaseSync, steps: readonly Migration[] = migrations): void {
  const found = schemaVersion(database);
  for (const { version, sql } of steps) {
    if (version <= found) continue;
    database.exec("BEGIN IMMEDIATE");
    try {
      database.exec(sql);
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version};`);
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }
}

export function schemaVersion(database: DatabaseSync): number {
  return database.prepare("PRAGMA user_version").get()?.["user_version"] as number;
}

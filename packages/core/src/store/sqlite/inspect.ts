import { existsSync, lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { corrupt, failed, isReadOnly, Refusal } from "./failure.js";
import { OPEN_TIMEOUT_MS } from "./lock.js";
import { APPLICATION_ID, SCHEMA_VERSION, schemaVersion } from "./migrations.js";

const SMALLEST_PAGE_BYTES = 512;

/**
 * The one true path of a file that may not exist yet: two names of one file must meet at one lock.
 *
 * @throws {Refusal} `STORE_FAILED` when there is no such directory, or no file can be there.
 */
export function truePath(path: string, name: string): string {
  try {
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (entry === undefined) return join(realpathSync(dirname(path)), basename(path));
    // Made through the link, the file would be locked under the link's name, and later under its own.
    if (entry.isSymbolicLink() && !existsSync(path)) throw new Refusal(failed(name, "it is a link to nothing"));
    if (statSync(path).isDirectory()) throw new Refusal(failed(name, "it is a directory; name a file in it"));
    return realpathSync(path);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const problem =
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? `the directory ${dirname(path)} does not exist; create it first`
        : `the directory ${dirname(path)} cannot be used: ${(error as Error).message}`;
    throw new Refusal(failed(name, problem, error));
  }
}

/**
 * Makes sure that a file is a store this release can read, without changing a byte of it. A missing or empty one is:
 * it becomes a new store.
 *
 * @throws {Refusal} `STORE_TOO_NEW`, `STORE_CORRUPT`; `STORE_FAILED` when it is some other application's.
 */
export function inspect(path: string, name: string): void {
  const size = sizeOf(path);
  if (size === 0) return;
  // SQLite itself would take a file of one byte for an empty one.
  if (size < SMALLEST_PAGE_BYTES) throw new Refusal(corrupt(name, `${size} bytes are no database`));
  try {
    // Closing a connection that may write would write the log back into the file.
    examine(path, name, true);
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    // A crash while the file was being made leaves a journal, which only a connection that may write can play back.
    examine(path, name, false);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function examine(path: string, name: string, readOnly: boolean): void {
  const database = new DatabaseSync(path, { readOnly, timeout: OPEN_TIMEOUT_MS });
  try {
    const value = (sql: string) => Object.values(database.prepare(sql).get() ?? {})[0];
    const version = schemaVersion(database);
    if (value("PRAGMA application_id") !== APPLICATION_ID) {
      // Without content it was left by a crash before the first migration.
      if (version === 0 && value("SELECT count(*) FROM sqlite_schema") === 0) return;
      throw new Refusal(failed(name, "it is the database of another application; give the store a file of its own"));
    }
    if (version > SCHEMA_VERSION) {
      throw new Refusal({
        code: "STORE_TOO_NEW",
        message:
          `sqlite ${name}: it was written by a newer release (schema version ${version}; this one knows up to ` +
          `${SCHEMA_VERSION}). It was left as it is. Use that release, or a copy of the file from before the update.`,
        details: { store: `sqlite ${name}`, found: version, supported: SCHEMA_VERSION },
      });
    }
    // SQLite takes what is missing of the last page for zeros. While there is a log, it may still hold that page.
    if (sizeOf(`${path}-wal`) === 0 && sizeOf(path) % (value("PRAGMA page_size") as number) !== 0) {
      throw new Refusal(corrupt(name, "its end is cut off"));
    }
    const verdict = value("PRAGMA quick_check(1)");
    if (verdict !== "ok") throw new Refusal(corrupt(name, verdict));
  } finally {
    database.close();
  }
}

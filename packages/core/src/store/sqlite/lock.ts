import { DatabaseSync } from "node:sqlite";
import { failed, inUse, isBusy, Refusal } from "./failure.js";

/**
 * How long SQLite may wait for a lock while a file is opened. Two that start together see each other's first step and
 * both step back: one of them gets it within this time. Short, since the thread stands still meanwhile.
 */
export const OPEN_TIMEOUT_MS = 100;

/**
 * The right to have a store's file open. The lock is the operating system's: it ends with the process that holds it,
 * however that ends, and knows neither process ids nor times.
 *
 * It is held on an empty database beside the store's, in an exclusive transaction without end, so that the store's own
 * file stays readable for backups and the sqlite3 shell. The empty file stays behind: deleting a lock file while others
 * wait for it would let two in. Nothing else may open it in this process: closing it would drop the lock.
 */
export interface Lock {
  release(): void;
}

/** @throws {Refusal} `STORE_IN_USE`, `STORE_FAILED`. */
export function takeLock(path: string, name: string): Lock {
  const file = `${path}-lock`;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: OPEN_TIMEOUT_MS });
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    if (isBusy(error)) throw new Refusal(inUse(name, error));
    const problem = `its lock ${file} cannot be taken (${(error as Error).message}); can the directory be written?`;
    throw new Refusal(failed(name, problem, error));
  }
  return { release: () => database.close() };
}

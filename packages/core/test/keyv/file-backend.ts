import { EventEmitter } from "node:events";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { Keyv } from "keyv";

/**
 * A Keyv storage adapter on a SQLite file: real keys in a real file that outlives a killed process, and that two processes
 * can have open. Each call is a transaction, and durable when it resolves.
 *
 * The published ones that come without a server either need a compiler, or rewrite one JSON file for each key.
 */
export class FileBackend extends EventEmitter {
  readonly opts = {};
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #set: StatementSync;
  readonly #delete: StatementSync;

  constructor(file: string) {
    super();
    this.#database = new DatabaseSync(file, { timeout: 5_000 });
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS keyv (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`);
    this.#get = this.#database.prepare("SELECT value FROM keyv WHERE key = ?");
    this.#set = this.#database.prepare("INSERT OR REPLACE INTO keyv VALUES (?, ?)");
    this.#delete = this.#database.prepare("DELETE FROM keyv WHERE key = ?");
  }

  async get(key: string): Promise<string | undefined> {
    return this.#get.get(key)?.["value"] as string | undefined;
  }

  async set(key: string, value: string): Promise<void> {
    this.#set.run(key, value);
  }

  async delete(key: string): Promise<boolean> {
    return this.#delete.run(key).changes > 0;
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    this.#database.exec("BEGIN IMMEDIATE");
    for (const key of keys) this.#delete.run(key);
    this.#database.exec("COMMIT");
    return true;
  }

  async clear(): Promise<void> {
    this.#database.exec("DELETE FROM keyv");
  }

  async disconnect(): Promise<void> {
    this.#database.close();
  }
}

/** A Keyv on a file. */
export function keyvOn(file: string): Keyv {
  return new Keyv({ store: new FileBackend(file) });
}

import { WarmpoolError } from "../../model/error.js";
import { drawId } from "../../model/id.js";
import type { OpenOptions, Store, StoreSession } from "../store.js";
import { type Patience, requireWanted, untilFree } from "../waiting.js";
import { parseOptions, type SqliteSettings, type SqliteStoreOptions } from "./options.js";
import type { Opened } from "./protocol.js";
import { SqliteSession } from "./session.js";
import { SqliteThread } from "./sqlite-thread.js";
import { workerFile } from "./worker-file.js";

/**
 * Keeps records in a SQLite file that outlives the process. For one process at a time; several namespaces of it can
 * share the file through one store object.
 *
 * SQLite runs in a thread of its own: a slow disk never stops the application. Nothing is opened, and no thread
 * started, before the store's first use; the thread ends with the last session. Beside the file there are SQLite's own
 * `-wal` and `-shm` while it is open, and an empty `-lock` from then on. Backups: `sqlite3 FILE ".backup COPY"`, at any
 * time. Network file systems don't lock and sync reliably: use a local disk.
 *
 * @param path The file, made if it does not exist, in a directory that does. An empty file is a new store.
 * @throws {WarmpoolError} `INVALID_OPTIONS`. What is wrong with the file itself, `open` says.
 *
 * @example
 * const pool = createPool({ name: "web", provider, max: 8, store: sqliteStore("pool.db") });
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): Store<true> {
  return new SqliteStore(parseOptions(path, options));
}

export class SqliteStore implements Store<true> {
  readonly name: string;
  readonly durable = true;
  readonly shared = false;
  readonly #settings: SqliteSettings;
  readonly #workerFile: () => URL;
  #thread: SqliteThread | undefined;

  constructor(settings: SqliteSettings, file: () => URL = workerFile) {
    this.name = `sqlite ${settings.name}`;
    this.#settings = settings;
    this.#workerFile = file;
  }

  async open(namespace: string, { signal, drawId: draw = drawId }: OpenOptions = {}): Promise<StoreSession> {
    const patience = { store: this.name, longestMs: this.#settings.waitForOwnerMs, signal };
    requireWanted(patience);
    const thread = await this.#enter(namespace);
    const leave = async () => {
      thread.namespaces.delete(namespace);
      // The last one out ends the thread, and with it the lock.
      if (thread.namespaces.size === 0) await thread.end();
    };
    try {
      return new SqliteSession(thread, await this.#claim(thread, namespace, draw, patience), leave);
    } catch (error) {
      await leave();
      throw error;
    }
  }

  /** The running thread, or a new one, with the namespace taken in it. */
  async #enter(namespace: string): Promise<SqliteThread> {
    // One that is ending still has the lock.
    while (this.#thread?.over) {
      const ended = this.#thread;
      await ended.end();
      if (this.#thread === ended) this.#thread = undefined;
    }
    this.#thread ??= this.#start();
    if (this.#thread.namespaces.has(namespace)) {
      const message = `${this.name}: the namespace ${JSON.stringify(namespace)} is open already; close that session first.`;
      throw new WarmpoolError("STORE_IN_USE", message, { details: { store: this.name } });
    }
    this.#thread.namespaces.add(namespace);
    return this.#thread;
  }

  #start(): SqliteThread {
    const { name, path, synchronous, fsyncDelayMs } = this.#settings;
    try {
      return new SqliteThread(this.#workerFile(), { name, path, synchronous, fsyncDelayMs });
    } catch (error) {
      const message = `${this.name}: ${(error as Error).message}.`;
      throw new WarmpoolError("STORE_FAILED", message, { details: { store: this.name }, cause: error });
    }
  }

  async #claim(
    thread: SqliteThread,
    namespace: string,
    draw: (length: number) => string,
    patience: Patience,
  ): Promise<Opened> {
    const claim = (installation: string | undefined) =>
      untilFree(() => thread.call<"open">({ type: "open", namespace, installation }), patience);
    // Only a namespace that is new needs an installation.
    const opened = (await claim(undefined)) ?? (await claim(draw(8)));
    requireWanted(patience);
    return opened as Opened;
  }
}

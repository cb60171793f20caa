import { statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { failed, Refusal } from "./failure.js";
import { inspect, truePath } from "./inspect.js";
import { type Lock, OPEN_TIMEOUT_MS, takeLock } from "./lock.js";
import { migrate } from "./migrations.js";
import type { CommitRequest, Loaded, LoadRequest, Opened, OpenRequest, ThreadOptions } from "./protocol.js";
import { Records } from "./records.js";

/** How long a commit waits for other programs that hold the file (a shell, a backup) before it counts as uncertain. */
const COMMIT_TIMEOUT_MS = 5_000;

/** The log is cut back to this size once a large batch or a long backup has blown it up. */
const LOG_SIZE_LIMIT_BYTES = 64 * 1024 * 1024;

/** A store's file, open and locked. */
export class StoreFile {
  readonly #options: ThreadOptions;
  readonly #path: string;
  readonly #lock: Lock;
  readonly #database: DatabaseSync;
  readonly #identity: string;
  readonly #records = new Map<number, Records>();
  readonly #begin: StatementSync;
  readonly #advance: StatementSync;
  readonly #commit: StatementSync;
  readonly #position: StatementSync;

  /**
   * Locks the file, makes sure that it can be read, and brings it to this release's schema version.
   *
   * @throws {Refusal} or SQLite's error, with nothing left open.
   */
  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#path = truePath(options.path, options.name);
    this.#lock = takeLock(this.#path, options.name);
    let database: DatabaseSync | undefined;
    try {
      inspect(this.#path, options.name);
      database = new DatabaseSync(this.#path, { timeout: OPEN_TIMEOUT_MS });
      this.#database = database;
      this.#configure();
      migrate(database);
      database.exec(`PRAGMA busy_timeout = ${COMMIT_TIMEOUT_MS}`);
      this.#identity = identity(this.#path) ?? "";
      this.#begin = database.prepare("BEGIN IMMEDIATE");
      this.#advance = database.prepare(
        "UPDATE namespace SET last_batch = ? WHERE id = ? AND epoch = ? AND last_batch = ?",
      );
      this.#commit = database.prepare("COMMIT");
      this.#position = database.prepare("SELECT epoch, last_batch FROM namespace WHERE id = ?");
    } catch (error) {
      database?.close();
      this.#lock.release();
      throw error;
    }
  }

  #configure(): void {
    const mode = this.#database.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"];
    if (mode !== "wal") {
      const problem = `its file system cannot share memory between connections (journal mode ${mode}); use a local disk`;
      throw new Refusal(failed(this.#options.name, problem));
    }
    this.#database.exec(`
      PRAGMA synchronous = ${this.#options.synchronous};
      PRAGMA journal_size_limit = ${LOG_SIZE_LIMIT_BYTES};
      PRAGMA cache_size = -16384;  -- KiB
    `);
  }

  /** Raises a namespace's epoch; `undefined` if it is new and no installation was given. */
  open({ namespace: name, installation }: OpenRequest): Opened | undefined {
    const known = this.#database.prepare("SELECT id FROM namespace WHERE name = ?").get(name);
    if (known === undefined && installation === undefined) return undefined;
    // A power cut must not give the same epoch out twice, whatever else it may take back.
    this.#database.exec("PRAGMA synchronous = FULL");
    try {
      const raised = this.#database
        .prepare(
          `INSERT INTO namespace (name, installation, epoch, last_batch) VALUES (?, ?, 1, 0)
           ON CONFLICT (name) DO UPDATE SET epoch = epoch + 1, last_batch = 0
           RETURNING id, epoch, installation`,
        )
        .get(name, installation ?? "");
      const { id, ...opened } = raised as { id: number; epoch: number; installation: string };
      this.#records.set(id, new Records(this.#database, id, this.#options.name));
      return { namespace: id, ...opened };
    } finally {
      this.#database.exec(`PRAGMA synchronous = ${this.#options.synchronous}`);
    }
  }

  load({ namespace, afterKind, afterId }: LoadRequest): Loaded {
    return this.#recordsOf(namespace).loadAfter(afterKind, afterId);
  }

  /** One transaction: the batch's number and its records. */
  commit(batch: CommitRequest): undefined {
    this.#requireSameFile();
    this.#begin.run();
    try {
      const { changes } = this.#advance.run(batch.number, batch.namespace, batch.epoch, batch.number - 1);
      if (changes === 1) {
        this.#recordsOf(batch.namespace).write(batch.rows);
        pause(this.#options.fsyncDelayMs);
        this.#commit.run();
        return;
      }
      const position = this.#position.get(batch.namespace) as { epoch: number; last_batch: number } | undefined;
      this.#database.exec("ROLLBACK");
      this.#requireCommittedBefore(batch, position);
    } catch (error) {
      // After some errors SQLite has rolled back by itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #requireCommittedBefore(batch: CommitRequest, position: { epoch: number; last_batch: number } | undefined): void {
    const { epoch, number } = batch;
    if (position?.epoch === epoch && number <= position.last_batch) return;
    const problem =
      position?.epoch === epoch
        ? `batch ${number} came after batch ${position.last_batch}: one was left out`
        : `epoch ${epoch} is over: epoch ${position?.epoch} writes this namespace`;
    throw new Refusal({ code: "FENCED", message: `sqlite ${this.#options.name}: ${problem}.`, details: { epoch } });
  }

  /** SQLite goes on writing into a file that was deleted, and all of it would be lost. */
  #requireSameFile(): void {
    if (identity(this.#path) === this.#identity) return;
    throw new Refusal(failed(this.#options.name, "its file was deleted or replaced while it was open; open it anew"));
  }

  #recordsOf(namespace: number): Records {
    const records = this.#records.get(namespace);
    if (records === undefined) throw new Error(`Namespace ${namespace} is not open.`);
    return records;
  }

  /** Writes the log back into the file and gives the lock up. */
  close(): void {
    // The last connection's end writes the log back; if it cannot (a full disk), the next opening reads the log.
    this.#database.close();
    this.#lock.release();
  }
}

/** Tells a file from another that takes its name later. Empty where the file system has no such numbers. */
function identity(path: string): string | undefined {
  if (process.platform === "win32") return "";
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

function pause(ms: number): void {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

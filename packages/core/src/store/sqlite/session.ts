import { WarmpoolError } from "../../model/error.js";
import { toRecords, toRows } from "../rows.js";
import type { Batch, StoredRecord, StoreSession } from "../store.js";
import type { Loaded, Opened } from "./protocol.js";
import type { SqliteThread } from "./sqlite-thread.js";

/** An open namespace. */
export class SqliteSession implements StoreSession {
  readonly epoch: number;
  readonly installation: string;
  readonly #thread: SqliteThread;
  readonly #namespace: number;
  readonly #leave: () => Promise<void>;
  #latest: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** @param leave Called once, when the session has nothing under way any more. */
  constructor(thread: SqliteThread, opened: Opened, leave: () => Promise<void>) {
    this.epoch = opened.epoch;
    this.installation = opened.installation;
    this.#namespace = opened.namespace;
    this.#thread = thread;
    this.#leave = leave;
  }

  async *load(): AsyncIterable<readonly StoredRecord[]> {
    let [afterKind, afterId] = [0, 0];
    for (;;) {
      this.#requireOpen();
      const request = { type: "load", namespace: this.#namespace, afterKind, afterId } as const;
      const { rows, last }: Loaded = await this.#thread.call<"load">(request);
      if (rows.length > 0) yield toRecords(rows);
      if (last) return;
      [afterKind, afterId] = rows.slice(-3, -1) as [number, number];
    }
  }

  async commit({ epoch, number, changes }: Batch): Promise<void> {
    this.#requireOpen();
    const request = { type: "commit", namespace: this.#namespace, epoch, number, rows: toRows(changes) } as const;
    const commit = this.#thread.call<"commit">(request);
    this.#latest = commit;
    await commit;
  }

  close(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    // The thread answers in order: with the latest commit, all are done.
    await this.#latest.catch(() => undefined);
    await this.#leave();
  }

  #requireOpen(): void {
    if (this.#closed === undefined) return;
    throw new WarmpoolError("FENCED", "This session was closed.", { details: { epoch: this.epoch } });
  }
}

import type { Batch, Change, RecordKind, StoredRecord, StoreSession } from "@warmpool/core";
import { type Elected, leave } from "./election.js";
import { fenced } from "./failure.js";
import { PostgresLeaderPost } from "./leader-post.js";
import { PostgresLeadership } from "./leadership.js";
import { Moment } from "./moment.js";
import type { Namespace } from "./namespace.js";

const KINDS: readonly RecordKind[] = ["resource", "ticket", "counters", "event"];
/** Records read at a time. */
const CHUNK = 5_000;

/** A namespace that this process leads, in one epoch. */
export class PostgresSession implements StoreSession {
  readonly epoch: number;
  readonly installation: string;
  readonly leadership: PostgresLeadership;
  readonly post: PostgresLeaderPost;
  readonly #namespace: Namespace;
  readonly #leave: () => Promise<void>;
  /** Commits, one after the other. */
  #latest: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** @param left Called once, when the session has nothing under way any more. */
  constructor(namespace: Namespace, { epoch, installation, sent }: Elected, left: () => Promise<void>) {
    this.epoch = epoch;
    this.installation = installation;
    this.leadership = new PostgresLeadership(namespace, epoch, sent);
    this.post = new PostgresLeaderPost(namespace);
    this.#namespace = namespace;
    this.#leave = left;
  }

  async *load(): AsyncIterable<readonly StoredRecord[]> {
    let next: Promise<readonly StoredRecord[]> | undefined = this.#chunk(0, 0);
    while (next !== undefined) {
      const chunk: readonly StoredRecord[] = await next;
      const last = chunk.length < CHUNK ? undefined : chunk.at(-1);
      // The database reads the next ones while these are taken up.
      next = last && this.#chunk(KINDS.indexOf(last.kind) + 1, last.id);
      next?.catch(() => {});
      if (chunk.length > 0) yield chunk;
    }
  }

  /** What comes after that record. */
  async #chunk(kind: number, id: number): Promise<readonly StoredRecord[]> {
    const rows = await this.#namespace.query("load", [this.#namespace.id, kind, id, CHUNK]);
    return rows.map((row) => ({
      kind: KINDS[(row["kind"] as number) - 1] as RecordKind,
      id: Number(row["id"]),
      record: row["record"] as string,
    }));
  }

  async commit(batch: Batch): Promise<void> {
    this.#requireOpen();
    const committed = this.#latest.then(() => this.#commit(batch));
    this.#latest = committed.catch(() => undefined);
    await committed;
  }

  async #commit({ epoch, number, changes }: Batch): Promise<void> {
    if (epoch !== this.epoch)
      throw this.#fenced(`epoch ${epoch} is over: epoch ${this.epoch} writes this namespace`, epoch);
    const { id } = this.#namespace;
    const sent = new Moment();
    try {
      const done = await this.#namespace.query("commit", [id, epoch, number, ...columnsOf(changes)]);
      if (done.length === 0) await this.#requireDone(number);
      this.leadership.confirmed(sent);
    } catch (error) {
      throw this.#namespace.failureOf(error);
    }
  }

  /** It was not written: because it was before, or because it may not be. */
  async #requireDone(number: number): Promise<void> {
    const { id } = this.#namespace;
    const [row] = await this.#namespace.query("last", [id]);
    const [epoch, last] = [Number(row?.["epoch"]), Number(row?.["last_batch"])];
    if (epoch === this.epoch && row?.["led"] === true) {
      if (number <= last) return;
      throw this.#fenced(`batch ${number} came after batch ${last}: one was left out`);
    }
    this.leadership.end();
    throw this.#fenced(
      row === undefined
        ? "the namespace is gone"
        : epoch === this.epoch
          ? "it was given up"
          : `epoch ${epoch} writes it now`,
    );
  }

  close(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    await this.#latest;
    await this.post.close();
    this.leadership.end();
    // A database that is away finds out by itself: the leadership runs out.
    await leave(this.#namespace, this.epoch).catch(() => {});
    await this.#leave();
  }

  #requireOpen(): void {
    if (this.#closed !== undefined) throw this.#fenced("this session was closed");
  }

  #fenced(problem: string, epoch = this.epoch): Error {
    return fenced(this.#namespace.store, epoch, problem);
  }
}

/** Changes as columns: kinds and ids to drop, then kinds, ids and records to put. Of several for one record, the last counts. */
function columnsOf(changes: readonly Change[]): [number[], number[], number[], number[], string[]] {
  const columns: [number[], number[], number[], number[], string[]] = [[], [], [], [], []];
  const [dropKinds, dropIds, kinds, ids, records] = columns;
  for (const [at, kind] of KINDS.entries()) {
    const last = new Map<number, string | null>();
    for (const change of changes) if (change.kind === kind) last.set(change.id, change.record);
    for (const [id, record] of last) {
      if (record === null) {
        dropKinds.push(at + 1);
        dropIds.push(id);
      } else {
        kinds.push(at + 1);
        ids.push(id);
        records.push(record);
      }
    }
  }
  return columns;
}

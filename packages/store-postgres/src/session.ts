import type { Batch, StoredRecord, StoreSession } from "@warmpool/core";
import { type Elected, leave } from "./election.js";
import { fenced } from "./failure.js";
import { Journal, kindOf, numberOf, SEPARATOR, written } from "./journal.js";
import { PostgresLeaderPost, toldLetter } from "./leader-post.js";
import { PostgresLeadership } from "./leadership.js";
import { Moment } from "./moment.js";
import type { Namespace } from "./namespace.js";

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
  readonly #journal = new Journal();
  /** Commits, one after the other. */
  #latest: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** @param left Called once, when the session has nothing under way any more. */
  constructor(namespace: Namespace, { epoch, installation, sent }: Elected, left: () => Promise<void>) {
    this.epoch = epoch;
    this.installation = installation;
    this.leadership = new PostgresLeadership(namespace, epoch, sent);
    this.post = new PostgresLeaderPost(namespace, () => this.#idle());
    this.#namespace = namespace;
    this.#leave = left;
  }

  async *load(): AsyncIterable<readonly StoredRecord[]> {
    const batches = await this.#namespace.query("journal", [this.#namespace.id]);
    this.#journal.load(batches.map(({ changes }) => changes as string));
    let next: Promise<readonly StoredRecord[]> | undefined = this.#chunk(0, 0);
    while (next !== undefined) {
      const chunk: readonly StoredRecord[] = await next;
      const last = chunk.length < CHUNK ? undefined : chunk.at(-1);
      // The database reads the next ones while these are taken up.
      next = last && this.#chunk(numberOf(last.kind), last.id);
      next?.catch(() => {});
      const records = chunk.flatMap((stored) => this.#journal.overlay(stored) ?? []);
      if (records.length > 0) yield records;
    }
    const records = this.#journal.loaded();
    if (records.length > 0) yield records;
  }

  /** Resolves when no commit is under way, nor what was decided meanwhile. */
  async #idle(): Promise<void> {
    let latest: Promise<unknown>;
    do {
      latest = this.#latest;
      await latest;
      // What came of it is committed at the end of this turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    } while (latest !== this.#latest);
  }

  /** What comes after that record. */
  async #chunk(kind: number, id: number): Promise<readonly StoredRecord[]> {
    const rows = await this.#namespace.query("load", [this.#namespace.id, kind, id, CHUNK]);
    return rows.map((row) => ({
      kind: kindOf(row["kind"] as number),
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
    const text = written(changes);
    this.#journal.take(changes, text.length);
    const sent = new Moment();
    try {
      const letters = await this.#write(number, text);
      if (letters === null) await this.#requireDone(number);
      this.leadership.confirmed(sent);
      if (letters) this.post.received(letters.split(SEPARATOR).map(toldLetter));
    } catch (error) {
      throw this.#namespace.failureOf(error);
    }
  }

  /**
   * Writes it to the journal, or with all that is in there to the records. Returns the letters that came with the answer;
   * `null`: it was not written now.
   */
  async #write(number: number, text: string): Promise<string | null> {
    const fence = [this.#namespace.id, this.epoch, number];
    if (!this.#journal.isLong) {
      const [row] = await this.#namespace.query("turn", [...fence, text]);
      return row?.["letters"] as string | null;
    }
    const isFolded = (await this.#namespace.query("fold", [...fence, ...this.#journal.fold()])).length > 0;
    if (isFolded) this.#journal.folded();
    return isFolded ? "" : null;
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

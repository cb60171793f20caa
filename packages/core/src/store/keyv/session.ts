import { setImmediate as turn } from "node:timers/promises";
import { type Rows, toRecords, toRows } from "../rows.js";
import type { Batch, StoredRecord, StoreSession } from "../store.js";
import { clear, compact, isDue, type SnapshotSize, type Written } from "./compaction.js";
import { fenced } from "./failure.js";
import type { Head } from "./head.js";
import { type Place, readHead } from "./head-key.js";
import { encodeBatch } from "./journal.js";
import type { Opened } from "./opening.js";
import type { Compaction } from "./options.js";
import type { Ownership } from "./ownership.js";
import type { Records } from "./records.js";

/** An open namespace. */
export class KeyvSession implements StoreSession {
  readonly epoch: number;
  readonly installation: string;
  readonly #place: Place;
  readonly #ownership: Ownership;
  readonly #leave: () => Promise<void>;
  readonly #compaction: Compaction;
  readonly #head: Head;
  readonly #records: Records;
  #last = 0;
  #written: Written = { batches: 0, characters: 0 };
  #snapshot: SnapshotSize;
  /** Commits, one after the other. */
  #latest: Promise<unknown> = Promise.resolve();
  /** What goes on behind them: cleaning up, compaction, looking at the head. */
  #behind: Promise<unknown>;
  #isBusyBehind = true;
  #isReplaced = false;
  #closed: Promise<void> | undefined;
  readonly #beaten = () => this.#afterBeat();

  /** @param leave Called once, when the session has nothing under way any more. */
  constructor(place: Place, ownership: Ownership, opened: Opened, compaction: Compaction, leave: () => Promise<void>) {
    const { head, records, characters } = opened;
    this.epoch = head.epoch;
    this.installation = head.installation;
    this.#place = place;
    this.#ownership = ownership;
    this.#leave = leave;
    this.#compaction = compaction;
    this.#head = head;
    this.#records = records;
    this.#snapshot = { chunks: head.index.snapshot.chunks, characters };
    ownership.beaten.add(this.#beaten);
    this.#behind = this.#inBackground(() => clear(place, head, head.index, this.#isWanted));
  }

  async *load(): AsyncIterable<readonly StoredRecord[]> {
    for (const chunk of this.#records.chunks()) {
      this.#requireOpen();
      yield toRecords(chunk);
    }
  }

  async commit({ epoch, number, changes }: Batch): Promise<void> {
    this.#requireOpen();
    const rows = toRows(changes);
    const key = this.#place.keys.batch(this.#head.generation, number);
    const text = encodeBatch(key, number, rows);
    const committed = this.#latest.then(async () => {
      await this.#write(epoch, number, rows, key, text);
      // A backend that answers at once (a Map, a synchronous driver) would keep the event loop from ever turning while
      // commits follow each other: timers, and the heartbeat among them, would stand still.
      await turn();
    });
    this.#latest = committed.catch(() => undefined);
    await committed;
  }

  async #write(epoch: number, number: number, rows: Rows, key: string, text: string): Promise<void> {
    if (epoch !== this.epoch) {
      throw this.#fenced(`epoch ${epoch} is over: epoch ${this.epoch} writes this namespace`, epoch);
    }
    this.#requireHeld();
    if (number <= this.#last) return;
    if (number > this.#last + 1) {
      throw this.#fenced(`batch ${number} came after batch ${this.#last}: one was left out`);
    }
    await this.#place.backend.set(key, text);
    // Written, but perhaps too late to be read by whoever opened the store since.
    await this.#ownership.holds();
    this.#requireHeld();
    this.#records.apply(rows);
    this.#last = number;
    this.#written.batches += 1;
    this.#written.characters += text.length;
    if (!this.#isBusyBehind && isDue(this.#written, this.#snapshot, this.#compaction))
      this.#behind = this.#inBackground(() => this.#compact());
  }

  async #compact(): Promise<void> {
    // Also if it fails: the next try is due only after as much again.
    this.#written = { batches: 0, characters: 0 };
    const size = await compact({
      ...this.#place,
      records: this.#records,
      last: this.#last,
      head: this.#head,
      isWanted: this.#isWanted,
    });
    if (size !== undefined) this.#snapshot = size;
  }

  readonly #isWanted = (): boolean => this.#closed === undefined && !this.#ownership.over && !this.#isReplaced;

  /** Somebody who took this process for dead has opened the namespace; or its keys are gone. */
  #afterBeat(): void {
    if (this.#isBusyBehind) return;
    this.#behind = this.#inBackground(async () => {
      if ((await readHead(this.#place))?.generation !== this.#head.generation) this.#isReplaced = true;
    });
  }

  /** One thing at a time. What fails is tried again when it is due again. */
  async #inBackground(work: () => Promise<void>): Promise<void> {
    this.#isBusyBehind = true;
    await work().catch(() => undefined);
    this.#isBusyBehind = false;
  }

  close(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    this.#ownership.beaten.delete(this.#beaten);
    await this.#latest;
    await this.#behind;
    await this.#leave();
  }

  #requireOpen(): void {
    if (this.#closed !== undefined) throw this.#fenced("this session was closed");
  }

  #requireHeld(): void {
    if (!this.#isReplaced && !this.#ownership.over) return;
    throw this.#fenced("somebody else has the store open, or could have: this process was not heard of for too long");
  }

  #fenced(problem: string, epoch = this.epoch): Error {
    return fenced(this.#place.store, epoch, problem);
  }
}

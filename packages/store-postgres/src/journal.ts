import type { Change, RecordKind, StoredRecord } from "@warmpool/core";

/** The kinds as they are kept, from 1. A number never changes its meaning. */
const KINDS: readonly RecordKind[] = ["resource", "ticket", "counters", "event"];

/** Between the changes of a batch, or letters. No JSON has it: in a string it is escaped, and elsewhere it is none. */
export const SEPARATOR = "\u001e";

/**
 * When it is folded into the records: an opening reads it, and each fold writes every record that has changed since the last
 * one, while commits wait. So few enough for some tens of milliseconds, and enough that what changes all the time is seldom
 * written.
 */
const FOLD = { batches: 1_000, length: 2_000_000, records: 2_000 };

/** What is to become of records: kinds and ids to drop, then kinds, ids and records to put. */
export type Columns = [number[], number[], number[], number[], string[]];

export function kindOf(number: number): RecordKind {
  const kind = KINDS[number - 1];
  // A kind of a later release, which would have raised the version of the tables: nobody wrote this one.
  if (kind === undefined) throw new Error(`A record of the unknown kind ${number}.`);
  return kind;
}

export function numberOf(kind: RecordKind): number {
  const number = KINDS.indexOf(kind) + 1;
  if (number === 0) throw new Error(`A record of the unknown kind ${JSON.stringify(kind)}.`);
  return number;
}

/** A batch as it stands in the journal: kind, id and record of each change; of a record that is dropped only kind and id. */
export function written(changes: readonly Change[]): string {
  let text = "";
  for (const { kind, id, record } of changes) {
    if (text !== "") text += SEPARATOR;
    text += record === null ? `${numberOf(kind)} ${id}` : `${numberOf(kind)} ${id} ${record}`;
  }
  return text;
}

function read(text: string): Change[] {
  if (text === "") return [];
  return text.split(SEPARATOR).map((change) => {
    const afterKind = change.indexOf(" ");
    const afterId = change.indexOf(" ", afterKind + 1);
    const id = Number(change.slice(afterKind + 1, afterId < 0 ? undefined : afterId));
    const kind = kindOf(Number(change.slice(0, afterKind)));
    return { kind, id, record: afterId < 0 ? null : change.slice(afterId + 1) };
  });
}

/**
 * What the batches say that were not folded into the records yet: the last word on each record that they change. What came
 * and went in the meantime is in no record, and leaves no trace.
 */
export class Journal {
  readonly #kinds = KINDS.map(() => new ChangedRecords());
  #batches = 0;
  #length = 0;
  #isComplete = false;

  /** Takes a batch that was committed, or is about to be. The same again changes nothing. */
  take(changes: readonly Change[], length: number): void {
    for (const { kind, id, record } of changes) this.#kinds[numberOf(kind) - 1]?.take(id, record);
    this.#batches += 1;
    this.#length += length;
  }

  /** Takes the batches that an earlier session left. */
  load(texts: readonly string[]): void {
    for (const text of texts) this.take(read(text), text.length);
  }

  /** A record of the table, as it is by now; `null`: it is gone. */
  overlay(stored: StoredRecord): StoredRecord | null {
    const record = this.#kinds[numberOf(stored.kind) - 1]?.overlay(stored.id);
    return record === undefined ? stored : record === null ? null : { ...stored, record };
  }

  /** The table was read to its end: what is in the journal alone. */
  loaded(): StoredRecord[] {
    this.#isComplete = true;
    return KINDS.flatMap((kind, at) => (this.#kinds[at]?.loaded() ?? []).map(([id, record]) => ({ kind, id, record })));
  }

  /** It is to be folded with the next batch. Never before it was loaded: what it does not know would be lost. */
  get isLong(): boolean {
    const records = () => this.#kinds.reduce((sum, { size }) => sum + size, 0);
    const isLong = this.#batches > FOLD.batches || this.#length > FOLD.length || records() > FOLD.records;
    return this.#isComplete && isLong;
  }

  /** What makes the records say what it says. From here on they may: the answer of who writes it may be lost. */
  fold(): Columns {
    const columns: Columns = [[], [], [], [], []];
    for (const [at, kind] of this.#kinds.entries()) kind.fold(columns, at + 1);
    return columns;
  }

  /** The records certainly say it all. */
  folded(): void {
    for (const kind of this.#kinds) kind.folded();
    this.#batches = 0;
    this.#length = 0;
  }
}

/** Of one kind, by id. */
class ChangedRecords {
  /** What the table has, or may have; `null`: to be dropped. */
  readonly #changed = new Map<number, string | null>();
  /** What the table has not. */
  readonly #fresh = new Map<number, string>();
  /** Ids of the table that were overlaid while it was loaded. */
  #overlaid = new Set<number>();
  /** No id above it is in the table. Until that was loaded, nobody knows. */
  #highest = Number.POSITIVE_INFINITY;
  #highestSeen = 0;

  get size(): number {
    return this.#changed.size + this.#fresh.size;
  }

  take(id: number, record: string | null): void {
    if (record === null) {
      if (!this.#fresh.delete(id)) this.#changed.set(id, null);
    } else if (id > this.#highest || this.#fresh.has(id)) {
      this.#fresh.set(id, record);
    } else {
      this.#changed.set(id, record);
    }
    if (id > this.#highest) this.#highest = id;
    if (id > this.#highestSeen) this.#highestSeen = id;
  }

  overlay(id: number): string | null | undefined {
    if (id > this.#highestSeen) this.#highestSeen = id;
    const record = this.#changed.get(id);
    if (record !== undefined) this.#overlaid.add(id);
    return record;
  }

  loaded(): [id: number, record: string][] {
    for (const [id, record] of this.#changed) {
      if (this.#overlaid.has(id)) continue;
      this.#changed.delete(id);
      if (record !== null) this.#fresh.set(id, record);
    }
    this.#overlaid = new Set();
    this.#highest = this.#highestSeen;
    return [...this.#fresh];
  }

  fold([dropKinds, dropIds, kinds, ids, records]: Columns, kind: number): void {
    // What is dropped from here on has to be dropped there, too.
    for (const [id, record] of this.#fresh) this.#changed.set(id, record);
    this.#fresh.clear();
    for (const [id, record] of this.#changed) {
      if (record === null) {
        dropKinds.push(kind);
        dropIds.push(id);
      } else {
        kinds.push(kind);
        ids.push(id);
        records.push(record);
      }
    }
  }

  folded(): void {
    this.#changed.clear();
    this.#fresh.clear();
  }
}

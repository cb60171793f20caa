import type { Rows } from "../rows.js";

/** A part of a snapshot has about this many characters: backends limit how long a value may be. */
const CHUNK_CHARACTERS = 256 * 1024;
const CHUNK_RECORDS = 1_000;

/** The records of a namespace as they were committed: what the next snapshot is made of. */
export class Records {
  /** By the numbers of their kinds. */
  readonly #kinds = new Map<number, Map<number, string>>();

  /** Puts and drops in the order given. */
  apply(rows: Rows): void {
    for (let index = 0; index < rows.length; index += 3) {
      const records = this.#of(rows[index] as number);
      const [id, record] = [rows[index + 1] as number, rows[index + 2] as string | null];
      if (record === null) records.delete(id);
      else records.set(id, record);
    }
  }

  #of(kind: number): Map<number, string> {
    const records = this.#kinds.get(kind) ?? new Map<number, string>();
    this.#kinds.set(kind, records);
    return records;
  }

  /** All records as they are now, in pieces of a bounded size. */
  chunks(): Rows[] {
    const chunks: Rows[] = [];
    let chunk: Rows = [];
    let characters = 0;
    for (const [kind, records] of this.#kinds.entries()) {
      for (const [id, record] of records) {
        chunk.push(kind, id, record);
        characters += record.length;
        if (characters < CHUNK_CHARACTERS && chunk.length < CHUNK_RECORDS * 3) continue;
        chunks.push(chunk);
        [chunk, characters] = [[], 0];
      }
    }
    if (chunk.length > 0) chunks.push(chunk);
    return chunks;
  }
}

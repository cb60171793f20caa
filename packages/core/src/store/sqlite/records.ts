import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { Rows } from "../rows.js";
import { corrupt, Refusal } from "./failure.js";
import type { Loaded } from "./protocol.js";

/** Records put by one statement: ten take three quarters of the time of ten statements; more gain nothing. */
const GROUP = 10;
/** A record's values in a message, and in the table beside its namespace. */
const FIELDS = 3;
const COLUMNS = 4;

/** A message carries as many records as keep both threads responsive: this many, or about this many characters. */
const CHUNK_RECORDS = 1_000;
const CHUNK_CHARACTERS = 4_000_000;

/** The records of one namespace, read and written. */
export class Records {
  readonly #name: string;
  readonly #putOne: StatementSync;
  readonly #putGroup: StatementSync;
  readonly #drop: StatementSync;
  readonly #after: StatementSync;

  /** @param name The store's, for messages. */
  constructor(database: DatabaseSync, namespace: number, name: string) {
    this.#name = name;
    // The namespace stands in the text: one value less to bind for each record.
    const row = `(${namespace}, ?, ?, ?, ?)`;
    const group = Array(GROUP).fill(row).join(", ");
    this.#putOne = database.prepare(`INSERT OR REPLACE INTO record VALUES ${row}`);
    this.#putGroup = database.prepare(`INSERT OR REPLACE INTO record VALUES ${group}`);
    this.#drop = database.prepare(`DELETE FROM record WHERE namespace = ${namespace} AND kind = ? AND id = ?`);
    this.#after = database.prepare(
      `SELECT kind, id, record, checksum FROM record WHERE namespace = ${namespace} AND (kind, id) > (?, ?) ORDER BY kind, id`,
    );
  }

  /** Puts and drops in the order given. */
  write(rows: Rows): void {
    let waiting: (number | string)[] = [];
    for (let index = 0; index < rows.length; index += FIELDS) {
      const [kind, id, record] = [rows[index]!, rows[index + 1]!, rows[index + 2]!];
      if (record !== null) {
        waiting.push(kind, id, record, crc32(record as string));
        if (waiting.length < GROUP * COLUMNS) continue;
        this.#putGroup.run(...waiting);
      } else {
        this.#putEach(waiting);
        this.#drop.run(kind, id);
      }
      waiting = [];
    }
    this.#putEach(waiting);
  }

  #putEach(values: readonly (number | string)[]): void {
    for (let index = 0; index < values.length; index += COLUMNS) {
      this.#putOne.run(...values.slice(index, index + COLUMNS));
    }
  }

  /**
   * A chunk of records after a given one. Holds no cursor: whoever stops loading leaves nothing open.
   *
   * @throws {Refusal} `STORE_CORRUPT`.
   */
  loadAfter(kind: number, id: number): Loaded {
    const rows: Rows = [];
    let characters = 0;
    for (const row of this.#after.iterate(kind, id)) {
      if (rows.length >= CHUNK_RECORDS * FIELDS || characters >= CHUNK_CHARACTERS) return { rows, last: false };
      const record = row["record"] as string;
      if (crc32(record) !== row["checksum"]) {
        throw new Refusal(corrupt(this.#name, `record ${row["id"]} of kind ${row["kind"]} has changed on the disk`));
      }
      rows.push(row["kind"] as number, row["id"] as number, record);
      characters += record.length;
    }
    return { rows, last: true };
  }
}

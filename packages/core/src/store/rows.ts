import { unreachable } from "../model/unreachable.js";
import type { Change, RecordKind, StoredRecord } from "./store.js";

/**
 * Records in a flat list, kind, id, record, kind, id, record …, with the kind as a number and `null` for a dropped
 * record: of all forms tried, the cheapest to pass between threads (half the time of a list of objects).
 */
export type Rows = (number | string | null)[];

/** The kinds as they are kept. A number never changes its meaning. */
function numberOf(kind: RecordKind): number {
  switch (kind) {
    case "resource":
      return 1;
    case "ticket":
      return 2;
    case "counters":
      return 3;
    case "event":
      return 4;
    default:
      return unreachable(kind);
  }
}

const KINDS: readonly (RecordKind | undefined)[] = [undefined, "resource", "ticket", "counters", "event"];

export function toRows(changes: readonly Change[]): Rows {
  const rows: Rows = [];
  for (const { kind, id, record } of changes) rows.push(numberOf(kind), id, record);
  return rows;
}

export function toRecords(rows: Rows): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (let index = 0; index < rows.length; index += 3) {
    const kind = KINDS[rows[index] as number];
    // A kind of a later release, which would have raised the version of the format: nobody wrote this one.
    if (kind === undefined) throw new Error(`A record of the unknown kind ${rows[index]}.`);
    records.push({ kind, id: rows[index + 1] as number, record: rows[index + 2] as string });
  }
  return records;
}

import { unreachable } from "../../model/unreachable.js";
import type { Change, RecordKind, StoredRecord } from "../store.js";

/** Records or changes as the backend keeps them: kind, id, record and so on; `null` drops. */
export type Rows = (number | string | null)[];

/** The kinds as the backend keeps them. A number never changes its meaning. */
function numberOf(kind: RecordKind): number {
  switch (kind) {
    case "resource":
      return 1;
    case "ticket":
      return 2;
    case "counters":
      return 3;
    default:
      return unreachable(kind);
  }
}

function kindOf(number: number): RecordKind {
  const kind = ([undefined, "resource", "ticket", "counters"] as const)[number];
  // A kind of a later release, which would have raised the version of the format: nobody wrote this one.
  if (kind === undefined) throw new Error(`A record of the unknown kind ${number}.`);
  return kind;
}

export function toRows(changes: readonly Change[]): Rows {
  const rows: Rows = [];
  for (const { kind, id, record } of changes) rows.push(numberOf(kind), id, record);
  return rows;
}

export function toRecords(rows: Rows): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (let index = 0; index < rows.length; index += 3) {
    const kind = kindOf(rows[index] as number);
    records.push({ kind, id: rows[index + 1] as number, record: rows[index + 2] as string });
  }
  return records;
}

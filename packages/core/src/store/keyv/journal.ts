import type { Rows } from "../rows.js";
import { ABREAST } from "./backend.js";
import { corrupt } from "./failure.js";
import type { Place } from "./head-key.js";
import type { Records } from "./records.js";
import { sealed, unsealed } from "./sealed.js";

interface Entry {
  readonly number: number;
  readonly rows: Rows;
}

/** A batch as the backend keeps it. */
export function encodeBatch(key: string, number: number, rows: Rows): string {
  return sealed(key, { number, rows } satisfies Entry);
}

/**
 * Applies all batches of a journal, and says which was the last.
 *
 * The last is the one without a successor: batches are written one after the other. Up to 31 keys behind it, and no fewer
 * than 16, are looked at. If one of them exists, the backend has lost those before it.
 *
 * @throws {WarmpoolError} `STORE_CORRUPT` for a damaged batch or a gap.
 */
export async function readJournal(
  { backend, keys, store }: Place,
  generation: string,
  after: number,
  into: Records,
): Promise<number> {
  let last = after;
  /** The first number without a batch. */
  let missing: number | undefined;
  for (let first = after + 1; missing === undefined || first <= missing + ABREAST; first += ABREAST) {
    const numbers = Array.from({ length: ABREAST }, (_, index) => first + index);
    const texts = await backend.getAll(numbers.map((number) => keys.batch(generation, number)));
    for (const [index, text] of texts.entries()) {
      const number = first + index;
      if (text === undefined) {
        missing ??= number;
        continue;
      }
      if (missing !== undefined) {
        throw corrupt(store, `batch ${missing} of its journal is missing, and batch ${number} is there`);
      }
      const key = keys.batch(generation, number);
      const entry = unsealed(key, text) as Entry | undefined;
      if (entry?.number !== number) throw corrupt(store, `what stands under ${key} is damaged`);
      into.apply(entry.rows);
      last = number;
    }
  }
  return last;
}

import type { Rows } from "../rows.js";
import { corrupt, failed } from "./failure.js";
import type { Snapshot } from "./head.js";
import type { Place } from "./head-key.js";
import type { Records } from "./records.js";
import { sealed, unsealed } from "./sealed.js";

/**
 * Writes the parts of a snapshot, and reads each back. Nothing counts before the head names it.
 *
 * @param isWanted Asked before each part: a snapshot that nobody wants any more is left unfinished.
 * @returns how many characters it has.
 * @throws {WarmpoolError} `STORE_FAILED` when the backend gives something else back.
 */
export async function writeSnapshot(
  { backend, keys, store }: Place,
  generation: string,
  chunks: readonly Rows[],
  isWanted: () => boolean = () => true,
): Promise<number> {
  let characters = 0;
  for (const [part, rows] of chunks.entries()) {
    if (!isWanted()) break;
    const key = keys.chunk(generation, part);
    const text = sealed(key, rows);
    await backend.set(key, text);
    if ((await backend.get(key)) !== text) {
      const size = `a value of ${text.length} characters (${key})`;
      throw failed(store, `its backend does not give back what was set: ${size}; does it limit the size of values?`);
    }
    characters += text.length;
  }
  return characters;
}

/** @throws {WarmpoolError} `STORE_CORRUPT` when a part is missing or damaged. */
export async function readSnapshot({ backend, keys, store }: Place, snapshot: Snapshot, into: Records): Promise<void> {
  for (let part = 0; part < snapshot.chunks; part += 1) {
    const key = keys.chunk(snapshot.generation, part);
    const text = await backend.get(key);
    if (text === undefined) throw corrupt(store, `${key}, part of its snapshot, is missing`);
    const rows = unsealed(key, text) as Rows | undefined;
    if (rows === undefined) throw corrupt(store, `what stands under ${key} is damaged`);
    into.apply(rows);
  }
}

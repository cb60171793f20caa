import type { Rows } from "../rows.js";
import { drawGeneration, type Head, type Leftover, leftoversOf } from "./head.js";
import { type Place, readHead, readIndex, writeHead, writeIndex } from "./head-key.js";
import { readJournal } from "./journal.js";
import { Records } from "./records.js";
import { readSnapshot, writeSnapshot } from "./snapshot.js";

/** A namespace as its new session takes it over. */
export interface Opened {
  readonly head: Head;
  readonly records: Records;
  /** Characters of its snapshot. */
  readonly characters: number;
}

/**
 * Opens a namespace: reads what the last session left, writes it down as the snapshot of a new generation, and makes that
 * one count, with the next epoch. Until then, a crash leaves what was; afterwards, what is new. What an earlier session
 * may still write goes to keys that nobody reads.
 *
 * @throws {WarmpoolError} `STORE_CORRUPT`, `STORE_TOO_NEW`, `STORE_FAILED`; `FENCED` when the store was lost meanwhile.
 */
export async function openNamespace(place: Place, draw: (length: number) => string): Promise<Opened> {
  const before = await readHead(place);
  const epoch = (before?.epoch ?? 0) + 1;
  const records = new Records();
  const generation = drawGeneration();
  const leftovers: Leftover[] = [];
  let characters = 0;
  let chunks: Rows[] = [];
  if (before !== undefined) {
    const index = await readIndex(place, before);
    await readSnapshot(place, index.snapshot, records);
    const last = await readJournal(place, before.generation, index.after, records);
    leftovers.push(...leftoversOf(before.generation, index, last), { kind: "index", generation: before.generation });
    chunks = records.chunks();
    // Named before it is made: if this process dies on the way, the next one cleans up.
    const draft: Leftover = { kind: "snapshot", generation, chunks: chunks.length };
    await writeIndex(place, before, { ...index, leftovers: [...index.leftovers, draft] });
    characters = await writeSnapshot(place, generation, chunks);
  }
  const head: Head = {
    namespace: place.namespace,
    installation: before?.installation ?? draw(8),
    epoch,
    generation,
    index: { snapshot: { generation, chunks: chunks.length }, after: 0, leftovers },
  };
  await writeHead(place, head);
  return { head, records, characters };
}

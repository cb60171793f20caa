import { fenced } from "./failure.js";
import { drawGeneration, type Head, type Leftover, leftoversOf } from "./head.js";
import { type Place, readHead, writeHead } from "./head-key.js";
import { readJournal } from "./journal.js";
import type { Ownership } from "./ownership.js";
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
export async function openNamespace(
  place: Place,
  ownership: Ownership,
  draw: (length: number) => string,
): Promise<Opened> {
  const before = await readHead(place);
  const epoch = (before?.epoch ?? 0) + 1;
  const requireHeld = async () => {
    if (!(await ownership.holds())) throw fenced(place.store, epoch, "somebody else has opened it meanwhile");
  };
  const records = new Records();
  let leftovers: readonly Leftover[] = [];
  const generation = drawGeneration();
  if (before !== undefined) {
    await readSnapshot(place, before.snapshot, records);
    leftovers = leftoversOf(before, (await readJournal(place, before.journal, records)).last);
  }
  const chunks = records.chunks();
  const snapshot = { generation, chunks: chunks.length };
  let characters = 0;
  if (before !== undefined && chunks.length > 0) {
    // Named before it is made: if this process dies on the way, the next one cleans up.
    await requireHeld();
    await writeHead(place, { ...before, leftovers: [...before.leftovers, { kind: "snapshot", ...snapshot }] });
    characters = await writeSnapshot(place, generation, chunks);
  }
  const head: Head = {
    namespace: place.namespace,
    installation: before?.installation ?? draw(8),
    epoch,
    snapshot,
    journal: { generation, after: 0 },
    leftovers,
  };
  await requireHeld();
  await writeHead(place, head);
  await requireHeld();
  return { head, records, characters };
}

import { drawGeneration, type Head, type Index, leftoversOf } from "./head.js";
import { type Place, readIndex, writeIndex } from "./head-key.js";
import type { Compaction } from "./options.js";
import type { Records } from "./records.js";
import { writeSnapshot } from "./snapshot.js";
import { sweep } from "./sweep.js";

/** See `Compaction` in the options. */
const SNAPSHOTS = 4;
const CHUNKS = 10;

/** How much was written since a snapshot. */
export interface Written {
  batches: number;
  characters: number;
}

export interface SnapshotSize {
  readonly chunks: number;
  readonly characters: number;
}

export function isDue({ batches, characters }: Written, snapshot: SnapshotSize, limits: Compaction): boolean {
  return (
    characters >= Math.max(limits.characters, SNAPSHOTS * snapshot.characters) ||
    batches >= limits.batches * Math.max(1, snapshot.chunks / CHUNKS)
  );
}

/** What a session lets its compaction see. */
export interface Compacted extends Place {
  /** The head that the session wrote. */
  readonly head: Head;
  readonly records: Records;
  /** The last batch that is in them. */
  readonly last: number;
  /** Whether to go on. */
  isWanted(): boolean;
}

/**
 * Writes the records as they are now down as a new snapshot, makes it count, and deletes what it replaces. Commits go on
 * meanwhile, behind it in the same journal.
 *
 * May stop or fail anywhere: what counts is always whole, and the index lists what is left over.
 *
 * @returns the snapshot's characters and parts; `undefined` when it was not finished.
 */
export async function compact(session: Compacted): Promise<SnapshotSize | undefined> {
  const { head, last, isWanted } = session;
  const chunks = session.records.chunks();
  // From the backend: whether an earlier compaction's last step happened is perhaps not known.
  const before = await readIndex(session, head);
  const snapshot = { generation: drawGeneration(), chunks: chunks.length };
  await writeIndex(session, head, { ...before, leftovers: [...before.leftovers, { kind: "snapshot", ...snapshot }] });
  const characters = await writeSnapshot(session, snapshot.generation, chunks, isWanted);
  if (!isWanted()) return undefined;
  const index = { snapshot, after: last, leftovers: leftoversOf(head.generation, before, last) };
  await writeIndex(session, head, index);
  await clear(session, head, index, isWanted);
  return { chunks: chunks.length, characters };
}

/** Deletes what an index lists as left over, and takes it off the list. */
export async function clear(place: Place, head: Head, index: Index, isWanted: () => boolean): Promise<void> {
  if (index.leftovers.length === 0) return;
  await sweep(place, index.leftovers, isWanted);
  if (isWanted()) await writeIndex(place, head, { ...index, leftovers: [] });
}

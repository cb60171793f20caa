import { drawGeneration, type Head, leftoversOf } from "./head.js";
import { type Place, readHead, writeHead } from "./head-key.js";
import type { Records } from "./records.js";
import { writeSnapshot } from "./snapshot.js";
import { sweep } from "./sweep.js";

/**
 * A journal is compacted when this many characters were written since the snapshot, or four times what the snapshot has;
 * or this many batches, or two hundred for each part of the snapshot. Whichever comes first, of each pair the larger. So
 * snapshots cost a fraction of what journals do, and a restart never reads many times what it needs.
 */
const CHARACTERS = 8_000_000;
const SNAPSHOTS = 4;
const BATCHES = 2_000;
const BATCHES_A_CHUNK = 200;

/** How much was written since a snapshot. */
export interface Written {
  batches: number;
  characters: number;
}

export interface SnapshotSize {
  readonly chunks: number;
  readonly characters: number;
}

export function isDue({ batches, characters }: Written, snapshot: SnapshotSize): boolean {
  return (
    characters >= Math.max(CHARACTERS, SNAPSHOTS * snapshot.characters) ||
    batches >= Math.max(BATCHES, BATCHES_A_CHUNK * snapshot.chunks)
  );
}

/** What a session lets its compaction see. */
export interface Compacted extends Place {
  readonly records: Records;
  /** The last batch that is in them. */
  readonly last: number;
  /** Whether a head is this session's. */
  isOurs(head: Head | undefined): head is Head;
  /** Whether to go on. */
  isWanted(): boolean;
  /** Whether the store is still this process's. */
  holds(): Promise<boolean>;
}

/**
 * Writes the records as they are now down as a new snapshot, makes it count, and deletes what it replaces. Commits go on
 * meanwhile, behind it in the same journal.
 *
 * May stop or fail anywhere: what counts is always whole, and the head lists what is left over.
 *
 * @returns the snapshot's characters and parts; `undefined` when it was not finished.
 */
export async function compact(session: Compacted): Promise<SnapshotSize | undefined> {
  const { last, isWanted } = session;
  const chunks = session.records.chunks();
  // From the backend: whether an earlier compaction's last step happened is perhaps not known.
  const before = await readHead(session);
  if (!session.isOurs(before)) return undefined;
  const snapshot = { generation: drawGeneration(), chunks: chunks.length };
  await writeHead(session, { ...before, leftovers: [...before.leftovers, { kind: "snapshot", ...snapshot }] });
  const characters = await writeSnapshot(session, snapshot.generation, chunks, isWanted);
  if (!isWanted() || !(await session.holds())) return undefined;
  const journal = { ...before.journal, after: last };
  const head = { ...before, snapshot, journal, leftovers: leftoversOf(before, last) };
  await writeHead(session, head);
  await clear(session, head, isWanted);
  return { chunks: chunks.length, characters };
}

/** Deletes what a head lists as left over, and takes it off the list. */
export async function clear(place: Place, head: Head, isWanted: () => boolean): Promise<void> {
  if (head.leftovers.length === 0) return;
  await sweep(place, head.leftovers, isWanted);
  if (isWanted()) await writeHead(place, { ...head, leftovers: [] });
}

import { argv, stdout } from "node:process";
import { fileURLToPath } from "node:url";
import type { Change } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";

/** Enough for a batch to be written in several steps: about twelve pages. */
const RECORDS_PER_BATCH = 100;

/** Batches whose records are there at the same time. */
const KEPT_BATCHES = 3;

const BATCHES_PER_EPOCH = 1_000_000;

/** What batch `number` of an epoch changes: it puts its own records and drops those of an earlier batch. */
function changesOf(epoch: number, number: number): Change[] {
  const changes = idsOf(epoch, number).map((id): Change => ({ kind: "resource", id, record: recordOf(id) }));
  if (number > KEPT_BATCHES) {
    changes.push(...idsOf(epoch, number - KEPT_BATCHES).map((id): Change => ({ kind: "resource", id, record: null })));
  }
  return changes;
}

/** The ids that are there after batch `number` of an epoch. */
export function idsAfter(epoch: number, number: number): number[] {
  const first = Math.max(1, number - KEPT_BATCHES + 1);
  return Array.from({ length: number - first + 1 }, (_, index) => idsOf(epoch, first + index)).flat();
}

/** Which batch of which epoch put a record. */
export function batchOf(id: number): { epoch: number; number: number } {
  const batch = Math.floor(id / RECORDS_PER_BATCH);
  return { epoch: Math.floor(batch / BATCHES_PER_EPOCH), number: batch % BATCHES_PER_EPOCH };
}

export function recordOf(id: number): string {
  return JSON.stringify({ v: 1, id, text: `record ${id} `.repeat(20) });
}

function idsOf(epoch: number, number: number): number[] {
  const first = (epoch * BATCHES_PER_EPOCH + number) * RECORDS_PER_BATCH;
  return Array.from({ length: RECORDS_PER_BATCH }, (_, index) => first + index);
}

/** Commits that wait while one is carried out, so that a kill after an answer lands in the middle of the next. */
const UNDER_WAY = 3;

/**
 * The process to be killed: opens a store and commits batches for ever. Says on stdout when it starts to open, which
 * epoch it has, and the number of each batch that was committed.
 */
async function writeUntilKilled(file: string, synchronous: string): Promise<void> {
  stdout.write("opening\n");
  const store = sqliteStore(file, { synchronous: synchronous === "normal" ? "normal" : "full" });
  const session = await store.open("web");
  stdout.write(`epoch ${session.epoch}\n`);
  const underWay: Promise<void>[] = [];
  for (let number = 1; ; number += 1) {
    const commit = session.commit({ epoch: session.epoch, number, changes: changesOf(session.epoch, number) });
    underWay.push(commit.then(() => void stdout.write(`${number}\n`)));
    if (underWay.length > UNDER_WAY) await underWay.shift();
  }
}

// One file for the process and for the test that knows what it writes: Node runs it as it is, without imports of .ts.
if (argv[1] === fileURLToPath(import.meta.url)) await writeUntilKilled(argv[2] ?? "", argv[3] ?? "");

import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { crc32 } from "node:zlib";
import type { Change } from "@warmpool/core";
import { quantile } from "../lib/statistics.ts";

export interface BareOrder {
  /** The database's file. It must not exist. */
  readonly file: string;
  /** A file with the changes to write, over and over. */
  readonly changes: string;
  readonly rowsPerTransaction: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface BareResult {
  readonly rowsPerSecond: number;
  /** A transaction. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Writes the same rows with bare `node:sqlite`, in a worker as the store does. */
export async function bare(order: BareOrder): Promise<BareResult> {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: order,
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  return await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const KINDS = { resource: 1, ticket: 2, counters: 3, event: 4 };

function write({ file, changes: from, rowsPerTransaction, warmUpMs, measureMs }: BareOrder): BareResult {
  const changes: Change[] = JSON.parse(readFileSync(from, "utf8"));
  // All that could be done before is done before.
  const rows = changes.map(({ kind, id, record }) => ({
    kind: KINDS[kind],
    id,
    record,
    checksum: record === null ? 0 : crc32(record),
  }));
  const database = new DatabaseSync(file);
  // The table of the store, and its settings.
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -16384;
    CREATE TABLE record (
      namespace INTEGER NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL, record TEXT NOT NULL, checksum INTEGER NOT NULL,
      PRIMARY KEY (namespace, kind, id)
    ) STRICT, WITHOUT ROWID`);
  const [begin, commit] = [database.prepare("BEGIN IMMEDIATE"), database.prepare("COMMIT")];
  const put = database.prepare("INSERT OR REPLACE INTO record VALUES (1, ?, ?, ?, ?)");
  const drop = database.prepare("DELETE FROM record WHERE namespace = 1 AND kind = ? AND id = ?");
  let next = 0;
  const run = (forMs: number) => {
    const startedAtMs = performance.now();
    const transactions: number[] = [];
    for (let nowMs = startedAtMs; nowMs - startedAtMs < forMs; ) {
      begin.run();
      for (let row = 0; row < rowsPerTransaction; row += 1) {
        const { kind, id, record, checksum } = rows[next]!;
        if (record === null) drop.run(kind, id);
        else put.run(kind, id, record, checksum);
        next = (next + 1) % rows.length;
      }
      commit.run();
      const endedAtMs = performance.now();
      transactions.push(endedAtMs - nowMs);
      nowMs = endedAtMs;
    }
    const seconds = (performance.now() - startedAtMs) / 1_000;
    return {
      rowsPerSecond: (transactions.length * rowsPerTransaction) / seconds,
      p50Ms: quantile(transactions, 0.5),
      p99Ms: quantile(transactions, 0.99),
    };
  };
  run(warmUpMs);
  const result = run(measureMs);
  database.close();
  return result;
}

if (!isMainThread) parentPort?.postMessage(write(workerData as BareOrder));

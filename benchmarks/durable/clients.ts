import { performance } from "node:perf_hooks";
import type { Change, Lease } from "@warmpool/core";
import { type Built, load } from "../lib/build.ts";
import { quantile } from "../lib/statistics.ts";
import { Journal } from "./journal.ts";
import { type StoreName, storeOf } from "./stores.ts";
import { type Server, servers } from "./thing.ts";

export interface ClientsOrder {
  readonly contestant: Built;
  readonly store: StoreName;
  /** The store's file. It must not exist. */
  readonly file: string;
  /** So many acquire and release all the time, with a resource for each. */
  readonly clients: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** How many of the changes written to keep. */
  readonly keep: number;
}

/** By the wall clock: the disk is what one waits for. */
export interface ClientsResult {
  readonly pairsPerSecond: number;
  readonly rowsPerSecond: number;
  readonly rowsPerBatch: number;
  /** Of acquire, of release and of both. */
  readonly p50Ms: Latency;
  readonly p99Ms: Latency;
  readonly changes: readonly Change[];
}

export interface Latency {
  readonly acquire: number;
  readonly release: number;
  readonly pair: number;
}

/** Acquire and release on a durable store. */
export async function clients(order: ClientsOrder): Promise<ClientsResult> {
  const { createPool } = await load(order.contestant, ".");
  const openStore = await storeOf(order.contestant, order.store);
  const journal = new Journal(order.keep);
  const pool = createPool({ provider: servers, max: order.clients, store: journal.watch(openStore(order.file)) });
  const all = await Promise.all(Array.from({ length: order.clients }, () => pool.acquire()));
  await Promise.all(all.map((lease) => lease.release()));
  journal.kept.length = 0;

  const [acquires, releases, pairs]: number[][] = [[], [], []] as never;
  let stopped = false;
  const client = async () => {
    while (!stopped) {
      const askedAtMs = performance.now();
      const lease: Lease<Server> = await pool.acquire();
      const heldAtMs = performance.now();
      await lease.release();
      const doneAtMs = performance.now();
      acquires!.push(heldAtMs - askedAtMs);
      releases!.push(doneAtMs - heldAtMs);
      pairs!.push(doneAtMs - askedAtMs);
    }
  };
  const running = Array.from({ length: order.clients }, client);
  await passed(order.warmUpMs);
  for (const list of [acquires, releases, pairs]) list!.length = 0;
  const { rows, batches } = journal;
  const startedAtMs = performance.now();
  await passed(order.measureMs);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const [done, written, committed] = [pairs!.length, journal.rows - rows, journal.batches - batches];
  stopped = true;
  await Promise.all(running);
  await pool.close();
  const latency = (share: number): Latency => ({
    acquire: quantile(acquires!, share),
    release: quantile(releases!, share),
    pair: quantile(pairs!, share),
  });
  return {
    pairsPerSecond: done / seconds,
    rowsPerSecond: written / seconds,
    rowsPerBatch: written / committed,
    p50Ms: latency(0.5),
    p99Ms: latency(0.99),
    changes: journal.kept,
  };
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

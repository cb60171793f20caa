import { cpSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { type Built, load } from "../lib/build.ts";
import { type StoreName, storeOf } from "./stores.ts";
import { servers } from "./thing.ts";

export interface RestartOrder {
  readonly contestant: Built;
  readonly store: StoreName;
  readonly file: string;
  /** Half of them resources, half of them tickets that hold them. */
  readonly records: number;
}

/** A store's database and its log. */
const PARTS = ["", "-wal"];

export function copyStore(from: string, to: string): void {
  for (const part of PARTS) cpSync(from + part, to + part);
}

/** Makes a store that looks as after a crash: a copy of one that is open. */
export async function prepareRestart(order: RestartOrder): Promise<{ records: number }> {
  const live = `${order.file}-live`;
  const pool = (await opener(order))(live, order.records);
  const tickets = await Promise.all(Array.from({ length: order.records / 2 }, () => pool.request()));
  await Promise.all(tickets.map((ticket) => ticket.wait()));
  const { length: resources } = await pool.resources();
  const { length: leases } = await pool.leases();
  copyStore(live, order.file);
  return { records: resources + leases };
}

export interface RestartResult {
  /** Until all that it had is there again. */
  readonly readyMs: number;
  /** Until somebody new has a resource. */
  readonly acquiredMs: number;
  readonly leases: number;
}

export async function restart(order: RestartOrder): Promise<RestartResult> {
  const openPool = await opener(order);
  const startedAtMs = performance.now();
  const pool = openPool(order.file, order.records);
  await pool.ready();
  const readyMs = performance.now() - startedAtMs;
  const { length: leases } = await pool.leases();
  await pool.acquire();
  return { readyMs, acquiredMs: performance.now() - startedAtMs, leases };
}

/** What is loaded before the clock starts. */
async function opener({ contestant, store }: RestartOrder) {
  const { createPool } = await load(contestant, ".");
  const openStore = await storeOf(contestant, store);
  return (file: string, max: number) =>
    createPool({ provider: servers, max, maxAllocating: 100, store: openStore(file) });
}

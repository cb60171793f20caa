import { obstaclesOf } from "../engine/explaining.js";
import type { Ledger } from "../engine/ledger.js";
import type { Obstacle } from "../engine/obstacle.js";
import type { PoolTotals } from "../engine/pool.js";
import type { FailureKind } from "../model/failure.js";
import type { PoolMode } from "../model/pool-mode.js";
import type { ResourceState } from "../model/resource.js";
import type { TicketRecord } from "../model/ticket.js";
import type { Records } from "./records.js";

/** What a pool has and does, from committed records. */
export interface PoolStats {
  /** The pool's. */
  readonly name: string;
  /** What it does at present. */
  readonly mode: PoolMode;
  /** As configured. */
  readonly max: number;
  /** As configured; how many there are is `resources.ready`. */
  readonly warm: number;
  /** Resources by state. */
  readonly resources: Readonly<Record<ResourceState, number>>;
  /** All resources, whatever their state: what counts against `max`. */
  readonly total: number;
  /** Tickets that this pool could serve and that wait. */
  readonly waiting: number;
  /** Leases held and tickets waiting, by owner. */
  readonly owners: Readonly<Record<string, { readonly leased: number; readonly waiting: number }>>;
  /** Counts since this process opened the store. */
  readonly totals: Readonly<PoolTotals>;
  /** Share of allocations that succeeded since then, 0 to 1; `undefined` before the first. */
  readonly allocateSuccess: number | undefined;
  /** Running mean of the time an allocation takes, in milliseconds; `undefined` before the first. */
  readonly allocateMs: number | undefined;
  /** The failure of allocations that has not been followed by a success. */
  readonly lastFailure: { readonly kind: FailureKind; readonly message: string; readonly at: Date } | undefined;
  /** What would keep whoever is next from being served. */
  readonly obstacles: readonly Obstacle[];
}

/** What a manager has and does. */
export interface ManagerStats {
  /** The manager's. */
  readonly namespace: string;
  /** By name, those that leave as long as they have resources. */
  readonly pools: Readonly<Record<string, PoolStats>>;
  /** Tickets that wait, in all pools. */
  readonly waiting: number;
}

/** Numbers that came as JSON. */
export function revived(stats: ManagerStats): ManagerStats {
  const pools: Record<string, PoolStats> = {};
  for (const [name, pool] of Object.entries(stats.pools)) {
    const { lastFailure: failed } = pool;
    pools[name] = { ...pool, lastFailure: failed && { ...failed, at: new Date(failed.at) } };
  }
  return { ...stats, pools };
}

type Owners = Record<string, { leased: number; waiting: number }>;
type Counted = { resources: Record<ResourceState, number>; total: number; waiting: number; owners: Owners };

export function statsOf(ledger: Ledger, records: Records): ManagerStats {
  const counted = new Map<string, Counted>();
  for (const name of ledger.pools.keys()) counted.set(name, none());
  const holders = new Map<number, string>();
  let waiting = 0;
  for (const record of records.tickets()) {
    const { id, owner, state, items } = record;
    if (state === "granted") holders.set(id, owner);
    if (state !== "waiting" || isEarly(record)) continue;
    waiting += 1;
    const able = new Set(items.flatMap((item) => ledger.lines.for(item)?.pools ?? []));
    for (const { name } of able) {
      const pool = counted.get(name) as Counted;
      pool.waiting += 1;
      ownerOf(pool, owner).waiting += 1;
    }
  }
  for (const { pool: name, state, ticket } of records.resources()) {
    const pool = counted.get(name);
    if (pool === undefined) continue;
    pool.resources[state] += 1;
    pool.total += 1;
    const owner = ticket === undefined ? undefined : holders.get(ticket);
    if (owner !== undefined) ownerOf(pool, owner).leased += 1;
  }
  const pools: Record<string, PoolStats> = {};
  for (const [name, counts] of counted) pools[name] = poolStats(ledger, records, name, counts);
  return { namespace: ledger.self.namespace, pools, waiting };
}

function poolStats(ledger: Ledger, records: Records, name: string, counts: Counted): PoolStats {
  const pool = ledger.pools.get(name);
  if (pool === undefined) throw new Error(`pool ${name} vanished while it was counted`);
  const totals = { ...records.totals(name) };
  const tries = totals.made + totals.failed;
  const { lastFailure, policy, mode, allocateMs } = pool;
  return {
    name,
    mode,
    max: policy.max,
    warm: policy.warm,
    ...counts,
    totals,
    allocateSuccess: tries === 0 ? undefined : totals.made / tries,
    allocateMs: allocateMs === 0 ? undefined : allocateMs,
    lastFailure:
      lastFailure === undefined
        ? undefined
        : { kind: lastFailure.failure.kind, message: lastFailure.failure.message, at: new Date(lastFailure.atMs) },
    obstacles: obstaclesOf(ledger, pool),
  };
}

/** It stands in no line yet. */
function isEarly({ startAtMs, place, createdAtMs }: TicketRecord): boolean {
  return startAtMs !== undefined && startAtMs > createdAtMs && place === undefined;
}

function ownerOf(pool: Counted, owner: string): { leased: number; waiting: number } {
  pool.owners[owner] ??= { leased: 0, waiting: 0 };
  return pool.owners[owner];
}

function none(): Counted {
  const resources = { allocating: 0, unknown: 0, ready: 0, leased: 0, resetting: 0, held: 0, deleting: 0 };
  // Owners are what users make of them, `__proto__` too.
  return { resources, total: 0, waiting: 0, owners: Object.create(null) };
}

import {
  type Attributes,
  type BatchObservableResult,
  type Meter,
  type MeterProvider,
  metrics,
} from "@opentelemetry/api";
import { isWarmpoolError } from "../model/error.js";
import type { AnyEvent } from "../model/event.js";
import type { ResourceState } from "../model/resource.js";
import type { ManagerStats, PoolStats } from "../runtime/stats.js";
import { type Instruments, instrumentsOf } from "./instruments.js";

/** What can be measured: a pool or a manager. */
export interface Instrumentable {
  /** What it has and does. */
  stats(): PoolStats | ManagerStats;
  /** Begins to listen. */
  on(type: "event", listener: (event: AnyEvent) => void): unknown;
  /** Ceases to listen. */
  off(type: "event", listener: (event: AnyEvent) => void): unknown;
}

/** Where metrics go. */
export interface InstrumentOptions {
  /** Makes the instruments. Default: the meter `@warmpool/core` of `meterProvider`. */
  readonly meter?: Meter;
  /** Default: the global one, `metrics.getMeterProvider()`. */
  readonly meterProvider?: MeterProvider;
}

/**
 * Exports what `stats()` says as OpenTelemetry metrics, and from events how long tickets waited and allocations took.
 *
 * Numbers of `stats()` are read when they are exported. While nothing is open there are none: before `ready()`, after
 * `close()`.
 *
 * @returns Stops it.
 */
export function instrument(pool: Instrumentable, options: InstrumentOptions = {}): () => void {
  const meter = options.meter ?? (options.meterProvider ?? metrics).getMeter("@warmpool/core");
  const instruments = instrumentsOf(meter);
  const { observed } = instruments;
  const observe = (result: BatchObservableResult) => {
    const stats = statsOf(pool);
    if (stats !== undefined) observeStats(stats, instruments, result);
  };
  const watch = watcher(pool, instruments);
  meter.addBatchObservableCallback(observe, Object.values(observed));
  pool.on("event", watch);
  return () => {
    meter.removeBatchObservableCallback(observe, Object.values(observed));
    pool.off("event", watch);
  };
}

/** Nothing, while there are none. */
function statsOf(pool: Instrumentable): PoolStats | ManagerStats | undefined {
  try {
    return pool.stats();
  } catch (error) {
    if (isWarmpoolError(error)) return undefined;
    throw error;
  }
}

function observeStats(stats: PoolStats | ManagerStats, { observed }: Instruments, result: BatchObservableResult): void {
  const namespace = { "warmpool.namespace": namespaceOf(stats) };
  result.observe(observed.namespaceWaiting, stats.waiting, namespace);
  for (const pool of "pools" in stats ? Object.values(stats.pools) : [stats]) {
    const attributes: Attributes = { ...namespace, "warmpool.pool": pool.name };
    for (const [state, count] of Object.entries(pool.resources)) {
      result.observe(observed.resources, count, { ...attributes, "warmpool.resource.state": state });
    }
    result.observe(observed.max, pool.max, attributes);
    result.observe(observed.warm, pool.warm, attributes);
    result.observe(observed.waiting, pool.waiting, attributes);
    const { made, failed, deleted, granted, released, lost, timedOut } = pool.totals;
    result.observe(observed.made, made, attributes);
    result.observe(observed.failed, failed, attributes);
    result.observe(observed.deleted, deleted, attributes);
    result.observe(observed.granted, granted, attributes);
    result.observe(observed.released, released, attributes);
    result.observe(observed.lost, lost, attributes);
    result.observe(observed.timedOut, timedOut, attributes);
  }
}

/** What `createPool` made is the only pool of its namespace, and gives it its name. */
function namespaceOf(stats: PoolStats | ManagerStats): string {
  return "pools" in stats ? stats.namespace : stats.name;
}

/** Records durations from events. */
function watcher(pool: Instrumentable, { wait, allocation }: Instruments): (event: AnyEvent) => void {
  /** When the decision to make it was taken, by the number of the resource. */
  const begun = new Map<number, number>();
  let namespace: string | undefined;
  return ({ type, atMs, ids, data }) => {
    if (namespace === undefined) {
      // While closing there are still events, and no stats any more.
      const stats = statsOf(pool);
      if (stats === undefined) return;
      namespace = namespaceOf(stats);
    }
    const attributes: Attributes = {
      "warmpool.namespace": namespace,
      ...(ids.pool !== undefined && { "warmpool.pool": ids.pool }),
      ...(ids.provider !== undefined && { "warmpool.provider": ids.provider }),
    };
    const { resource = 0 } = ids;
    if (type === "ticket.changed" && data.waitedMs !== undefined) {
      wait.record(data.waitedMs / 1_000, attributes);
    } else if (type === "resource.changed" && data.to === "allocating") {
      begun.set(resource, atMs);
    } else if (type === "resource.gone" || (type === "resource.changed" && !UNDECIDED.has(data.to))) {
      const sinceMs = begun.get(resource);
      begun.delete(resource);
      const made = type === "resource.changed" && data.to === "ready";
      if (made && sinceMs !== undefined) allocation.record((atMs - sinceMs) / 1_000, attributes);
    }
  };
}

/** States in which nobody knows yet what the allocation comes to. */
const UNDECIDED: ReadonlySet<ResourceState> = new Set<ResourceState>(["allocating", "unknown"]);

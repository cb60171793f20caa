import {
  AggregationTemporality,
  type HistogramMetricData,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { afterEach, describe, expect, test } from "vitest";
import { createManager, createPool, definePool, factoryProvider } from "../index.js";
import { instrument } from "./index.js";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** OpenTelemetry's own SDK, with an exporter that keeps what it is given. */
function telemetry() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  // Exports when told: never by its own timer.
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  cleanups.push(() => meterProvider.shutdown());
  const collect = async () => {
    exporter.reset();
    await meterProvider.forceFlush();
    return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  };
  const metric = async (name: string) => (await collect()).find(({ descriptor }) => descriptor.name === name);
  return {
    meterProvider,
    collect,
    metric,
    /** Values of a metric, by the last of its attributes. */
    async values(name: string): Promise<Record<string, unknown>> {
      const points = (await metric(name))?.dataPoints ?? [];
      return Object.fromEntries(points.map(({ attributes, value }) => [Object.values(attributes).at(-1), value]));
    },
    async points(name: string) {
      return (await metric(name))?.dataPoints.map(({ attributes, value }) => ({ attributes, value })) ?? [];
    },
    async histogram(name: string) {
      return ((await metric(name)) as HistogramMetricData | undefined)?.dataPoints ?? [];
    },
  };
}

const things = () => {
  let made = 0;
  return factoryProvider({ name: "things", create: () => ({ number: ++made }) });
};

function closing<P extends { close(): Promise<void> }>(pool: P): P {
  cleanups.push(() => pool.close());
  return pool;
}

describe("instrument", () => {
  test("exports what stats() says, at the time of the export", async () => {
    const { meterProvider, values, points } = telemetry();
    const pool = closing(createPool({ name: "web", provider: things(), warm: 1, max: 2 }));
    instrument(pool, { meterProvider });
    const [lease] = [await pool.acquire(), await pool.acquire()];
    const waiting = pool.acquire();
    await pool.ready();

    const web = { "warmpool.namespace": "web", "warmpool.pool": "web" };
    expect(await values("warmpool.resources")).toEqual(pool.stats().resources);
    expect(await values("warmpool.resources")).toMatchObject({ leased: 2, ready: 0 });
    expect(await points("warmpool.pool.max")).toEqual([{ attributes: web, value: 2 }]);
    expect(await points("warmpool.pool.warm")).toEqual([{ attributes: web, value: 1 }]);
    expect(await points("warmpool.tickets.waiting")).toEqual([{ attributes: web, value: 1 }]);
    expect(await points("warmpool.namespace.tickets.waiting")).toEqual([
      { attributes: { "warmpool.namespace": "web" }, value: 1 },
    ]);

    await lease?.release();
    await waiting;
    await expect(pool.acquire({ timeout: 0 })).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT" });
    const { made, failed, deleted, granted, released, lost, timedOut } = pool.stats().totals;
    expect({ made, granted, released, timedOut }).toEqual({ made: 2, granted: 3, released: 1, timedOut: 1 });
    for (const [name, value] of Object.entries({
      "warmpool.resources.made": made,
      "warmpool.allocations.failed": failed,
      "warmpool.resources.deleted": deleted,
      "warmpool.leases.granted": granted,
      "warmpool.leases.released": released,
      "warmpool.leases.lost": lost,
      "warmpool.tickets.timed_out": timedOut,
    })) {
      expect([name, await points(name)]).toEqual([name, [{ attributes: web, value }]]);
    }
  });

  test("measures waits and allocations from events, in seconds", async () => {
    const { meterProvider, histogram } = telemetry();
    const pool = closing(createPool({ name: "web", provider: things(), max: 1 }));
    instrument(pool, { meterProvider });
    const first = await pool.acquire();
    const second = pool.acquire();
    await first.release();
    await second;

    const [wait] = await histogram("warmpool.ticket.wait");
    expect(wait?.attributes).toEqual({ "warmpool.namespace": "web", "warmpool.pool": "web" });
    expect(wait?.value.count).toBe(2);
    expect(wait?.value.sum).toBeLessThan(1);
    const [allocation] = await histogram("warmpool.allocation.duration");
    expect(allocation?.attributes).toEqual({ ...wait?.attributes, "warmpool.provider": "things" });
    expect(allocation?.value.count).toBe(1);
  });

  test("a wait is as long as its ticket waited, by the pool's clock", async () => {
    const { meterProvider, histogram } = telemetry();
    const clock = new TurnedClock();
    const pool = closing(createPool({ name: "web", provider: things(), max: 1, clock }));
    instrument(pool, { meterProvider });
    const first = await pool.acquire();
    const second = pool.acquire();
    clock.nowMs += 90_000;
    await first.release();
    await second;
    const [wait] = await histogram("warmpool.ticket.wait");
    expect(wait?.value).toMatchObject({ count: 2, sum: 90, min: 0, max: 90 });
  });

  test("an allocation that fails has no duration", async () => {
    const { meterProvider, histogram, points } = telemetry();
    const provider = factoryProvider({ create: () => Promise.reject(new Error("no")) });
    const pool = closing(createPool({ name: "web", provider, max: 1 }));
    instrument(pool, { meterProvider });
    await expect(pool.acquire({ timeout: 20 })).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT" });
    expect(await histogram("warmpool.allocation.duration")).toEqual([]);
    expect(await points("warmpool.allocations.failed")).toMatchObject([{ value: 1 }]);
  });

  test("tells the pools of a manager apart, and its namespace", async () => {
    const { meterProvider, points, histogram } = telemetry();
    const pools = {
      a: definePool({ provider: things(), max: 1, tags: ["x"] }),
      b: definePool({ provider: things(), max: 1, tags: ["x"] }),
    };
    const manager = closing(createManager({ namespace: "ci", pools }));
    instrument(manager, { meterProvider });
    await manager.acquire({ tags: ["x"] });
    await manager.acquire({ tags: ["x"] });
    void manager.acquire({ tags: ["x"] }).catch(() => {});
    await manager.ready();
    // Either could serve it, so it waits for both; and is one.
    expect(await points("warmpool.tickets.waiting")).toEqual([
      { attributes: { "warmpool.namespace": "ci", "warmpool.pool": "a" }, value: 1 },
      { attributes: { "warmpool.namespace": "ci", "warmpool.pool": "b" }, value: 1 },
    ]);
    expect(await points("warmpool.namespace.tickets.waiting")).toMatchObject([{ value: 1 }]);
    expect((await histogram("warmpool.ticket.wait")).map(({ attributes }) => attributes["warmpool.pool"])).toEqual([
      "a",
      "b",
    ]);
  });

  test("several pools share a meter provider", async () => {
    const { meterProvider, points } = telemetry();
    for (const name of ["web", "vm"]) {
      const pool = closing(createPool({ name, provider: things(), max: name === "web" ? 2 : 5 }));
      await pool.ready();
      instrument(pool, { meterProvider });
    }
    expect(await points("warmpool.pool.max")).toMatchObject([
      { attributes: { "warmpool.pool": "web" }, value: 2 },
      { attributes: { "warmpool.pool": "vm" }, value: 5 },
    ]);
  });

  test("takes a meter, whose scope is then the user's", async () => {
    const { meterProvider, points } = telemetry();
    const pool = closing(createPool({ provider: things(), max: 1 }));
    await pool.ready();
    instrument(pool, { meter: meterProvider.getMeter("mine", "1.2.3") });
    expect(await points("warmpool.pool.max")).toMatchObject([{ value: 1 }]);
  });

  test("exports nothing before the store is open and after the end, and does not fail", async () => {
    const { meterProvider, points } = telemetry();
    const pool = createPool({ provider: things(), max: 1 });
    instrument(pool, { meterProvider });
    await pool.close();
    expect(await points("warmpool.pool.max")).toEqual([]);
  });

  test("reads and records nothing more when it was stopped", async () => {
    const { meterProvider, histogram, points } = telemetry();
    const pool = closing(createPool({ provider: things(), max: 2 }));
    const stop = instrument(pool, { meterProvider });
    await pool.acquire();
    expect(await points("warmpool.leases.granted")).toMatchObject([{ value: 1 }]);
    stop();
    await pool.acquire();
    // The SDK goes on exporting what it was told last.
    expect(await points("warmpool.leases.granted")).toMatchObject([{ value: 1 }]);
    expect(await histogram("warmpool.ticket.wait")).toMatchObject([{ value: { count: 1 } }]);
    expect(await histogram("warmpool.allocation.duration")).toMatchObject([{ value: { count: 1 } }]);
  });

  test("says nothing, and costs little, where nobody set up OpenTelemetry", async () => {
    const pool = closing(createPool({ provider: things(), max: 1 }));
    const stop = instrument(pool);
    await (await pool.acquire()).release();
    stop();
  });
});

/** The machine's clock, which can be put forward. */
class TurnedClock {
  nowMs = 1_000_000;
  now(): number {
    return this.nowMs;
  }
  turn(): number {
    return this.nowMs;
  }
  after(ms: number, run: () => void): { cancel(): void } {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  }
}

import type { Histogram, Meter, Observable } from "@opentelemetry/api";

/** Everything that is exported. Names and units follow OpenTelemetry's conventions: units in braces are annotations. */
export interface Instruments {
  /** What is read from `stats()` at each export. */
  readonly observed: {
    readonly resources: Observable;
    readonly max: Observable;
    readonly warm: Observable;
    readonly waiting: Observable;
    readonly namespaceWaiting: Observable;
    readonly made: Observable;
    readonly failed: Observable;
    readonly deleted: Observable;
    readonly granted: Observable;
    readonly released: Observable;
    readonly lost: Observable;
    readonly timedOut: Observable;
  };
  readonly wait: Histogram;
  readonly allocation: Histogram;
}

/** Seconds: from a grant in memory to a machine that takes an hour. The conventional ones end at ten seconds. */
const BOUNDARIES = [0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];

export function instrumentsOf(meter: Meter): Instruments {
  // Counts that go up and down and can be summed over pools: up-down counters, and not gauges.
  const count = (name: string, unit: string, description: string) =>
    meter.createObservableUpDownCounter(name, { unit, description });
  const total = (name: string, unit: string, description: string) =>
    meter.createObservableCounter(name, { unit, description });
  const seconds = (name: string, description: string) =>
    meter.createHistogram(name, { unit: "s", description, advice: { explicitBucketBoundaries: BOUNDARIES } });
  return {
    observed: {
      resources: count("warmpool.resources", "{resource}", "Resources of a pool by state."),
      max: count("warmpool.pool.max", "{resource}", "The most resources that a pool may have."),
      warm: count("warmpool.pool.warm", "{resource}", "Resources that a pool keeps ready ahead of demand."),
      waiting: count("warmpool.tickets.waiting", "{ticket}", "Tickets that wait and that a pool could serve."),
      namespaceWaiting: count(
        "warmpool.namespace.tickets.waiting",
        "{ticket}",
        "Tickets that wait, each counted once.",
      ),
      made: total("warmpool.resources.made", "{resource}", "Resources made."),
      failed: total("warmpool.allocations.failed", "{allocation}", "Allocations that failed."),
      deleted: total("warmpool.resources.deleted", "{resource}", "Resources deleted."),
      granted: total("warmpool.leases.granted", "{lease}", "Leases granted."),
      released: total("warmpool.leases.released", "{lease}", "Leases released by their holders."),
      lost: total("warmpool.leases.lost", "{lease}", "Leases that ended because their resource died."),
      timedOut: total("warmpool.tickets.timed_out", "{ticket}", "Tickets that waited too long."),
    },
    wait: seconds("warmpool.ticket.wait", "Time from a request to its grant."),
    allocation: seconds("warmpool.allocation.duration", "Time from the decision to make a resource until it is ready."),
  };
}

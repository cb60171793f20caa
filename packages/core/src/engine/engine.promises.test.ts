/** Properties of the order and of sets, over whatever comes and goes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Harness } from "./testing/harness.js";
import { SECOND } from "./testing/policies.js";
import type { Ticket } from "./ticket.js";

/** The pauses after failures: no longer than the longest. */
const BACKOFF = { firstMs: SECOND, maxMs: 4 * SECOND };

interface Arrival {
  readonly afterMs: number;
  readonly count: number;
  readonly priority: number;
}

const arrivals = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 3 * SECOND }),
    count: fc.integer({ min: 1, max: 2 }),
    priority: fc.constantFrom(0, 0, 1),
  }),
  { minLength: 1, maxLength: 12 },
);

/** Answers what is due: makes in its time, but for the first few, which fail; deletes at once. */
class Cloud {
  readonly harness: Harness;
  readonly #takesMs: readonly number[];
  /** So many of the first allocations fail. */
  readonly fails: number;
  readonly #dueAtMs = new Map<object, number>();
  #calls = 0;

  constructor(harness: Harness, takesMs: readonly number[], fails: number) {
    this.harness = harness;
    this.#takesMs = takesMs;
    this.fails = fails;
  }

  get slowestMs(): number {
    return Math.max(...this.#takesMs);
  }

  step(): void {
    const { harness } = this;
    for (const call of harness.calls("delete")) if (call.kind !== "list") harness.succeed(call);
    for (const call of harness.calls("allocate")) {
      if (call.kind === "list") continue;
      const n = this.#calls;
      if (!this.#dueAtMs.has(call)) {
        this.#calls += 1;
        this.#dueAtMs.set(call, harness.nowMs + (this.#takesMs[n % this.#takesMs.length] as number));
      }
      if ((this.#dueAtMs.get(call) as number) > harness.nowMs) continue;
      if (call.resource.id <= this.fails) harness.fail(call, "transient", { made: "nothing" });
      else harness.succeed(call);
    }
  }
}

/** Looked at so often. */
const STEP_MS = 100;

/** One after the other asks, and gives back what he has after a while; says of each how many stood before him. */
function serve(
  cloud: Cloud,
  asked: readonly Arrival[],
  holdsMs: number,
  granted: (ticket: Ticket, waitedMs: number, ahead: number) => void,
): Ticket[] {
  const { harness } = cloud;
  const ahead = new Map<Ticket, number>();
  const releases = new Map<Ticket, number>();
  const comings = [...asked];
  let nextAtMs = harness.nowMs;
  for (let steps = 0; steps < 10_000 && (comings.length > 0 || isOpen(ahead.keys())); steps++) {
    while (comings[0] !== undefined && nextAtMs + comings[0].afterMs <= harness.nowMs) {
      const { count, priority, afterMs } = comings.shift() as Arrival;
      nextAtMs += afterMs;
      const waiting = [...ahead.keys()].filter(({ state }) => state === "waiting").length;
      const ticket = count === 1 ? harness.request("web", { priority }) : harness.party({ web: count }, { priority });
      ahead.set(ticket, waiting);
    }
    cloud.step();
    for (const [ticket, before] of ahead) {
      if (ticket.state !== "granted" || releases.has(ticket)) continue;
      releases.set(ticket, harness.nowMs + holdsMs);
      granted(ticket, harness.nowMs - ticket.createdAtMs, before);
    }
    for (const [ticket, atMs] of releases)
      if (ticket.state === "granted" && atMs <= harness.nowMs) harness.release(ticket);
    harness.advance(STEP_MS);
  }
  return [...ahead.keys()];
}

function isOpen(tickets: Iterable<Ticket>): boolean {
  for (const { state } of tickets) if (state !== "closed") return true;
  return false;
}

const timesMs = fc.array(fc.integer({ min: 100, max: 3 * SECOND }), { minLength: 1, maxLength: 4 });

test("nobody starves: he waits for those before him, an allocation each, and for three pauses at the most", () => {
  const alike = arrivals.map((all) => all.map((one) => ({ ...one, count: 1, priority: 0 })));
  const property = fc.property(
    alike,
    timesMs,
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 1, max: 3 }),
    (asked, takesMs, fails, max) => {
      const pools = { web: { max, backoff: BACKOFF } };
      const cloud = new Cloud(new Harness({ pools, providers: { cloud: { breakAfter: 99 } } }), takesMs, fails);
      // An allocation that failed was one, too; and what has happened is noticed a little later.
      const turnMs = cloud.slowestMs + 3 * STEP_MS;
      const tickets = serve(cloud, asked, 0, (_ticket, waitedMs, ahead) =>
        expect(waitedMs).toBeLessThanOrEqual((ahead + 1 + fails) * turnMs + 3 * BACKOFF.maxMs),
      );
      expect(tickets.filter(({ end }) => end === "released").length).toBe(asked.length);
    },
  );
  fc.assert(property, { numRuns: 60 });
});

test("a set is held whole or not at all, whatever comes, fails and is given back", () => {
  const property = fc.property(
    arrivals,
    timesMs,
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 2, max: 4 }),
    (asked, takesMs, fails, max) => {
      const pools = { web: { max, reuse: true, backoff: BACKOFF } };
      const harness = new Harness({ pools, providers: { cloud: { breakAfter: 99 } } });
      const cloud = new Cloud(harness, takesMs, fails);
      const look = cloud.step.bind(cloud);
      cloud.step = () => {
        look();
        expect(setsOf(harness).filter(({ has, of }) => has !== of)).toEqual([]);
      };
      const tickets = serve(cloud, asked, SECOND, (ticket) => expect(ticket.shares?.length ?? 1).toBe(sizeOf(ticket)));
      expect(tickets.filter(({ end }) => end === "released").length).toBe(asked.length);
    },
  );
  fc.assert(property, { numRuns: 60 });
});

function sizeOf({ order: { item, items = [item] } }: Ticket): number {
  return items.reduce((sum, { count }) => sum + count, 0);
}

/** What each ticket has, and of how many. */
function setsOf(harness: Harness): { readonly has: number; readonly of: number }[] {
  const held = new Map<Ticket, number>();
  for (const { ticket } of harness.resources("leased")) {
    const whole = ticket?.party ?? ticket;
    if (whole !== undefined) held.set(whole, (held.get(whole) ?? 0) + 1);
  }
  return [...held].map(([ticket, has]) => ({ has, of: sizeOf(ticket) }));
}

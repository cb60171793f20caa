import fc from "fast-check";
import { expect, test } from "vitest";
import { type AnyEvent, createManager, definePool, type Lease, type PoolDefinition, statsOver } from "../index.js";
import { FakeCloud } from "./testing/fake-cloud.js";
import { MapStore } from "./testing/map-store.js";
import { SimulatedClock, settled } from "./testing/simulated-clock.js";

/** What somebody does, by chance. */
const ACTS = [
  "acquire",
  "request",
  "later",
  "all",
  "release",
  "fail",
  "lose",
  "hold",
  "pause",
  "resume",
  "break",
  "mend",
  "configure",
  "end",
] as const;
const step = fc.record({
  act: fc.constantFrom(...ACTS),
  which: fc.nat(9),
  ms: fc.constantFrom(0, 0, 500, 20_000, 90_000),
});

type Pools = Record<string, PoolDefinition>;

async function last(events: readonly AnyEvent[]) {
  let at: Awaited<ReturnType<typeof next>> | undefined;
  const next = async () => (await statsOver(events).next()).value;
  for await (const stats of statsOver(events)) at = stats as typeof at;
  return at;
}

test.each(["memory", "durable"] as const)(
  "stats are rebuilt from events, after whatever happened (%s)",
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const clock = new SimulatedClock();
        const cloud = new FakeCloud();
        const provider = cloud.provider(["reset"]);
        const pool = (options: object) =>
          definePool({ provider, max: 2, reuse: true, acquireTimeout: "1m", ...options });
        const pools = (max: number): Pools => ({
          a: pool({ max, tags: ["x"], lease: { ackWithin: "10s" } }) as never,
          b: pool({ warm: 1, tags: max === 2 ? ["x", "y"] : ["y"], lease: { lifespan: { maximum: "5m" } } }) as never,
        });
        const store = kind === "durable" ? { store: new MapStore() } : {};
        const manager = createManager({ clock, pools: pools(2), ...store, events: { keep: 10_000 } } as never);
        const events: AnyEvent[] = [];
        manager.on("event", (event) => events.push(event));
        await manager.ready();
        const leases: Lease[] = [];
        const holds = (found: Promise<unknown>) =>
          void found.then(
            (lease) => leases.push(lease as Lease),
            () => {},
          );
        for (const [n, { act, which, ms }] of steps.entries()) {
          const some = {
            owner: `o${which % 3}`,
            group: `g${which % 2}`,
            ...(which % 2 ? { tags: ["x"] } : { pool: "ab"[which % 4 === 0 ? 0 : 1] }),
          };
          const startAt = new Date(clock.now() + 30_000);
          const resource = manager.resource(which + 1);
          if (act === "acquire") holds(manager.acquire({ ...some, ...(which > 6 && { timeout: 1_000 }) } as never));
          if (act === "request")
            void manager.request(some as never).then(
              (ticket) => which > 5 && holds(ticket.wait()),
              () => {},
            );
          if (act === "all") {
            const items = [{ pool: "a", count: 1 + (which % 2) }, { pool: "b" }];
            void manager.acquireAll(items as never, { owner: "o1", timeout: 20_000 }).then(
              (all) => leases.push(...(all as unknown as Iterable<Lease>)),
              () => {},
            );
          }
          if (act === "later") holds(manager.acquire({ ...some, startAt } as never));
          if (act === "release")
            void leases
              .splice(which % 3, 1)[0]
              ?.release()
              .catch(() => {});
          if (act === "fail")
            void leases
              .splice(which % 3, 1)[0]
              ?.release({ failed: "it broke" })
              .catch(() => {});
          if (act === "lose") void resource.delete().catch(() => {});
          if (act === "hold") void resource.hold("a look", { for: "1m" }).catch(() => {});
          if (act === "pause" || act === "resume") void manager[act]("ab"[which % 2] as never);
          if (act === "break") cloud.instead.allocate = () => Promise.reject(new Error("broken"));
          if (act === "mend") cloud.instead.allocate = undefined as never;
          if (act === "configure") void manager.configure({ pools: pools(1 + (which % 2)) });
          if (act === "end") void manager.endGroup(`g${which % 2}`);
          await clock.advance(ms);
          await settled();
          const { pools: now, waiting } = manager.stats();
          const rebuilt = await last(events);
          const counted = Object.fromEntries(
            Object.entries(now).map(
              ([name, { name: own, mode, max, warm, resources, total, waiting: wait, owners, totals }]) => [
                name,
                { name: own, mode, max, warm, resources, total, waiting: wait, owners, totals },
              ],
            ),
          );
          expect([n, act, rebuilt?.waiting, rebuilt?.pools]).toEqual([n, act, waiting, counted]);
        }
        await manager.close({ timeout: 0 }).catch(() => {});
      }),
      { numRuns: 40 },
    );
  },
);

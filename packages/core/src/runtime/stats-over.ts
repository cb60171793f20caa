import type { PoolTotals } from "../engine/pool.js";
import type { AnyEvent, WarmpoolEvent } from "../model/event.js";
import type { PoolMode } from "../model/pool-mode.js";
import type { ResourceState } from "../model/resource.js";
import type { TicketEnd } from "../model/ticket.js";
import type { ManagerStats, PoolStats } from "./stats.js";

/** What events tell of a pool: all of `stats()` that is counted. */
export type PoolCounts = Pick<
  PoolStats,
  "name" | "mode" | "max" | "warm" | "resources" | "total" | "waiting" | "owners" | "totals"
>;

/** What a manager had after an event. */
export interface StatsAt {
  /** Number of the event. */
  readonly seq: number;
  /** When it became true: UTC milliseconds. */
  readonly atMs: number;
  /** By name. */
  readonly pools: Readonly<Record<string, PoolCounts>>;
  /** Tickets that wait, in all pools. */
  readonly waiting: ManagerStats["waiting"];
}

/**
 * What `stats()` said after each event, from the events alone: to draw what happened. Totals count from the first of them.
 *
 * @param events From the very first one on: `manager.events({ after: 0 })`, or an array of them. What came before is not counted.
 */
export async function* statsOver(events: AsyncIterable<AnyEvent> | Iterable<AnyEvent>): AsyncGenerator<StatsAt> {
  const counts = new Counts();
  for await (const event of events) {
    counts.take(event);
    yield counts.at(event);
  }
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Owners = Record<string, { leased: number; waiting: number }>;
type Counted = Writable<Omit<PoolCounts, "resources" | "owners" | "totals">> & {
  resources: Record<ResourceState, number>;
  owners: Owners;
  totals: PoolTotals;
};

/** A ticket that waits or holds something, and the pools for which it counts. */
interface Open {
  readonly owner: string;
  readonly waits: boolean;
  readonly pools: readonly string[];
  /** It had several leases, and some of them have ended by themselves. */
  readonly isApart?: true;
}

class Counts {
  readonly #pools = new Map<string, Counted>();
  readonly #resources = new Map<number, { readonly pool: string; readonly state: ResourceState }>();
  readonly #tickets = new Map<number, Open>();

  at({ seq, atMs }: AnyEvent): StatsAt {
    const pools = Object.fromEntries([...this.#pools].map(([name, pool]) => [name, structuredClone(pool)]));
    let waiting = 0;
    for (const { waits, pools: line } of this.#tickets.values()) if (waits && line.length > 0) waiting += 1;
    return { seq, atMs, pools, waiting };
  }

  take(event: AnyEvent): void {
    switch (event.type) {
      case "pool.changed":
        return this.#poolChanged(event);
      case "resource.changed":
        return this.#resourceChanged(event);
      case "resource.made":
        this.#pool(event.ids.pool).totals.made += 1;
        return;
      case "resource.gone": {
        const { reason } = event.data;
        if (reason !== "never-made" && reason !== "forgotten") this.#pool(event.ids.pool).totals.deleted += 1;
        return this.#moveResource(event.ids.resource as number, undefined);
      }
      case "provider.failed":
        if (event.data.call === "allocate") this.#pool(event.ids.pool).totals.failed += 1;
        return;
      case "ticket.changed":
        return this.#ticketChanged(event);
      case "lease.ended":
        return this.#leaseEnded(event);
      case "ticket.started":
        return this.#moveTicket(event.ids.ticket as number, {
          owner: event.ids.owner as string,
          waits: true,
          pools: event.data.pools,
        });
      default:
    }
  }

  #poolChanged({ ids, data }: WarmpoolEvent<"pool.changed">): void {
    const name = ids.pool as string;
    if (data.to === "removed") {
      this.#pools.delete(name);
      return;
    }
    const { mode, max, warm } = data;
    Object.assign(this.#pool(name), { mode, max, warm });
  }

  #resourceChanged({ ids, data }: WarmpoolEvent<"resource.changed">): void {
    this.#moveResource(ids.resource as number, { pool: ids.pool as string, state: data.to });
  }

  #moveResource(id: number, to: { readonly pool: string; readonly state: ResourceState } | undefined): void {
    const from = this.#resources.get(id);
    this.#countResource(from, -1);
    this.#countResource(to, +1);
    if (to === undefined) this.#resources.delete(id);
    else this.#resources.set(id, to);
  }

  #countResource(resource: { readonly pool: string; readonly state: ResourceState } | undefined, by: 1 | -1): void {
    if (resource === undefined) return;
    const pool = this.#pool(resource.pool);
    pool.resources[resource.state] += by;
    pool.total += by;
  }

  #ticketChanged({ ids, data }: WarmpoolEvent<"ticket.changed">): void {
    const id = ids.ticket as number;
    const { to, end, pools = [] } = data;
    const before = this.#tickets.get(id);
    if (to === "closed") {
      // Of what it had, or waited for.
      const isTold = before?.isApart === true && end !== "timed-out";
      if (!isTold) for (const name of before?.pools ?? []) this.#countEnd(name, end);
      return this.#moveTicket(id, undefined);
    }
    if (to === "granted") for (const name of pools) this.#pool(name).totals.granted += 1;
    this.#moveTicket(id, { owner: ids.owner as string, waits: to === "waiting", pools });
  }

  #countEnd(name: string, end: TicketEnd | undefined): void {
    const { totals } = this.#pool(name);
    if (end === "released") totals.released += 1;
    if (end === "lost") totals.lost += 1;
    if (end === "timed-out") totals.timedOut += 1;
  }

  #leaseEnded({ ids, data }: WarmpoolEvent<"lease.ended">): void {
    const id = ids.ticket as number;
    const before = this.#tickets.get(id);
    if (before === undefined) return;
    this.#countEnd(ids.pool as string, data.end);
    const pools = [...before.pools];
    pools.splice(pools.indexOf(ids.pool as string), 1);
    this.#moveTicket(id, { ...before, pools, isApart: true });
  }

  #moveTicket(id: number, to: Open | undefined): void {
    this.#countTicket(this.#tickets.get(id), -1);
    this.#countTicket(to, +1);
    if (to === undefined) this.#tickets.delete(id);
    else this.#tickets.set(id, to);
  }

  #countTicket(ticket: Open | undefined, by: 1 | -1): void {
    if (ticket === undefined) return;
    const { owner, waits } = ticket;
    for (const name of ticket.pools) {
      const pool = this.#pool(name);
      if (waits) pool.waiting += by;
      const counts = pool.owners[owner] ?? { leased: 0, waiting: 0 };
      counts[waits ? "waiting" : "leased"] += by;
      if (counts.leased + counts.waiting > 0) pool.owners[owner] = counts;
      else delete pool.owners[owner];
    }
  }

  #pool(given: string | undefined): Counted {
    const name = given as string;
    let pool = this.#pools.get(name);
    if (pool === undefined) {
      pool = none(name, "open");
      this.#pools.set(name, pool);
    }
    return pool;
  }
}

function none(name: string, mode: PoolMode): Counted {
  return {
    name,
    mode,
    max: 0,
    warm: 0,
    resources: { allocating: 0, unknown: 0, ready: 0, leased: 0, resetting: 0, held: 0, deleting: 0 },
    total: 0,
    waiting: 0,
    // Owners are what users make of them, `__proto__` too.
    owners: Object.create(null) as Owners,
    totals: { made: 0, failed: 0, granted: 0, released: 0, lost: 0, deleted: 0, timedOut: 0 },
  };
}

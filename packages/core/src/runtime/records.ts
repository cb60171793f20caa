import type { Ledger } from "../engine/ledger.js";
import type { PoolTotals } from "../engine/pool.js";
import type { ResourceRecord } from "../model/resource.js";
import type { TicketRecord } from "../model/ticket.js";

/** Changes of one batch, as they will be seen once it is committed. */
export interface RecordsBatch {
  readonly resources: [id: number, record: ResourceRecord | null][];
  readonly tickets: [id: number, record: TicketRecord | null][];
  readonly totals: Map<string, PoolTotals>;
}

/**
 * What readers see: committed records only. With a store, a copy of what was committed last; without one, the engine's own
 * state, which is all that there is.
 */
export class Records {
  readonly #ledger: Ledger;
  readonly #resources = new Map<number, ResourceRecord>();
  readonly #tickets = new Map<number, TicketRecord>();
  readonly #totals = new Map<string, PoolTotals>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Takes what was loaded: it is committed by nature. */
  take(resources: readonly ResourceRecord[], tickets: readonly TicketRecord[]): void {
    for (const record of resources) this.#resources.set(record.id, record);
    for (const record of tickets) this.#tickets.set(record.id, record);
  }

  begin(): RecordsBatch {
    const totals = new Map<string, PoolTotals>();
    for (const pool of this.#ledger.pools.values()) totals.set(pool.name, { ...pool.totals });
    return { resources: [], tickets: [], totals };
  }

  apply({ resources, tickets, totals }: RecordsBatch): void {
    for (const [id, record] of resources) {
      if (record === null) this.#resources.delete(id);
      else this.#resources.set(id, record);
    }
    for (const [id, record] of tickets) {
      if (record === null) this.#tickets.delete(id);
      else this.#tickets.set(id, record);
    }
    for (const [pool, counts] of totals) this.#totals.set(pool, counts);
  }

  *resources(): Iterable<ResourceRecord> {
    if (this.#ledger.self.durable) yield* this.#resources.values();
    else for (const resource of this.#ledger.resources.values()) yield resource.toRecord();
  }

  *tickets(): Iterable<TicketRecord> {
    if (this.#ledger.self.durable) {
      yield* this.#tickets.values();
      return;
    }
    for (const ticket of this.#ledger.allTickets()) yield ticket.toRecord();
  }

  ticket(id: number): TicketRecord | undefined {
    return this.#ledger.self.durable ? this.#tickets.get(id) : this.#ledger.ticket(id)?.toRecord();
  }

  resource(id: number): ResourceRecord | undefined {
    return this.#ledger.self.durable ? this.#resources.get(id) : this.#ledger.resources.get(id)?.toRecord();
  }

  totals(pool: string): PoolTotals {
    const live = this.#ledger.pools.get(pool)?.totals;
    const none = { made: 0, failed: 0, granted: 0, released: 0, lost: 0, deleted: 0, timedOut: 0 };
    return (this.#ledger.self.durable ? this.#totals.get(pool) : live) ?? none;
  }
}

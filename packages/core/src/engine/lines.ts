import type { TicketItem } from "../model/ticket.js";
import { Line } from "./line.js";
import { itemKey, poolsFor } from "./match.js";
import type { Pool } from "./pool.js";
import type { TicketOrder } from "./ticket.js";

/** Different tags that were asked for, and the lines they led to: forgotten together when there are so many. */
const REMEMBERED = 10_000;

/** Which line a ticket stands in. */
export class Lines {
  readonly #pools: ReadonlyMap<string, Pool>;
  readonly #byItem = new Map<string, Line>();
  readonly #byPools = new Map<string, Line>();
  /** What orders remember is of this engine, and of its pools as they are now. */
  #era = {};

  constructor(pools: ReadonlyMap<string, Pool>) {
    this.#pools = pools;
  }

  /** As `for` its item: whoever hands in the same order again and again needs no look-up. */
  forOrder(order: TicketOrder): Line | undefined {
    const known = order.line;
    if (known?.era === this.#era && known.pools[0]?.accepts === true) return known;
    const line = this.for(order.item);
    if (line === undefined) return undefined;
    line.era = this.#era;
    order.line = line;
    return line;
  }

  /** The line for an item, or `undefined` if no pool that accepts tickets can serve it. */
  for(item: TicketItem): Line | undefined {
    return item.pool !== undefined && item.tags === undefined ? this.#ofPool(item.pool) : this.#ofTags(item);
  }

  #ofPool(name: string): Line | undefined {
    const pool = this.#pools.get(name);
    return pool?.accepts === true ? pool.line : undefined;
  }

  #ofTags(item: TicketItem): Line | undefined {
    const key = itemKey(item);
    const known = this.#byItem.get(key);
    if (known !== undefined) return known;
    const accepting = [...this.#pools.values()].filter((pool) => pool.accepts);
    const line = this.of(poolsFor(item, accepting));
    if (line === undefined) return undefined;
    if (this.#byItem.size >= REMEMBERED) this.#byItem.clear();
    this.#byItem.set(key, line);
    return line;
  }

  /** The one line of these pools in this order. */
  of(pools: readonly Pool[]): Line | undefined {
    if (pools.length <= 1) return pools[0]?.line;
    const key = JSON.stringify(pools.map(({ name }) => name));
    const known = this.#byPools.get(key);
    if (known !== undefined) return known;
    const line = new Line(pools);
    this.#byPools.set(key, line);
    for (const pool of pools) pool.lines.push(line);
    return line;
  }

  /** All lines, those of several pools once. */
  all(): Set<Line> {
    const lines = new Set<Line>();
    for (const pool of this.#pools.values()) for (const line of pool.lines) lines.add(line);
    return lines;
  }

  /** Pools came, went or changed their tags: waiting tickets must be put into line anew. */
  forget(): void {
    this.#era = {};
    this.#byItem.clear();
    this.#byPools.clear();
    for (const pool of this.#pools.values()) {
      pool.lines.splice(0, pool.lines.length, pool.line);
      pool.mates.clear();
    }
  }
}

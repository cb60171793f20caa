import type { TicketItem } from "../model/ticket.js";
import { Line, type LineTerms } from "./line.js";
import { itemKey, poolsFor } from "./match.js";
import { needsOf } from "./needs.js";
import type { Pool } from "./pool.js";
import type { TicketOrder } from "./ticket.js";
import { Turns } from "./turns.js";

/** Different tags that were asked for, and the lines they led to: forgotten together when there are so many. */
const REMEMBERED = 10_000;

/** So many lines are kept, whether anybody stands in them or not. */
const FEW = 100;

/** Which line a ticket stands in. */
export class Lines {
  readonly #pools: ReadonlyMap<string, Pool>;
  readonly #terms: LineTerms;
  readonly #byItem = new Map<string, Line>();
  readonly #byPools = new Map<string, Line>();
  /** What orders remember is of this engine, and of its pools as they are now. */
  #era = {};
  #sweptAt = FEW;
  /** Whose turn it is, by alias. */
  readonly #turns = new Map<string, Turns>();

  constructor(pools: ReadonlyMap<string, Pool>, terms: LineTerms) {
    this.#pools = pools;
    this.#terms = terms;
  }

  /** As `for` its item: whoever hands in the same order again and again needs no look-up. */
  forOrder(order: TicketOrder): Line | undefined {
    const known = order.line;
    return known?.era === this.#era && known.accepts ? known : this.#search(order);
  }

  #search(order: TicketOrder): Line | undefined {
    const line = order.item.alias === undefined ? this.for(order.item) : this.#ofAlias(order.item.alias, order.item);
    if (line === undefined) return undefined;
    // Behind some aliases, pools take turns.
    if (order.item.alias !== undefined) return line;
    line.era = this.#era;
    order.line = line;
    return line;
  }

  /** The line for an item, or `undefined` if no pool that accepts tickets can serve it. */
  for(item: TicketItem): Line | undefined {
    const isPlain = item.pool !== undefined && item.tags === undefined && !item.selector && !item.alias;
    return isPlain ? this.#ofPool(item.pool as string) : this.#ofTags(item);
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
    const line = this.of(poolsFor(item, accepting), item);
    if (line === undefined) return undefined;
    if (this.#byItem.size >= REMEMBERED) this.#byItem.clear();
    this.#byItem.set(key, line);
    return line;
  }

  /** Behind an alias with weights, each time another pool comes first. */
  #ofAlias(alias: string, item: TicketItem): Line | undefined {
    const accepting = [...this.#pools.values()].filter((pool) => pool.accepts);
    const pools = poolsFor(item, accepting);
    const weights = pools.flatMap((pool) => {
      const { weight } = pool.policy.aliases.find(({ name }) => name === alias) ?? {};
      return weight === undefined ? [] : [[pool.name, weight] as const];
    });
    if (weights.length < pools.length || pools.length === 0) return this.for(item);
    const turns = this.#turns.get(alias) ?? new Turns();
    this.#turns.set(alias, turns);
    const first = turns.next(weights);
    return this.of(
      [...pools.filter(({ name }) => name === first), ...pools.filter(({ name }) => name !== first)],
      item,
    );
  }

  /** The one line of these pools in this order, for who needs the same of them. */
  of(pools: readonly Pool[], { selector }: Pick<TicketItem, "selector">): Line | undefined {
    const needs = needsOf(
      selector,
      pools.map(({ policy }) => policy),
    );
    if (pools.length <= 1 && needs === undefined) return pools[0]?.line;
    if (pools.length === 0) return undefined;
    const key = JSON.stringify([pools.map(({ name }) => name), needs]);
    const known = this.#byPools.get(key);
    if (known !== undefined) return known;
    if (needs !== undefined) this.#sweep();
    const line = new Line(pools, this.#terms, needs);
    this.#byPools.set(key, line);
    for (const pool of pools) pool.addLine(line);
    return line;
  }

  /** Needs may be as many as users think of: empty lines of theirs are dropped now and then. */
  #sweep(): void {
    if (this.#byPools.size < this.#sweptAt) return;
    for (const [key, line] of this.#byPools) {
      if (line.needs === undefined || line.size > 0) continue;
      this.#byPools.delete(key);
      for (const pool of line.pools) pool.dropLine(line);
    }
    this.#byItem.clear();
    this.#era = {};
    this.#sweptAt = Math.max(FEW, 2 * this.#byPools.size);
  }

  /** All lines, those of several pools once. */
  all(): Set<Line> {
    const lines = new Set<Line>();
    for (const pool of this.#pools.values()) {
      for (const line of pool.allLines()) lines.add(line);
    }
    return lines;
  }

  /** Pools came, went or changed their tags: waiting tickets must be put into line anew. */
  forget(): void {
    this.#era = {};
    this.#byItem.clear();
    this.#byPools.clear();
    for (const pool of this.#pools.values()) pool.forgetLines();
  }
}

import type { Selector, TicketItem } from "../model/ticket.js";

/** A pool as matching sees it. */
export interface Taggable {
  readonly name: string;
  readonly policy: { readonly tags: readonly { readonly name: string; readonly priority: number }[] };
}

/**
 * The pools that can serve an item, preferred ones first: the one it names, or all that have every tag it asks for, by the
 * sum of the priorities that they give to these tags; equal ones in the order of configuration.
 */
export function poolsFor<P extends Taggable>(item: Pick<TicketItem, "pool" | "tags">, pools: Iterable<P>): P[] {
  const { pool: name, tags = [] } = item;
  const scored: { pool: P; score: number }[] = [];
  for (const pool of pools) {
    if (name !== undefined && pool.name !== name) continue;
    const score = scoreOf(pool, tags);
    if (score !== undefined) scored.push({ pool, score });
  }
  // sort() is stable: ties stay in the order of configuration.
  return scored.sort((a, b) => b.score - a.score).map(({ pool }) => pool);
}

function scoreOf(pool: Taggable, tags: readonly string[]): number | undefined {
  let score = 0;
  for (const wanted of tags) {
    const tag = pool.policy.tags.find(({ name }) => name === wanted);
    if (tag === undefined) return undefined;
    score += tag.priority;
  }
  return score;
}

/** The text under which equal items are the same item. */
export function itemKey(item: Pick<TicketItem, "pool" | "tags">): string {
  return JSON.stringify([item.pool ?? null, ...(item.tags ?? [])]);
}

/** Whether two items ask for the same. */
export function sameItem(a: TicketItem, b: TicketItem): boolean {
  return itemKey(a) === itemKey(b) && selectorKey(a.selector) === selectorKey(b.selector);
}

function selectorKey({ name, condition, set, sandbox, minLifeMs }: Selector = {}): string {
  return JSON.stringify([name, condition, set, sandbox, minLifeMs]);
}

import type { Selector, TicketItem } from "../model/ticket.js";
import { needsKey } from "./needs.js";
import type { PoolPolicy } from "./policy.js";

type Tag = PoolPolicy["tags"][number];

/** A pool as matching sees it. */
export interface Taggable {
  readonly name: string;
  readonly policy: Pick<PoolPolicy, "tags"> &
    Partial<Pick<PoolPolicy, "tagsOnDemand" | "aliases" | "conditions" | "maxAgeMs" | "names" | "nameOf">>;
}

type Asked = Pick<TicketItem, "pool" | "tags" | "alias" | "selector">;

/**
 * The pools that can serve an item, preferred ones first: the one it names, or all that have every tag it asks for, by the
 * sum of the priorities that they give to these tags, or to the alias; equal ones in the order of configuration. A pool
 * with tags on demand serves only who asks for one of these, or for the pool itself.
 */
export function poolsFor<P extends Taggable>(item: Asked, pools: Iterable<P>): P[] {
  const { pool: name, alias, tags = [], selector } = item;
  const scored: { pool: P; score: number }[] = [];
  for (const pool of pools) {
    if (name !== undefined && pool.name !== name) continue;
    const score = scoreOf(pool, tags, alias, name !== undefined || alias !== undefined);
    if (score !== undefined && couldHave(pool, selector)) scored.push({ pool, score });
  }
  // sort() is stable: ties stay in the order of configuration.
  return scored.sort((a, b) => b.score - a.score).map(({ pool }) => pool);
}

function scoreOf({ policy }: Taggable, tags: readonly string[], alias: string | undefined, isNamed: boolean) {
  const { tagsOnDemand = [], aliases = [] } = policy;
  let score = 0;
  let onDemand = isNamed || tagsOnDemand.length === 0;
  if (alias !== undefined) {
    const known = aliases.find(({ name }) => name === alias);
    if (known === undefined) return undefined;
    score += known.priority;
  }
  for (const wanted of tags) {
    const demanded = find(tagsOnDemand, wanted);
    const tag = find(policy.tags, wanted) ?? demanded;
    if (tag === undefined) return undefined;
    if (demanded !== undefined) onDemand = true;
    score += tag.priority;
  }
  return onDemand ? score : undefined;
}

function find(tags: readonly Tag[], wanted: string): Tag | undefined {
  return tags.find(({ name }) => name === wanted);
}

/** Whether a pool could ever have what a selector asks for. */
function couldHave({ policy }: Taggable, selector: Selector | undefined): boolean {
  if (selector === undefined) return true;
  const { name, condition, set, minLifeMs = 0 } = selector;
  const { conditions, maxAgeMs = Number.POSITIVE_INFINITY, names, nameOf } = policy;
  if (condition !== undefined && conditions?.names.includes(condition) !== true) return false;
  if (set !== undefined && conditions?.names.includes(set) !== true) return false;
  if (name !== undefined && (nameOf === undefined || names?.includes(name) === false)) return false;
  return minLifeMs <= maxAgeMs;
}

/** The text under which items that lead to the same line are the same item. */
export function itemKey({ pool, alias, tags = [], selector }: Asked): string {
  return JSON.stringify([pool ?? null, alias ?? null, needsKey(selector), ...tags]);
}

/** Whether two items ask for the same. */
export function sameItem(a: TicketItem, b: TicketItem): boolean {
  return itemKey(a) === itemKey(b) && a.count === b.count && a.selector?.sandbox === b.selector?.sandbox;
}

import type { TicketItem } from "../model/ticket.js";
import { bindingOf } from "./binding.js";
import type { Pool } from "./pool.js";
import type { Resource } from "./resource.js";
import type { TicketOrder } from "./ticket.js";
import type { WarmList } from "./warm-list.js";

/** What decides whether a resource is for an order. */
type Asking = Pick<TicketOrder, "owner" | "item">;

/** Which of what a pool has free is for this order, the preferred one; `undefined`: none. It takes nothing off its shelf. */
export function pick(pool: Pool, order: Asking, nowMs: number): Resource | undefined {
  return pool.chooses ? pickFor(pool, order, nowMs) : pool.warm.first;
}

function pickFor(pool: Pool, order: Asking, nowMs: number): Resource | undefined {
  const name = order.item.selector?.name;
  if (name === undefined) return pickBound(pool, order, nowMs) ?? pickFree(pool, order.item, nowMs);
  const named = pool.names.get(name);
  return named?.shelf !== undefined && suits(pool, named, order, nowMs) ? named : undefined;
}

/** So many of what is for these orders, in the order of lending: first what those who ask so have used before. */
export function pickSome(pool: Pool, order: Asking, count: number, but: ReadonlySet<Resource>): Resource[] {
  const picked: Resource[] = [];
  for (const shelf of [ownOf(pool, order) ?? [], pool.policy.lend === "oldest" ? byAge(pool.warm) : pool.warm]) {
    for (const resource of shelf) {
      if (picked.length === count) return picked;
      if (!but.has(resource)) picked.push(resource);
    }
  }
  return picked;
}

function byAge(shelf: WarmList): Resource[] {
  return [...shelf].sort((a, b) => (a.readyAtMs ?? 0) - (b.readyAtMs ?? 0) || a.id - b.id);
}

/** What is free for those only who ask so. */
export function ownOf(pool: Pool, order: Asking): WarmList | undefined {
  if (pool.bound.size === 0) return undefined;
  const binding = bindingOf(pool.policy.reuse, order);
  return binding === undefined ? undefined : pool.bound.of(binding);
}

/** One that those who ask so have used before. */
export function pickBound(pool: Pool, order: Asking, nowMs: number): Resource | undefined {
  const own = ownOf(pool, order)?.first;
  return own !== undefined && livesOn(pool, own, order.item, nowMs) ? own : undefined;
}

/** Where what anybody may have is free in the condition that is asked for. */
export function shelfFor(pool: Pool, { selector }: TicketItem): WarmList | undefined {
  const condition = selector?.condition;
  return condition === undefined || condition === pool.usual ? pool.warm : pool.conditioned.of(condition);
}

function pickFree(pool: Pool, item: TicketItem, nowMs: number): Resource | undefined {
  const shelf = shelfFor(pool, item);
  if (shelf === undefined) return undefined;
  const next = pool.policy.lend === "oldest" ? shelf.oldest : pool.notCalled(shelf.first);
  if (next === undefined || livesOn(pool, next, item, nowMs)) return next;
  // The next one is too old. If the youngest is too, all are.
  const { youngest } = shelf;
  return youngest !== undefined && livesOn(pool, youngest, item, nowMs) ? youngest : undefined;
}

/** Whether a free resource is for this order: what the shelves and lines come to, said plainly. */
export function suits(pool: Pool, resource: Resource, order: Asking, nowMs: number): boolean {
  const { policy } = pool;
  const { name, condition = pool.usual } = order.item.selector ?? {};
  if (name !== undefined && resource.marks.name !== name) return false;
  if (resource.boundTo !== undefined && resource.boundTo !== bindingOf(policy.reuse, order)) return false;
  if (policy.conditions !== undefined && resource.condition !== condition) return false;
  return livesOn(pool, resource, order.item, nowMs);
}

/** Whether it has as long as is wanted until it is replaced for its age. */
export function livesOn(
  { policy }: Pool,
  { readyAtMs = 0 }: Resource,
  { selector }: TicketItem,
  nowMs: number,
): boolean {
  const minLifeMs = selector?.minLifeMs;
  return minLifeMs === undefined || readyAtMs + policy.maxAgeMs - nowMs >= minLifeMs;
}

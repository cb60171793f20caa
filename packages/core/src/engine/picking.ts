import { bindingOf } from "./binding.js";
import type { Pool } from "./pool.js";
import type { Resource } from "./resource.js";
import type { TicketOrder } from "./ticket.js";
import type { WarmList } from "./warm-list.js";

/** What decides whether a resource is for an order. */
type Asking = Pick<TicketOrder, "owner" | "item">;

/** Which of what a pool has free is for this order, the preferred one; `undefined`: none. It takes nothing off its shelf. */
export function pick(pool: Pool, order: Asking): Resource | undefined {
  if (!pool.chooses) return pool.warm.first;
  return pickBound(pool, order) ?? (pool.policy.lend === "oldest" ? pool.warm.oldest : pool.warm.first);
}

/** So many of what is for these orders, in the order of lending: first what those who ask so have used before. */
export function pickSome(pool: Pool, order: Asking, count: number): Resource[] {
  const picked: Resource[] = [];
  for (const shelf of [ownOf(pool, order) ?? [], pool.policy.lend === "oldest" ? byAge(pool.warm) : pool.warm]) {
    for (const resource of shelf) {
      if (picked.length === count) return picked;
      picked.push(resource);
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
export function pickBound(pool: Pool, order: Asking): Resource | undefined {
  return ownOf(pool, order)?.first;
}

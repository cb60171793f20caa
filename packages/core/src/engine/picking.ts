import { bindingOf } from "./binding.js";
import type { Pool } from "./pool.js";
import type { Resource } from "./resource.js";
import type { TicketOrder } from "./ticket.js";

/** What decides whether a resource is for an order. */
type Asking = Pick<TicketOrder, "owner" | "item">;

/** Which of what a pool has free is for this order, the preferred one; `undefined`: none. It takes nothing off its shelf. */
export function pick(pool: Pool, order: Asking): Resource | undefined {
  if (!pool.chooses) return pool.warm.first;
  return pickBound(pool, order) ?? (pool.policy.lend === "oldest" ? pool.warm.oldest : pool.warm.first);
}

/** One that those who ask so have used before. */
export function pickBound(pool: Pool, order: Asking): Resource | undefined {
  if (pool.bound.size === 0) return undefined;
  const binding = bindingOf(pool.policy.reuse, order);
  return binding === undefined ? undefined : pool.bound.of(binding)?.first;
}

import type { Ledger } from "./ledger.js";
import { grant } from "./lending.js";
import { goesBefore } from "./line.js";
import type { Pool } from "./pool.js";
import type { Resource } from "./resource.js";
import { dispose, proceed } from "./tending.js";
import type { Ticket } from "./ticket.js";

/** A check this fresh counts as the one that is asked for before lending. Milliseconds. */
const VETTED_FOR_MS = 1_000;

/**
 * Whether a pool may lend what it has. A store that was restored from an older copy thinks free what others hold, and only
 * the provider's listing can tell: where there is one, it comes first.
 */
export function mayLend(ledger: Ledger, { mode, provider }: Pool): boolean {
  if (mode === "paused" || ledger.rolledBack !== undefined) return false;
  return provider.swept || !ledger.self.durable || !provider.policy.can.list;
}

/** Lends what a pool has ready to those who wait, in their order. */
export function matchPool(ledger: Ledger, pool: Pool): void {
  if (!mayLend(ledger, pool)) return;
  const { warm } = pool;
  while (warm.first !== undefined) {
    const ticket = nextTicket(pool);
    if (ticket === undefined) break;
    const resource = warm.first;
    if (pool.policy.check.onAcquire && !vetted(ledger, resource)) {
      // Each ticket has one resource checked for it: checking more would only keep them from others.
      if (pool.vetting >= pool.waiting) break;
      vet(ledger, resource);
      continue;
    }
    grant(ledger, ticket, resource);
  }
  if (pool.endsWhatIsFree) {
    while (warm.first !== undefined) dispose(ledger, warm.first, "draining");
  }
}

/** The next ticket that a pool can serve, in the one order of all. */
function nextTicket(pool: Pool): Ticket | undefined {
  let next: Ticket | undefined;
  if (pool.waiting === 0) return next;
  for (const line of pool.lines) {
    const first = line.first;
    if (first !== undefined && (next === undefined || goesBefore(first, next))) next = first;
  }
  return next;
}

export function vetted(ledger: Ledger, resource: Resource): boolean {
  return !resource.pool.provider.policy.can.check || ledger.nowMs - resource.vettedAtMs <= VETTED_FOR_MS;
}

/** Takes a resource off the warm list until a check has passed. */
export function vet(ledger: Ledger, resource: Resource): void {
  resource.pool.warm.remove(resource);
  resource.vetting = true;
  resource.pool.vetting += 1;
  resource.checkAtMs = ledger.nowMs;
  proceed(ledger, resource);
}

/** Who gets at once what comes back fit for use: whoever is next in line, unless it is checked before. */
export function successor(ledger: Ledger, pool: Pool): Ticket | undefined {
  return pool.policy.check.onAcquire || !mayLend(ledger, pool) ? undefined : nextTicket(pool);
}

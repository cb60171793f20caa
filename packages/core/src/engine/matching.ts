import type { Ledger } from "./ledger.js";
import { grant } from "./lending.js";
import { goesBefore, type Line } from "./line.js";
import { leavingOf, placesOf } from "./making.js";
import { matchWithParties } from "./matching-parties.js";
import { areMade } from "./needs.js";
import { pick, pickBound } from "./picking.js";
import type { Pool } from "./pool.js";
import type { Resource } from "./resource.js";
import { dispose, proceed, takeLeave } from "./tending.js";
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
  if (pool.wanted > 0) return matchWithParties(ledger);
  if (pool.chooses) matchMates(ledger, pool);
  if (pool.waiting > 0 && hasFree(pool)) lendFree(ledger, pool);
  if (pool.mode !== "open") endFree(ledger, pool);
}

function lendFree(ledger: Ledger, pool: Pool): void {
  if (!mayLend(ledger, pool)) return;
  while (pool.waiting > 0 && hasFree(pool)) {
    const ticket = nextTicket(pool, ledger.nowMs);
    if (ticket === undefined || !lend(ledger, ticket, pick(pool, ticket.order, ledger.nowMs) as Resource)) return;
  }
}

function hasFree(pool: Pool): boolean {
  return pool.warm.first !== undefined || (pool.chooses && pool.conditioned.size + pool.called.size > 0);
}

/** Lends a resource, or has it checked before; returns `false` if enough are being checked. */
function lend(ledger: Ledger, ticket: Ticket, resource: Resource): boolean {
  const { pool } = resource;
  if (!checksFirst(ledger, resource)) {
    grant(ledger, ticket, resource);
    return true;
  }
  // Each ticket has one resource checked for it: checking more would only keep them from others.
  if (pool.vetting >= pool.waiting) return false;
  vet(ledger, resource);
  return true;
}

/** What came back goes to who waits for what his sandbox used, or gives way to who was there before him. */
export function matchMates(ledger: Ledger, pool: Pool): void {
  const { mates } = pool;
  if (mates.met.size === 0 || !mayLend(ledger, pool)) return;
  for (const binding of [...mates.met]) {
    // Those that are passed over now are looked at again when they may have more.
    if (ledger.owners === undefined || mates.first(binding) === undefined) mates.met.delete(binding);
    for (;;) {
      const ticket = mates.first(binding, (one) => mayHaveMore(ledger, one));
      const resource = ticket === undefined ? undefined : pickBound(pool, ticket.order, ledger.nowMs);
      if (ticket === undefined || resource === undefined) break;
      if (standsInTheWay(pool, ticket)) takeLeave(ledger, resource, "room-for-others");
      else if (!lend(ledger, ticket, resource)) {
        mates.met.add(binding);
        break;
      }
    }
  }
}

/** A pool that drains keeps nothing that nobody waits for. */
export function endFree(ledger: Ledger, pool: Pool): void {
  if (!pool.endsWhatIsFree || !mayLend(ledger, pool)) return;
  for (const resource of pool.free()) dispose(ledger, resource, "draining");
}

/** Whether the owner of a ticket may have another one. */
function mayHaveMore({ owners }: Ledger, { owner }: Ticket): boolean {
  return owners === undefined || owners.room(owner) > 0;
}

/** Whoever goes before it could be served by nothing but a place that a bound resource takes. */
function standsInTheWay(pool: Pool, ticket: Ticket): boolean {
  const first = firstOf(pool);
  if (first === undefined || first === ticket || !goesBefore(first, ticket)) return false;
  return pool.warm.size + pool.coming + leavingOf(pool) === 0 && placesOf(pool) <= 0;
}

/** Who goes first of those whom something new would serve. */
function firstOf(pool: Pool): Ticket | undefined {
  let next: Ticket | undefined;
  for (const { first, needs } of pool.lines) {
    if (first !== undefined && areMade(needs) && (next === undefined || goesBefore(first, next))) next = first;
  }
  return next;
}

/** The next ticket, in the one order of all, that a pool can serve by what it has free. */
export function nextTicket(pool: Pool, nowMs: number): Ticket | undefined {
  if (pool.waiting === 0) return undefined;
  return pool.chooses || pool.lines.length > 1 ? nextOfSome(pool, nowMs) : pool.line.first;
}

/** The same, where there are several lines, or not everybody can have everything. */
function nextOfSome(pool: Pool, nowMs: number): Ticket | undefined {
  let next: Ticket | undefined;
  const { lines } = pool;
  for (let at = 0; at < lines.length; at++) {
    const { first } = lines[at] as Line;
    if (first === undefined || (next !== undefined && !goesBefore(first, next))) continue;
    if (!pool.chooses || pick(pool, first.order, nowMs) !== undefined) next = first;
  }
  return pool.called.size === 0 ? next : nextOrCalled(pool, next, nowMs);
}

/** The same, where somebody asked for a resource by its name. */
function nextOrCalled(pool: Pool, uncalled: Ticket | undefined, nowMs: number): Ticket | undefined {
  let next = uncalled;
  for (const name of pool.called) {
    const called = nextCalled(pool, name, nowMs);
    if (called === undefined) {
      if (!isWaitedFor(pool, name)) pool.called.delete(name);
    } else if (next === undefined || goesBefore(called, next)) next = called;
  }
  return next;
}

/** Whether it is free for somebody who may not have it yet: whatever makes it free for others calls again. */
function isWaitedFor({ names, calls }: Pool, name: string): boolean {
  return names.get(name)?.shelf !== undefined && calls.get(name)?.some(({ size }) => size > 0) === true;
}

/** Who goes first of those who asked for a resource by its name and may have it now. */
function nextCalled(pool: Pool, name: string, nowMs: number): Ticket | undefined {
  let next: Ticket | undefined;
  for (const { first } of pool.calls.get(name) ?? []) {
    if (first === undefined || (next !== undefined && !goesBefore(first, next))) continue;
    if (pick(pool, first.order, nowMs) !== undefined) next = first;
  }
  return next;
}

/**
 * Whether a resource has to pass a check before it is lent.
 *
 * @param freshMs How long the last check counts, if that is longer than usual.
 */
export function checksFirst(ledger: Ledger, resource: Resource, freshMs = VETTED_FOR_MS): boolean {
  return resource.pool.checksOnAcquire && isStale(ledger, resource, freshMs);
}

function isStale(ledger: Ledger, { pool, vettedAtMs }: Resource, freshMs: number): boolean {
  return pool.provider.policy.can.check && ledger.nowMs - vettedAtMs > Math.max(freshMs, VETTED_FOR_MS);
}

/** Takes a resource off its shelf until a check has passed. */
export function vet(ledger: Ledger, resource: Resource): void {
  resource.pool.unshelve(resource);
  resource.vetting = true;
  resource.pool.vetting += 1;
  resource.checkAtMs = ledger.nowMs;
  proceed(ledger, resource);
}

/** Who gets at once what comes back fit for use: whoever is next in line, unless it is checked before. */
export function successor(ledger: Ledger, pool: Pool): Ticket | undefined {
  // What is not for everybody finds who may have it from its shelf, and what several need from all of it.
  if (pool.chooses || pool.wanted > 0 || pool.policy.check.onAcquire || !mayLend(ledger, pool)) return undefined;
  return nextTicket(pool, ledger.nowMs);
}

import type { TicketEnd, Verdict } from "../model/ticket.js";
import { leaseEndsAtMs, leasePhase } from "./expire.js";
import { explain } from "./explaining.js";
import type { Ledger } from "./ledger.js";
import { goesBefore, type Line, type Rank } from "./line.js";
import type { Pool } from "./pool.js";
import { type LeaseEnd, recycle } from "./recycle.js";
import type { Resource } from "./resource.js";
import { dispose, proceed, toReady } from "./tending.js";
import { Ticket, type TicketOrder } from "./ticket.js";

/** A check this fresh counts as the one that is asked for before lending. Milliseconds. */
const VETTED_FOR_MS = 1_000;

/** Gives a new ticket what is at hand for it, or puts it into its line. It is matched before the input is done. */
export function enqueue(ledger: Ledger, line: Line, order: TicketOrder): Ticket {
  const ticket = new Ticket(ledger.counters.ticket++, order, ledger.now);
  ledger.addTicket(ticket);
  ledger.changeTicket(ticket);
  const resource = atHand(ledger, line);
  if (resource !== undefined) {
    grant(ledger, ticket, resource);
    return ticket;
  }
  line.push(ticket);
  for (const pool of line.pools) ledger.touch(pool);
  return ticket;
}

/** What may be lent to a newcomer at once, because nobody else waits for it. */
function atHand(ledger: Ledger, line: Line): Resource | undefined {
  for (const pool of line.pools) {
    const resource = pool.warm.first;
    if (resource === undefined || !mayLend(ledger, pool)) continue;
    if (pool.waiting > 0 || (pool.policy.check.onAcquire && !vetted(ledger, resource))) return undefined;
    return resource;
  }
  return undefined;
}

/** The ticket is still in line after matching: its wait has an end. */
export function settleIn(ledger: Ledger, ticket: Ticket): void {
  watchWait(ledger, ticket);
  ledger.ticketChanged(ticket, undefined);
}

/** Has a waiting ticket looked at when its wait becomes too long: by its rank's deadline, or by one of its own. */
export function watchWait(ledger: Ledger, ticket: Ticket): void {
  const rank = ticket.rank as Rank;
  ledger.deadlines.arm(isInStep(ledger, rank, ticket) ? rank : ticket, ticket.waitUntilAtMs);
}

/** It comes due in the order of its rank. What was made before this epoch may not be in the order of its times. */
function isInStep(ledger: Ledger, rank: Rank, { order, createdAtMs }: Ticket): boolean {
  return rank.waitMs === order.waitMs && createdAtMs >= ledger.startedAtMs;
}

/** Ends the waits of a rank that have become too long. */
export function tendRank(ledger: Ledger, rank: Rank): void {
  for (let ticket = rank.first; ticket !== undefined; ) {
    const { next, waitUntilAtMs } = ticket;
    // The others have a deadline of their own, or wait for ever.
    if (isInStep(ledger, rank, ticket)) {
      if (ledger.nowMs < waitUntilAtMs) return ledger.deadlines.arm(rank, waitUntilAtMs);
      giveUp(ledger, ticket, "timed-out");
    }
    ticket = next;
  }
}

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
  for (const line of pool.lines) {
    const first = line.first;
    if (first !== undefined && (next === undefined || goesBefore(first, next))) next = first;
  }
  return next;
}

function vetted(ledger: Ledger, resource: Resource): boolean {
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

function grant(ledger: Ledger, ticket: Ticket, resource: Resource): void {
  const { pool } = resource;
  const { line } = ticket;
  if (line !== undefined) {
    line.remove(ticket);
    // What others kept for him is free now.
    if (line.pools.length > 1) for (const other of line.pools) ledger.touch(other);
  }
  ticket.state = "granted";
  // In memory the grant is told within the input; with a store somebody may stop waiting before the commit.
  ticket.delivered = !ledger.self.durable || ticket.durable;
  ticket.resource = resource;
  ticket.token = ledger.counters.token++;
  ticket.grantedAt = ledger.now;
  resource.ticket = ticket;
  resource.uses += 1;
  pool.totals.granted += 1;
  ledger.move(resource, "leased");
  ledger.deadlines.disarm(ticket);
  if (!ticket.delivered) ledger.deadlines.arm(ticket, ticket.waitUntilAtMs);
  startTtl(ledger, ticket);
  ledger.changeTicket(ticket);
  if (ledger.tellGranted === undefined) ledger.effects.push({ type: "granted", ticket, resource });
  else ledger.tellGranted(ticket, resource);
  ledger.ticketChanged(ticket, "waiting");
}

/** Begins a lease's `ttl` anew. */
export function startTtl(ledger: Ledger, ticket: Ticket): void {
  const { ttlMs, session, renewal } = ticket.order;
  if (ttlMs === undefined) return;
  const living = session === ledger.self.session;
  const renewedBy = renewal === "manual" || ticket.durable ? "holder" : living ? "living session" : "dead session";
  if (ticket.overdue) ticket.note({ overdue: false });
  ticket.endsAtMs = leaseEndsAtMs({ ttlMs, renewedBy }, ledger.nowMs);
  ledger.deadlines.arm(ticket, ticket.endsAtMs);
}

/** The holder has its lease: giving up no longer takes it back. */
export function deliver(ledger: Ledger, ticket: Ticket): void {
  if (ticket.delivered) return;
  ticket.delivered = true;
  ledger.deadlines.disarm(ticket);
  if (ticket.state === "granted") ledger.deadlines.arm(ticket, ticket.expiresAtMs);
}

/** The holder gives its lease back. */
export function release(ledger: Ledger, ticket: Ticket, verdict: Verdict): void {
  if (verdict !== "ok") ticket.note({ verdict, reason: verdict.failed });
  else if (ticket.durable) ticket.note({ verdict });
  endLease(ledger, ticket, "released", verdict === "ok" ? "ok" : "failed");
}

/** Whoever waited stops waiting; a lease that he was not given yet goes back unused. */
export function giveUp(ledger: Ledger, ticket: Ticket, how: "cancelled" | "timed-out", reason?: string): void {
  if (ticket.state === "waiting") {
    if (reason !== undefined) ticket.note({ reason });
    if (how === "timed-out") ticket.note({ explanation: explain(ledger, ticket).text });
    close(ledger, ticket, how);
    ledger.effects.push({ type: "closed", ticket });
  } else if (ticket.state === "granted" && !ticket.delivered) {
    const resource = ticket.resource as Resource;
    close(ledger, ticket, how);
    // Nobody has seen it: it needs no reset, and was not used.
    resource.uses -= 1;
    if (how === "timed-out") resource.pool.totals.timedOut += 1;
    toReady(ledger, resource, "front");
    ledger.effects.push({ type: "closed", ticket });
  }
}

export function refuse(ledger: Ledger, ticket: Ticket, reason: string): void {
  ticket.note({ reason });
  close(ledger, ticket, "refused");
  ledger.effects.push({ type: "closed", ticket });
}

/** Its resource is dead: the holder is told, and has `grace` to stop before it is deleted. */
export function lose(ledger: Ledger, resource: Resource, reason: string): void {
  const { ticket, pool } = resource;
  if (ticket === undefined) return;
  ticket.note({ reason });
  pool.totals.lost += 1;
  close(ledger, ticket, "lost");
  ledger.effects.push({ type: "closed", ticket });
  resource.note = reason;
  resource.untilAtMs = ledger.nowMs + pool.policy.lease.graceMs;
  ledger.change(resource);
  ledger.deadlines.arm(resource, resource.untilAtMs);
}

/** Looks at a ticket whose deadline has come: of its wait, its lease, its grace, or its being kept. */
export function tendTicket(ledger: Ledger, ticket: Ticket): void {
  const { nowMs } = ledger;
  switch (ticket.state) {
    case "waiting":
      if (nowMs >= ticket.waitUntilAtMs) giveUp(ledger, ticket, "timed-out");
      else watchWait(ledger, ticket);
      return;
    case "granted":
      if (!ticket.delivered && nowMs >= ticket.waitUntilAtMs) giveUp(ledger, ticket, "timed-out");
      else tendLease(ledger, ticket);
      return;
    case "closed":
      if (nowMs >= keptUntilAtMs(ledger, ticket)) ledger.dropTicket(ticket);
      else ledger.deadlines.arm(ticket, keptUntilAtMs(ledger, ticket));
  }
}

function tendLease(ledger: Ledger, ticket: Ticket): void {
  const graceMs = (ticket.resource as Resource).pool.policy.lease.graceMs;
  const { phase, untilMs } = leasePhase({ expiresAtMs: ticket.expiresAtMs, graceMs }, ledger.nowMs);
  if (phase === "over") {
    ticket.note({ reason: "its deadline and its grace passed without a renewal" });
    endLease(ledger, ticket, "expired", "expired");
    ledger.effects.push({ type: "closed", ticket });
    return;
  }
  if (phase === "overdue" && !ticket.overdue) {
    ticket.note({ overdue: true });
    ledger.effects.push({ type: "overdue", ticket });
    ledger.event("lease.overdue", { graceMs }, ticket);
  }
  ledger.deadlines.arm(ticket, ticket.delivered ? untilMs : Math.min(untilMs, ticket.waitUntilAtMs));
}

function endLease(ledger: Ledger, ticket: Ticket, end: TicketEnd, how: LeaseEnd): void {
  const resource = ticket.resource as Resource;
  close(ledger, ticket, end);
  takeBack(ledger, resource, how, ticket.reason);
}

/** What becomes of a resource whose lease has ended. */
function takeBack(ledger: Ledger, resource: Resource, end: LeaseEnd, note: string | undefined): void {
  const { pool } = resource;
  const { policy } = pool;
  const next = recycle(
    {
      end,
      uses: resource.uses,
      ageMs: ledger.nowMs - (resource.readyAtMs ?? resource.createdAtMs),
      drifted: resource.spec !== policy.spec,
      draining: pool.endsWhatIsFree,
      sick: resource.failedChecks > 0,
    },
    policy,
    pool.provider.policy.can.reset,
  );
  switch (next.to) {
    case "ready": {
      const ticket = successor(ledger, pool);
      return ticket === undefined ? toReady(ledger, resource, "front") : grant(ledger, ticket, resource);
    }
    case "resetting":
      ledger.move(resource, "resetting");
      return proceed(ledger, resource);
    case "held":
      return hold(ledger, resource, note ?? "its holder said that it failed", policy.holdForMs);
    case "deleting":
      if (end === "failed" && note !== undefined) resource.note = note;
      return dispose(ledger, resource, next.reason);
  }
}

/** Who gets at once what comes back fit for use: whoever is next in line, unless it is checked before. */
function successor(ledger: Ledger, pool: Pool): Ticket | undefined {
  return pool.policy.check.onAcquire || !mayLend(ledger, pool) ? undefined : nextTicket(pool);
}

/** Keeps a resource for a person to look at. */
export function hold(ledger: Ledger, resource: Resource, note: string, forMs: number): void {
  resource.note = note;
  resource.untilAtMs = ledger.nowMs + forMs;
  ledger.move(resource, "held");
  ledger.deadlines.arm(resource, resource.untilAtMs);
}

/** Ends a ticket, once. */
export function close(ledger: Ledger, ticket: Ticket, end: TicketEnd): void {
  const { state: from, resource, line } = ticket;
  if (resource !== undefined) {
    ledger.touch(resource.pool);
    if (ticket.durable) ticket.note({ output: { pool: resource.pool.name, data: resource.data } });
    if (end === "released") resource.pool.totals.released += 1;
  }
  if (line !== undefined) {
    for (const pool of line.pools) {
      ledger.touch(pool);
      if (end === "timed-out") pool.totals.timedOut += 1;
    }
    line.remove(ticket);
  }
  ticket.state = "closed";
  // Of those who gave a lease of `acquire` back, nobody ever asks how and when.
  if (ticket.durable || end !== "released") ticket.note({ end, endedAtMs: ledger.nowMs });
  ledger.ticketChanged(ticket, from);
  if (resource !== undefined) {
    resource.ticket = undefined;
    ticket.resource = undefined;
  }
  ledger.deadlines.disarm(ticket);
  if (ticket.durable) {
    ledger.deadlines.arm(ticket, keptUntilAtMs(ledger, ticket));
    ledger.changeTicket(ticket);
  } else {
    ledger.dropTicket(ticket);
  }
}

/** A closed ticket can be asked about until then. */
export function keptUntilAtMs(ledger: Ledger, { endedAtMs = ledger.nowMs }: Ticket): number {
  return endedAtMs + ledger.self.keepClosedMs;
}

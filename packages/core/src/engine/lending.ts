import type { TicketEnd, Verdict } from "../model/ticket.js";
import { leaseEndsAtMs, leasePhase } from "./expire.js";
import { explain } from "./explaining.js";
import type { Ledger } from "./ledger.js";
import { goesBefore, type Line } from "./line.js";
import type { Pool } from "./pool.js";
import { type LeaseEnd, recycle } from "./recycle.js";
import type { Resource } from "./resource.js";
import { dispose, proceed, toReady } from "./tending.js";
import { Ticket, type TicketOrder } from "./ticket.js";

/** A check this fresh counts as the one that is asked for before lending. Milliseconds. */
const VETTED_FOR_MS = 1_000;

/** Puts a new ticket into its line. It is matched before the input is done. */
export function enqueue(ledger: Ledger, line: Line, order: TicketOrder): Ticket {
  const ticket = new Ticket(order);
  line.push(ticket);
  if (ledger.self.durable || ticket.durable || ticket.requestId !== undefined) ledger.addTicket(ticket);
  ledger.changeTicket(ticket);
  for (const pool of line.pools) {
    ledger.touch(pool);
    // The first that can serve it will.
    if (pool.warm.first !== undefined && pool.mode !== "paused") break;
  }
  return ticket;
}

/** The ticket is still in line after matching: it can be asked about, and its wait has an end. */
export function settleIn(ledger: Ledger, ticket: Ticket): void {
  ledger.addTicket(ticket);
  ledger.deadlines.arm(ticket, ticket.waitUntilAtMs);
  ledger.event("ticket.changed", { from: undefined, to: "waiting" }, ticket);
}

/** Lends what a pool has ready to those who wait, in their order. */
export function matchPool(ledger: Ledger, pool: Pool): void {
  if (pool.mode === "paused" || ledger.rolledBack !== undefined) return;
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
  const line = ticket.line as Line;
  line.remove(ticket);
  // What others kept for him is free now.
  if (line.pools.length > 1) for (const other of line.pools) ledger.touch(other);
  ticket.state = "granted";
  ticket.resource = resource;
  ticket.token = ledger.counters.token++;
  ticket.grantedAtMs = ledger.nowMs;
  resource.ticket = ticket;
  resource.uses += 1;
  pool.totals.granted += 1;
  ledger.move(resource, "leased");
  // In memory the effect leaves with the input; with a store somebody may stop waiting before the commit.
  ticket.delivered = !ledger.self.durable || ticket.durable;
  ledger.deadlines.disarm(ticket);
  if (!ticket.delivered) ledger.deadlines.arm(ticket, ticket.waitUntilAtMs);
  startTtl(ledger, ticket);
  ledger.changeTicket(ticket);
  ledger.effects.push({ type: "granted", ticket, resource });
  const waitedMs = ledger.nowMs - ticket.createdAtMs;
  ledger.event("ticket.changed", { from: "waiting", to: "granted", waitedMs }, ticket);
}

/** Begins a lease's `ttl` anew. */
export function startTtl(ledger: Ledger, ticket: Ticket): void {
  const living = ticket.session === ledger.self.session;
  const renewedBy =
    ticket.renewal === "manual" || ticket.durable ? "holder" : living ? "living session" : "dead session";
  ticket.overdue = false;
  ticket.expiresAtMs = leaseEndsAtMs({ ttlMs: ticket.ttlMs, renewedBy }, ledger.nowMs);
  ledger.deadlines.arm(ticket, ticket.expiresAtMs);
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
  ticket.verdict = verdict;
  if (verdict !== "ok") ticket.reason = verdict.failed;
  endLease(ledger, ticket, "released", verdict === "ok" ? "ok" : "failed");
}

/** Whoever waited stops waiting; a lease that he was not given yet goes back unused. */
export function giveUp(ledger: Ledger, ticket: Ticket, how: "cancelled" | "timed-out", reason?: string): void {
  if (ticket.state === "waiting") {
    if (reason !== undefined) ticket.reason = reason;
    if (how === "timed-out") ticket.explanation = explain(ledger, ticket).text;
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
  ticket.reason = reason;
  close(ledger, ticket, "refused");
  ledger.effects.push({ type: "closed", ticket });
}

/** Its resource is dead: the holder is told, and has `grace` to stop before it is deleted. */
export function lose(ledger: Ledger, resource: Resource, reason: string): void {
  const { ticket, pool } = resource;
  if (ticket === undefined) return;
  ticket.reason = reason;
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
      else ledger.deadlines.arm(ticket, ticket.waitUntilAtMs);
      return;
    case "granted":
      if (!ticket.delivered && nowMs >= ticket.waitUntilAtMs) giveUp(ledger, ticket, "timed-out");
      else tendLease(ledger, ticket);
      return;
    case "closed":
      if (nowMs >= ticket.endedAtMs + ledger.self.keepClosedMs) ledger.dropTicket(ticket);
      else ledger.deadlines.arm(ticket, ticket.endedAtMs + ledger.self.keepClosedMs);
  }
}

function tendLease(ledger: Ledger, ticket: Ticket): void {
  const graceMs = (ticket.resource as Resource).pool.policy.lease.graceMs;
  const { phase, untilMs } = leasePhase({ expiresAtMs: ticket.expiresAtMs, graceMs }, ledger.nowMs);
  if (phase === "over") {
    ticket.reason = "its deadline and its grace passed without a renewal";
    endLease(ledger, ticket, "expired", "expired");
    ledger.effects.push({ type: "closed", ticket });
    return;
  }
  if (phase === "overdue" && !ticket.overdue) {
    ticket.overdue = true;
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
    {
      reuse: policy.reuse,
      canReset: pool.provider.policy.can.reset,
      onFailed: policy.onFailed,
      maxUses: policy.maxUses,
      maxAgeMs: policy.maxAgeMs,
    },
  );
  switch (next.to) {
    case "ready":
      return toReady(ledger, resource, "front");
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
    if (ticket.durable) ticket.output = { pool: resource.pool.name, data: resource.data };
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
  ticket.end = end;
  ticket.endedAtMs = ledger.nowMs;
  const { reason } = ticket;
  ledger.event(
    "ticket.changed",
    reason === undefined ? { from, to: "closed", end } : { from, to: "closed", end, reason },
    ticket,
  );
  if (resource !== undefined) {
    resource.ticket = undefined;
    ticket.resource = undefined;
  }
  ledger.deadlines.disarm(ticket);
  if (ticket.durable) {
    ledger.deadlines.arm(ticket, ticket.endedAtMs + ledger.self.keepClosedMs);
    ledger.changeTicket(ticket);
  } else {
    ledger.dropTicket(ticket);
  }
}

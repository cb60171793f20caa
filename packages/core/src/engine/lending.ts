import { formatMs } from "../model/duration.js";
import type { TicketEnd, Verdict } from "../model/ticket.js";
import { bindingOf, isolates } from "./binding.js";
import { close, keptUntilAtMs } from "./closing.js";
import { conditionAfter, mergeUserData } from "./conditions.js";
import { beginLease, resumeLease, tendLease } from "./lease-time.js";
import type { Ledger } from "./ledger.js";
import type { Line } from "./line.js";
import { successor, vet } from "./matching.js";
import type { Reuse } from "./policy.js";
import { countsFirstUse } from "./pool.js";
import { type LeaseEnd, type Recycling, recycle } from "./recycle.js";
import type { Resource } from "./resource.js";
import { start } from "./starting.js";
import { dispose, proceed, silentAtMs, toReady } from "./tending.js";
import type { Ticket } from "./ticket.js";
import { giveUp, watchWait } from "./waiting.js";

const NEVER = Number.POSITIVE_INFINITY;

export function grant(ledger: Ledger, ticket: Ticket, resource: Resource): void {
  const { line } = ticket;
  if (line !== undefined) leaveServed(ledger, ticket, line);
  // In memory the grant is told within the input; with a store somebody may stop waiting before the commit.
  ticket.delivered = ticket.durable ? !isToBeTaken(resource) : !ledger.self.durable;
  lend(ledger, ticket, resource);
  ledger.deadlines.disarm(ticket);
  if (!ticket.delivered) awaitTakingOf(ledger, ticket, resource);
  beginLease(ledger, ticket, resource);
  ledger.changeTicket(ticket);
  ledger.tellGranted(ticket, resource);
  ledger.ticketChanged(ticket, "waiting");
}

/** Whoever asked for it durably must come for it in time. */
function isToBeTaken({ pool }: Resource): boolean {
  return pool.policy.lease.ackWithinMs !== undefined;
}

function awaitTakingOf(ledger: Ledger, ticket: Ticket, resource: Resource): void {
  awaitTaking(ledger, ticket, [resource]);
}

/** It waits no more. */
function leaveServed(ledger: Ledger, ticket: Ticket, line: Line): void {
  line.remove(ticket, true);
  if (ledger.owners !== undefined) ledger.owners.waits(ticket.owner, -1);
  // What others kept for him is free now.
  if (line.pools.length > 1) ledger.touchThose(line.pools);
}

/** Makes a resource the ticket's, or the share's, with the next token. */
export function lend(ledger: Ledger, ticket: Ticket, resource: Resource): void {
  ticket.state = "granted";
  ticket.resource = resource;
  ticket.token = ledger.counters.token++;
  ticket.grantedAt = ledger.now;
  resource.ticket = ticket;
  resource.uses += 1;
  resource.pool.totals.granted += 1;
  if (ledger.owners !== undefined) ledger.lent(ticket.owner, +1);
  ledger.move(resource, "leased");
  if (resource.pool.chooses) lendOnTerms(ledger, ticket, resource);
}

/** What a lease leaves on a resource, where that decides who gets it next. */
function lendOnTerms(ledger: Ledger, { order }: Ticket, resource: Resource): void {
  const { policy, usual } = resource.pool;
  if (usual !== undefined) {
    resource.condition = order.item.selector?.set ?? resource.condition;
    hear(ledger, resource);
  }
  resource.boundTo = bindingOf(policy.reuse, order);
  if (countsFirstUse(policy) && resource.marks.firstUsedAtMs === undefined) {
    resource.mark({ firstUsedAtMs: ledger.nowMs });
  }
}

/** Nobody has the lease yet. Whoever asked by `request` may be another process, and has a time of his own to come for it. */
export function awaitTaking(ledger: Ledger, ticket: Ticket, resources: readonly Resource[]): void {
  const ackWithinMs = shortestAckMs(resources);
  if (ticket.durable && ackWithinMs !== NEVER) ticket.note({ takeUntilAtMs: ledger.nowMs + ackWithinMs });
  ledger.deadlines.arm(ticket, ticket.takeUntilAtMs);
}

/** Within what time what was granted must be taken; `Infinity`: nobody has to. */
export function shortestAckMs(resources: readonly Resource[]): number {
  let shortestMs = NEVER;
  for (const { pool } of resources) shortestMs = Math.min(shortestMs, pool.policy.lease.ackWithinMs ?? NEVER);
  return shortestMs;
}

/** The holder of a resource was heard of. */
export function hear(ledger: Ledger, resource: Resource): void {
  resource.mark({ heardAtMs: ledger.nowMs });
  ledger.deadlines.arm(resource, silentAtMs(ledger, resource));
}

/** What its holder writes down with a resource. It is heard of by that. */
export function update(ledger: Ledger, ticket: Ticket, userData: Readonly<Record<string, unknown>>): void {
  const resource = ticket.resource as Resource;
  resource.mark({ userData: mergeUserData(resource.marks.userData, userData) });
  ledger.change(resource);
  hear(ledger, resource);
  resumeLease(ledger, ticket);
}

/** Takes what a silent holder has away from him, into another condition. */
export function silence(ledger: Ledger, resource: Resource, silentMs: number, to: string): void {
  const ticket = resource.ticket as Ticket;
  ticket.note({ reason: `its holder was not heard of for ${formatMs(silentMs)}` });
  endLease(ledger, ticket, "expired", "expired", to);
  ledger.effects.push({ type: "closed", ticket });
}

/** The holder has its lease: giving up no longer takes it back. */
export function deliver(ledger: Ledger, ticket: Ticket): void {
  if (ticket.delivered || ticket.state !== "granted") return;
  ticket.delivered = true;
  ledger.deadlines.disarm(ticket);
  if (ticket.durable) {
    ledger.changeTicket(ticket);
    for (const one of ticket.shares ?? [ticket]) if (one.state === "granted") resumeLease(ledger, one);
  }
  ledger.deadlines.arm(ticket, ticket.expiresAtMs);
}

/** The holder gives its lease back. */
export function release(ledger: Ledger, ticket: Ticket, verdict: Verdict): void {
  if (ticket.shares !== undefined) {
    for (const share of ticket.shares) if (share.state === "granted") release(ledger, share, verdict);
    return;
  }
  const failed = verdict !== "ok" && "failed" in verdict;
  if (failed) ticket.note({ verdict, reason: verdict.failed });
  else if (ticket.durable) ticket.note({ verdict });
  const condition = verdict !== "ok" && "condition" in verdict ? verdict.condition : undefined;
  endLease(ledger, ticket, "released", failed ? "failed" : "ok", condition);
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
      if (ticket.rank === undefined) start(ledger, ticket);
      else if (nowMs >= ticket.waitUntilAtMs) giveUp(ledger, ticket, "timed-out");
      else watchWait(ledger, ticket);
      return;
    case "granted":
      if (ticket.isParty && ticket.delivered) return;
      if (ticket.delivered || nowMs < ticket.takeUntilAtMs) tendHolder(ledger, ticket);
      else if (ticket.durable) giveUp(ledger, ticket, "cancelled", "nobody took its lease in time");
      else giveUp(ledger, ticket, "timed-out");
      return;
    case "closed":
      if (nowMs >= keptUntilAtMs(ledger, ticket)) ledger.dropTicket(ticket);
      else ledger.deadlines.arm(ticket, keptUntilAtMs(ledger, ticket));
  }
}

/** The leases of a party have their own deadlines. */
function tendHolder(ledger: Ledger, ticket: Ticket): void {
  if (ticket.isParty) ledger.deadlines.arm(ticket, ticket.takeUntilAtMs);
  else tendLease(ledger, ticket);
}

export function endLease(ledger: Ledger, ticket: Ticket, end: TicketEnd, how: LeaseEnd, condition?: string): void {
  const resource = ticket.resource as Resource;
  close(ledger, ticket, end);
  takeBack(ledger, resource, how, ticket.reason, condition);
}

/** What becomes of a resource whose lease has ended. */
function takeBack(
  ledger: Ledger,
  resource: Resource,
  end: LeaseEnd,
  note: string | undefined,
  condition: string | undefined,
): void {
  const { pool } = resource;
  const next = recycle(resource, end, pool, ledger.nowMs);
  if (resource.boundTo !== undefined) unbind(resource);
  const { conditions } = pool.policy;
  if (conditions !== undefined && (next.to === "ready" || next.to === "resetting")) {
    resource.condition = conditionAfter(end, condition, conditions);
    toReady(ledger, resource, "front");
  } else if (next.to === "ready") lendOn(ledger, resource);
  else retire(ledger, resource, next, end === "failed" ? note : undefined);
}

/** It is nobody's only any more, unless its pool binds. */
function unbind(resource: Resource): void {
  if (!isolates(resource.pool.policy.reuse)) resource.boundTo = undefined;
}

/** What is fit for use is his who is next in line, or free. */
function lendOn(ledger: Ledger, resource: Resource): void {
  const { pool } = resource;
  const ticket = successor(ledger, pool);
  if (ticket === undefined) return toReady(ledger, resource, "front");
  grant(ledger, ticket, resource);
  // While others wait, nothing has changed for them: it has as many as before.
  if (pool.waiting === 0) ledger.touch(pool);
}

/** What is not fit for use as it is. */
function retire(
  ledger: Ledger,
  resource: Resource,
  next: Exclude<Recycling, { readonly to: "ready" }>,
  note: string | undefined,
): void {
  switch (next.to) {
    case "resetting":
      ledger.move(resource, "resetting");
      return proceed(ledger, resource);
    case "held":
      return hold(ledger, resource, note ?? "its holder said that it failed", resource.pool.policy.holdForMs);
    case "deleting":
      if (note !== undefined) resource.note = note;
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

/** What nobody had yet is anybody's, wherever things are lent to one only. */
const UNUSED: Reuse = {
  within: "any",
  idleMs: Number.POSITIVE_INFINITY,
  maxAgeMs: Number.POSITIVE_INFINITY,
  leave: "dispose",
};

/** What a person looked at is fit for the next holder once it was reset or checked, where the provider can; as he says, otherwise. */
export function unhold(ledger: Ledger, resource: Resource): void {
  resource.note = undefined;
  resource.failedChecks = 0;
  const { policy, provider, endsWhatIsFree, makesClean, wears } = resource.pool;
  const reuse = resource.uses === 0 ? UNUSED : policy.reuse;
  const next = recycle(
    resource,
    "ok",
    { policy: { ...policy, reuse }, endsWhatIsFree, makesClean, wears },
    ledger.nowMs,
  );
  if (next.to === "deleting") return dispose(ledger, resource, next.reason);
  if (policy.conditions !== undefined) {
    if (resource.uses > 0) resource.condition = policy.conditions.abandoned;
    return toReady(ledger, resource, "back");
  }
  if (next.to === "resetting") {
    ledger.move(resource, "resetting");
    return proceed(ledger, resource);
  }
  toReady(ledger, resource, "back");
  if (provider.policy.can.check) vet(ledger, resource);
}

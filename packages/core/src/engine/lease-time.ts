import { leaseEndsAtMs, leasePhase } from "./expire.js";
import type { Ledger } from "./ledger.js";
import { endLease } from "./lending.js";
import { extendedEnd, type LifespanEnd, type LifespanPolicy, type LifespanWish, lifespanEnd } from "./lifespan.js";
import type { Resource } from "./resource.js";
import { isAtHome, renewedUntilMs } from "./session.js";
import type { Ticket } from "./ticket.js";

/** What an extension comes to. */
export type Extension = { readonly endsAtMs: number } | { readonly refused: "exhausted"; readonly endsAtMs: number };

/** Begins the time of a lease: its lifespan, which runs once, and its `ttl`, which begins anew with each renewal. */
export function beginLease(ledger: Ledger, ticket: Ticket, { pool }: Resource): void {
  const { lifespan, ttlMs } = ticket.order;
  // Most have neither, and nothing is to be paid for it.
  if (pool.lendsForGood && lifespan === undefined && ttlMs === undefined) return;
  if (lifespan !== undefined || pool.policy.lease.lifespan !== undefined) beginLifespan(ledger, ticket, lifespan);
  resumeLease(ledger, ticket);
}

function beginLifespan(ledger: Ledger, ticket: Ticket, wish: LifespanWish | undefined): void {
  const end = lifespanEnd(policiesOf(ticket), wish, ledger.nowMs);
  if (end.endsAtMs !== Number.POSITIVE_INFINITY) ticket.note({ lifespanEndsAtMs: end.endsAtMs });
  tellIfClamped(ledger, ticket, end);
}

/** Begins the time of the leases of a ticket for several things. It has one lifespan, by the strictest of its pools. */
export function beginShares(ledger: Ledger, party: Ticket): void {
  const { shares = [] } = party;
  const end = lifespanEnd(policiesOf(party), party.order.lifespan, ledger.nowMs);
  tellIfClamped(ledger, party, end);
  lastUntil(party, end.endsAtMs);
  for (const share of shares) resumeLease(ledger, share);
}

/** The leases of a ticket last as long as each other. */
function lastUntil(ticket: Ticket, lifespanEndsAtMs: number): void {
  if (lifespanEndsAtMs === Number.POSITIVE_INFINITY) return;
  const { party = ticket } = ticket;
  for (const one of [party, ...(party.shares ?? [])]) one.note({ lifespanEndsAtMs });
}

/** Counts a lease's time from now: it has one full `ttl`, and what is left of its lifespan. */
export function resumeLease(ledger: Ledger, ticket: Ticket): void {
  // Its holder is heard of: one that had lapsed is his session's again.
  if (ticket.lapsed) ticket.note({ lapsed: false });
  const { renewal } = ticket.order;
  // Nobody is to be heard of before he has it.
  const ttlMs = ticket.durable && !ticket.delivered ? undefined : ticket.order.ttlMs;
  if (ttlMs === undefined && ticket.lifespanEndsAtMs === Number.POSITIVE_INFINITY) return;
  const session = isAtHome(ticket.order, ledger.self) ? "living session" : "dead session";
  const renewedBy = renewal === "manual" || ticket.durable ? "holder" : session;
  // A lifespan that passed while nobody was there ends with this life's beginning: its holder has his grace.
  const lifespanEndsAtMs = Math.max(ticket.lifespanEndsAtMs, ledger.startedAtMs);
  ticket.endsAtMs = Math.min(leaseEndsAtMs({ ttlMs, renewedBy }, ledger.nowMs), lifespanEndsAtMs);
  // Whoever's lifespan is over does not live on by being heard of.
  if (ticket.overdue && ticket.endsAtMs > ledger.nowMs) ticket.note({ overdue: false });
  ledger.deadlines.arm(ticket, ticket.endsAtMs);
}

/** The holder wants its lease to last longer. Whoever asks for that is alive: its `ttl` begins anew as well. */
export function extend(
  ledger: Ledger,
  ticket: Ticket,
  wish: { readonly byMs: number } | { readonly untilMs: number },
): Extension {
  const startedAtMs = ticket.grantedAt?.atMs ?? ledger.nowMs;
  const lease = { startedAtMs, endsAtMs: ticket.lifespanEndsAtMs };
  const end = extendedEnd(policiesOf(ticket), lease, wish, ledger.nowMs);
  if (end.exhausted) return { refused: "exhausted", endsAtMs: lease.endsAtMs };
  if (end.endsAtMs > lease.endsAtMs) {
    lastUntil(ticket, end.endsAtMs);
    ledger.changeTicket(ticket.party ?? ticket);
    tellIfClamped(ledger, ticket, end);
    ledger.event("lease.extended", { fromAtMs: lease.endsAtMs, toAtMs: end.endsAtMs }, ticket);
  }
  for (const one of ticket.party?.shares ?? [ticket]) if (one.state === "granted") resumeLease(ledger, one);
  return { endsAtMs: end.endsAtMs };
}

function tellIfClamped(ledger: Ledger, ticket: Ticket, { endsAtMs, clamped }: LifespanEnd): void {
  if (clamped === undefined) return;
  ledger.event("lease.clamped", { ...clamped, endsAtMs }, ticket);
}

function policiesOf(ticket: Ticket): readonly LifespanPolicy[] {
  const { shares = [ticket] } = ticket.party ?? ticket;
  return shares.flatMap(({ resource }) => resource?.pool.policy.lease.lifespan ?? []);
}

/** Whoever was heard since has renewed all that his session renews. */
function renewBySession(ledger: Ledger, ticket: Ticket): void {
  const { ttlMs, renewal } = ticket.order;
  const session = ledger.sessionOf(ticket);
  if (session === undefined || ticket.lapsed || renewal === "manual" || ttlMs === undefined) return;
  const untilMs = Math.min(renewedUntilMs(session, ttlMs), ticket.lifespanEndsAtMs);
  if (untilMs <= ticket.expiresAtMs) return;
  ticket.endsAtMs = untilMs;
  if (ticket.overdue) ticket.note({ overdue: false });
}

/** Looks at a lease whose deadline, or whose grace, may have passed. */
export function tendLease(ledger: Ledger, ticket: Ticket): void {
  if (ticket.order.call !== undefined) renewBySession(ledger, ticket);
  const graceMs = (ticket.resource as Resource).pool.policy.lease.graceMs;
  const { phase, untilMs } = leasePhase({ expiresAtMs: ticket.expiresAtMs, graceMs }, ledger.nowMs);
  const passed = ticket.lifespanEndsAtMs <= ticket.expiresAtMs ? "lifespan" : "ttl";
  if (phase === "over") {
    const what =
      passed === "ttl" ? "deadline and its grace passed without a renewal" : "lifespan and its grace are over";
    ticket.note({ reason: `its ${what}` });
    endLease(ledger, ticket, "expired", "expired");
    ledger.effects.push({ type: "closed", ticket });
    return;
  }
  if (phase === "overdue" && !ticket.overdue) {
    ticket.note({ overdue: true });
    ledger.effects.push({ type: "overdue", ticket });
    ledger.event("lease.overdue", { graceMs, passed }, ticket);
  }
  ledger.deadlines.arm(ticket, ticket.delivered ? untilMs : Math.min(untilMs, ticket.takeUntilAtMs));
}

/** The leases that a granted ticket has. */
export function leasesOf(ticket: Ticket): readonly Ticket[] {
  return ticket.shares?.filter(({ state }) => state === "granted") ?? [ticket];
}

/** Ends all leases of a ticket, without grace. Their holder may be at work still. */
export function takeAway(
  ledger: Ledger,
  ticket: Ticket,
  reason: string,
  end: "cancelled" | "expired" = "cancelled",
): void {
  for (const one of leasesOf(ticket)) {
    one.note({ reason });
    endLease(ledger, one, end, end);
    ledger.effects.push({ type: "closed", ticket: one });
  }
}

import type { TicketEnd, TicketItem } from "../model/ticket.js";
import { close } from "./closing.js";
import { gather, type Need } from "./gather.js";
import { beginShares, resumeLease } from "./lease-time.js";
import type { Ledger } from "./ledger.js";
import { awaitTaking, lend, shortestAckMs } from "./lending.js";
import type { Line } from "./line.js";
import type { Pool } from "./pool.js";
import type { Provider } from "./provider.js";
import type { Resource } from "./resource.js";
import { Ticket, type TicketOrder } from "./ticket.js";
import { putBack, refuse } from "./waiting.js";

/** So many of what the pools of a line have. */
export interface Want extends Need<Pool> {
  /** What is asked for, if not every resource of these pools will do. */
  readonly item?: TicketItem;
}

/** What a list of things comes to, or the first of them that nobody has. */
export function wantsOf(
  items: readonly TicketItem[],
  lineFor: (item: TicketItem) => Line | undefined,
): { readonly wants: readonly Want[] } | { readonly unserved: TicketItem } {
  const wants: Want[] = [];
  for (const item of items) {
    const line = lineFor(item);
    if (line === undefined) return { unserved: item };
    wants.push({ count: item.count, pools: line.pools, ...(line.needs !== undefined && { item }) });
  }
  return { wants };
}

/** How many things a party asks for. */
export function thingsOf(wants: readonly { readonly count: number }[]): number {
  return wants.reduce((sum, { count }) => sum + count, 0);
}

/** Whether its owner may have all that a party asks for, beside what he has. */
export function mayHaveAll({ owners }: Ledger, { owner, wants = [] }: Ticket): boolean {
  return owners === undefined || owners.room(owner) >= thingsOf(wants);
}

/** Why it could not even be served if nobody else had anything. */
export function excessOf(wants: readonly Want[]): string | undefined {
  const wantedTwice = askedForTwice(wants);
  if (wantedTwice !== undefined) return `it asks for "${wantedTwice}" more often than there may ever be one`;
  const providers = new Set<Provider>();
  for (const { pools } of wants) for (const { provider } of pools) providers.add(provider);
  const together = [...providers]
    .filter(({ policy }) => policy.max !== Number.POSITIVE_INFINITY)
    .map(({ pools, policy }) => ({ pools, has: policy.max }));
  if (gather(wants, { has: ({ policy }) => policy.max, together }).complete) return undefined;
  const asked = wants.map(({ count, pools }) => `${count} of ${pools.map(capOf).join(" or ")}`);
  const caps = [...providers].filter(({ policy }) => policy.max !== Number.POSITIVE_INFINITY);
  const shared = caps.map(({ name, policy }) => `; provider "${name}" has at most ${policy.max}`);
  return `it asks for more than there may ever be: ${asked.join(", ")}${shared.join("")}`;
}

/** A name that more is asked for of than pools could have: each has at most one that is called so. */
function askedForTwice(wants: readonly Want[]): string | undefined {
  const nameOf = ({ item }: Want) => item?.selector?.name;
  const names = new Set(wants.flatMap((want) => nameOf(want) ?? []));
  return [...names].find((name) => {
    const all = wants.filter((want) => nameOf(want) === name);
    return !gather(all, { has: () => 1 }).complete;
  });
}

function capOf({ name, policy }: Pool): string {
  return `pool "${name}" (at most ${policy.max})`;
}

/** Puts a party into line. It is refused at once if it could never be served. */
export function enterLine(ledger: Ledger, ticket: Ticket, wants: readonly Want[]): void {
  const excess = excessOf(wants);
  if (excess !== undefined) return refuse(ledger, ticket, excess);
  ticket.note({ wants });
  countWanted(wants, +1);
  ledger.parties.push(ticket);
  for (const pool of poolsOf(wants)) ledger.touch(pool);
}

/** Takes a ticket out of its line; returns the pools that it waited for. */
export function leaveLine(ledger: Ledger, ticket: Ticket, line: Line): Iterable<Pool> {
  line.remove(ticket);
  const { wants } = ticket;
  if (line !== ledger.parties || wants === undefined) return line.pools;
  countWanted(wants, -1);
  return poolsOf(wants);
}

function countWanted(wants: readonly Want[], by: 1 | -1): void {
  for (const { count, pools } of wants) {
    for (const pool of pools) {
      pool.wanted += by * count;
      pool.waiting += by * count;
    }
  }
}

export function poolsOf(wants: readonly Want[]): Set<Pool> {
  const all = new Set<Pool>();
  for (const { pools } of wants) for (const pool of pools) all.add(pool);
  return all;
}

/** Grants a party all that it asks for, in the order of its items. */
export function grantParty(ledger: Ledger, ticket: Ticket, resources: readonly Resource[]): void {
  // What was kept for it, or by it, is for others to take.
  for (const pool of leaveLine(ledger, ticket, ledger.parties)) ledger.touch(pool);
  ledger.owners?.waits(ticket.owner, -1);
  ticket.state = "granted";
  ticket.delivered = ticket.durable ? shortestAckMs(resources) === Number.POSITIVE_INFINITY : !ledger.self.durable;
  ticket.grantedAt = ledger.now;
  ticket.token = ledger.counters.token;
  const shares = resources.map((resource, n) => {
    const one = makeShare(ticket, n, resource);
    lend(ledger, one, resource);
    return one;
  });
  ticket.note({ lent: resources.map(({ id }) => id), shares });
  ledger.deadlines.disarm(ticket);
  if (!ticket.delivered) awaitTaking(ledger, ticket, resources);
  beginShares(ledger, ticket);
  ledger.changeTicket(ticket);
  const first = resources[0] as Resource;
  ledger.tellGranted(ticket, first);
  ledger.ticketChanged(ticket, "waiting");
}

/** A lease of a session has its own pool's `ttl`, unless its party asked for another. */
function makeShare(party: Ticket, n: number, { pool }: Resource): Ticket {
  const { order } = party;
  const ttlMs = order.ttlMs ?? (order.session === undefined ? undefined : pool.policy.lease.ttlMs);
  const one = new Ticket(party.id, { ...order, item: itemAt(order, n), items: undefined, ttlMs }, party.createdAt);
  one.note({ party });
  one.delivered = true;
  return one;
}

/** As what the n-th thing of a party was asked for. */
function itemAt({ item: first, items = [] }: TicketOrder, n: number): TicketItem {
  let before = 0;
  for (const item of items) {
    before += item.count;
    if (n < before) return item;
  }
  return first;
}

/** What a restart makes of a granted party: a share for each resource that it still has, with the token that it had. */
export function takeUpShares(ledger: Ledger, party: Ticket, held: readonly Resource[]): void {
  const shares: Ticket[] = [];
  party.lent.forEach((id, n) => {
    const resource = held.find((one) => one.id === id);
    if (resource === undefined) return;
    const one = makeShare(party, n, resource);
    one.state = "granted";
    one.token = party.token + n;
    one.grantedAt = party.grantedAt;
    one.resource = resource;
    resource.ticket = one;
    ledger.lent(party.owner, +1);
    if (Number.isFinite(party.lifespanEndsAtMs)) one.note({ lifespanEndsAtMs: party.lifespanEndsAtMs });
    shares.push(one);
  });
  party.note({ shares });
  for (const one of shares) resumeLease(ledger, one);
}

/** Ends a share, once. Its party ends with the last of them, and as that one did. */
export function closeShare(ledger: Ledger, one: Ticket, party: Ticket, end: TicketEnd): void {
  const resource = one.resource as Resource;
  const { pool } = resource;
  ledger.touch(pool);
  if (end === "released") pool.totals.released += 1;
  if (party.durable && party.delivered)
    party.note({ output: [...(party.output ?? []), { pool: pool.name, data: resource.data }] });
  one.state = "closed";
  one.note({ end, endedAtMs: ledger.nowMs });
  ledger.event("lease.ended", { end, ...(one.reason !== undefined && { reason: one.reason }) }, one);
  resource.ticket = undefined;
  one.resource = undefined;
  ledger.lent(party.owner, -1);
  ledger.deadlines.disarm(one);
  if (party.state !== "granted") return;
  // A part of it died before anybody had it: all or nothing. A session elsewhere may have it before anybody knows.
  const mayHaveIt = party.order.call !== undefined && !party.durable;
  const wasWhole = party.delivered || end === "released" || mayHaveIt;
  const isLast = !(party.shares ?? []).some(({ state }) => state === "granted");
  if (wasWhole && !isLast) return ledger.changeTicket(party);
  const { verdict, reason } = one;
  if (verdict !== undefined || reason !== undefined) {
    party.note({ ...(verdict !== undefined && { verdict }), ...(reason !== undefined && { reason }) });
  }
  endParty(ledger, party, end);
}

/** Whoever was to have them never saw them, or does not want them any more: what he was not given yet goes back unused. */
export function giveUpShares(ledger: Ledger, party: Ticket, how: "cancelled" | "timed-out"): void {
  if (!party.delivered) endParty(ledger, party, how);
}

function endParty(ledger: Ledger, party: Ticket, end: TicketEnd): void {
  const unused = (party.shares ?? []).filter(({ state }) => state === "granted");
  close(ledger, party, end);
  for (const one of unused) {
    const resource = one.resource as Resource;
    closeShare(ledger, one, party, "cancelled");
    putBack(ledger, resource, one, end);
  }
  ledger.effects.push({ type: "closed", ticket: party });
}

import type { ResourceRecord } from "../model/resource.js";
import type { TicketRecord } from "../model/ticket.js";
import { settleArrivals } from "./arrivals.js";
import { close, keptUntilAtMs } from "./closing.js";
import { addPool, lineUp, orphanedPolicy } from "./configuring.js";
import { resumeLease } from "./lease-time.js";
import type { Ledger } from "./ledger.js";
import { awaitTaking } from "./lending.js";
import { UNKNOWN_LIFESPAN } from "./lifespan.js";
import { takeUpShares } from "./party.js";
import type { PoolPolicy, ProviderPolicy } from "./policy.js";
import { Pool } from "./pool.js";
import { Provider } from "./provider.js";
import { recoveredState } from "./recover.js";
import { Resource } from "./resource.js";
import { settlesAtMs } from "./settle.js";
import { postpone } from "./starting.js";
import { knownCondition, makeLendable, proceed } from "./tending.js";
import { Ticket } from "./ticket.js";
import { giveUp } from "./waiting.js";

/** What a store had. */
export interface Recovered {
  readonly resources: readonly ResourceRecord[];
  readonly tickets: readonly TicketRecord[];
}

/** Takes up the records of an earlier life. The pools are configured already; recovery is an input like any other. */
export function recover(ledger: Ledger, { resources, tickets }: Recovered): void {
  const holders = new Map<number, Resource[]>();
  // Stores give records in any order; who made it first and who came first is in the numbers.
  for (const record of inOrder(resources)) {
    const resource = Resource.fromRecord(record, poolOf(ledger, record));
    ledger.claim(resource);
    ledger.index(resource);
    if (record.state !== "leased" || record.ticket === undefined) continue;
    const held = holders.get(record.ticket);
    if (held === undefined) holders.set(record.ticket, [resource]);
    else held.push(resource);
  }
  const found = inPlace(tickets).map((record) => Ticket.fromRecord(record));
  settleArrivals(
    found.filter(({ state, isEarly }) => state === "waiting" && !isEarly),
    ledger.nowMs,
  );
  for (const ticket of found) takeUpTicket(ledger, ticket, holders);
  for (const resource of ledger.resources.values()) takeUpResource(ledger, resource);
  reportStranded(ledger);
}

function inOrder<R extends { readonly id: number }>(records: readonly R[]): R[] {
  return [...records].sort((a, b) => a.id - b.id);
}

/** Whoever was made before it started goes behind those who came before that. */
function inPlace(records: readonly TicketRecord[]): TicketRecord[] {
  return [...records].sort((a, b) => (a.place ?? a.id) - (b.place ?? b.id));
}

function poolOf(ledger: Ledger, record: ResourceRecord): Pool {
  const pool = ledger.pools.get(record.pool);
  if (pool !== undefined) return pool;
  const orphaned = orphanedPool(ledger, record);
  orphaned.mode = "leaving";
  addPool(ledger, orphaned);
  return orphaned;
}

/** A pool that is in no configuration any more drains through a provider of the same name, if there is one. */
function orphanedPool(ledger: Ledger, record: ResourceRecord): Pool {
  for (const sibling of ledger.pools.values()) {
    if (sibling.provider.name !== record.provider) continue;
    return new Pool(orphanedPolicy(record.pool, sibling.policy), sibling.provider, ledger.terms);
  }
  return new Pool({ ...strandedPolicy, name: record.pool }, strandedProvider(ledger, record.provider), ledger.terms);
}

function strandedProvider(ledger: Ledger, name: string): Provider {
  for (const provider of ledger.providers.values()) if (provider.stranded && provider.name === name) return provider;
  const provider = new Provider({ ...strandedProviderPolicy, name }, { stranded: name }, true);
  ledger.providers.set(provider.identity, provider);
  return provider;
}

function takeUpTicket(ledger: Ledger, ticket: Ticket, holders: ReadonlyMap<number, readonly Resource[]>): void {
  switch (ticket.state) {
    case "waiting":
      ledger.owners?.waits(ticket.owner, +1);
      // Where holders are elsewhere, they may well live: their silence will tell.
      if (!ticket.durable && ticket.order.call === undefined && ticket.order.session !== ledger.self.session) {
        // Whoever waited is gone with his session.
        return giveUp(ledger, ticket, "cancelled", "the process that waited has ended");
      }
      ledger.addTicket(ticket);
      // Also if its start has come meanwhile: then it comes due at once, and goes behind all of these.
      if (ticket.isEarly) postpone(ledger, ticket);
      else lineUp(ledger, ticket);
      return;
    case "granted": {
      ledger.addTicket(ticket);
      const held = holders.get(ticket.id) ?? [];
      const resource = held[0];
      if (resource === undefined) {
        ticket.note({ reason: "its resource has no record any more" });
        return close(ledger, ticket, "lost");
      }
      if (!ticket.isParty) {
        ticket.resource = resource;
        resource.ticket = ticket;
        ledger.lent(ticket.owner, +1);
      }
      if (!ticket.delivered) awaitTaking(ledger, ticket, held);
      // A clock that was set back since makes nobody's lifespan longer.
      const { lifespanEndsAtMs, grantedAt } = ticket;
      if (grantedAt !== undefined && grantedAt.atMs > ledger.nowMs && Number.isFinite(lifespanEndsAtMs)) {
        ticket.note({ lifespanEndsAtMs: ledger.nowMs + lifespanEndsAtMs - grantedAt.atMs });
        ledger.changeTicket(ticket);
      }
      // Every lease gets one full ttl in a new epoch: renewals are not written down.
      if (ticket.isParty) takeUpShares(ledger, ticket, held);
      else resumeLease(ledger, ticket);
      return;
    }
    case "closed":
      ledger.addTicket(ticket);
      ledger.groups.leave(ticket);
      ledger.deadlines.arm(ticket, keptUntilAtMs(ledger, ticket));
  }
}

function takeUpResource(ledger: Ledger, resource: Resource): void {
  const { state, reason } = recoveredState(resource.state);
  const { policy, provider } = resource.pool;
  if (state !== resource.state) ledger.move(resource, state, reason);
  // Time went by unseen: what is free or lent is checked at once.
  if (provider.policy.can.check) resource.checkAtMs = ledger.nowMs;
  if (mayStillBeMade(resource)) {
    const { settlesWithinMs } = provider.policy;
    resource.settleAtMs = settlesAtMs(undefined, ledger.startedAtMs, settlesWithinMs, ledger.self.leaderTtlMs);
  }
  takeUpMarks(ledger, resource);
  if (state === "ready") makeLendable(resource, "back");
  if (state === "leased" && resource.ticket === undefined) {
    // Its grace was counted by a clock that may have been set back since, by hours.
    const graceEndsAtMs = ledger.nowMs + policy.lease.graceMs;
    resource.untilAtMs = Math.min(resource.untilAtMs ?? graceEndsAtMs, graceEndsAtMs);
    ledger.change(resource);
  }
  ledger.touch(resource.pool);
  proceed(ledger, resource);
}

/** Its pool may name things otherwise by now, or have other conditions. */
function takeUpMarks(ledger: Ledger, resource: Resource): void {
  if (resource.readyAtMs === undefined) return;
  const condition = knownCondition(resource);
  if (resource.pool.rename(resource) || condition !== resource.condition) ledger.change(resource);
  resource.condition = condition;
}

/** An allocate of an earlier epoch may still be under way for it. */
function mayStillBeMade({ state, reason, readyAtMs }: Resource): boolean {
  if (state === "unknown") return true;
  // Deleted before it was ever ready, unless it was seen to exist.
  return state === "deleting" && readyAtMs === undefined && reason !== "late" && reason !== "unrecorded";
}

function reportStranded(ledger: Ledger): void {
  for (const pool of ledger.pools.values()) {
    if (!pool.provider.stranded) continue;
    ledger.event("pool.stranded", { provider: pool.provider.name, resources: pool.total }, pool);
  }
}

const never = Number.POSITIVE_INFINITY;

/** A pool whose provider is unknown does nothing: these figures only fill the type. */
const strandedPolicy: PoolPolicy = {
  name: "",
  max: 1,
  warm: 0,
  maxAllocating: 1,
  allocateDelayMs: 0,
  shrinkAfterMs: never,
  tags: [],
  check: { everyMs: never, attempts: 1, timeoutMs: never, onAcquire: false },
  maxUses: never,
  maxAgeMs: never,
  unclaimedMs: never,
  reuse: undefined,
  lend: "most-recently-used",
  tagsOnDemand: [],
  aliases: [],
  counters: [],
  conditions: undefined,
  nameOf: undefined,
  names: undefined,
  onFailed: "dispose",
  holdForMs: 0,
  onPermanent: "wait",
  lease: { ttlMs: undefined, graceMs: 0, ackWithinMs: undefined, lifespan: UNKNOWN_LIFESPAN },
  backoff: { firstMs: 1_000, maxMs: 300_000 },
  maxUnavailable: 1,
  timeouts: { allocateMs: never, deleteMs: never, resetMs: never, findMs: never },
  spec: "",
};

const strandedProviderPolicy: ProviderPolicy = {
  name: "",
  can: { check: false, find: false, list: false, reset: false },
  settlesWithinMs: never,
  max: never,
  breakAfter: never,
  listTimeoutMs: never,
  reap: { everyMs: never, minAgeMs: never, limit: 0, mode: "report" },
};

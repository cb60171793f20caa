import type { PoolMode } from "../model/pool-mode.js";
import type { TicketItem } from "../model/ticket.js";
import { poolNamesOf } from "./event-ids.js";
import type { Ledger } from "./ledger.js";
import { awaitTaking } from "./lending.js";
import { UNKNOWN_LIFESPAN } from "./lifespan.js";
import type { Line } from "./line.js";
import { poolsFor } from "./match.js";
import { enterLine, leaveLine, wantsOf } from "./party.js";
import type { PoolPolicy, ProviderPolicy } from "./policy.js";
import { Pool } from "./pool.js";
import { Provider } from "./provider.js";
import type { Resource } from "./resource.js";
import { settlesAtMs } from "./settle.js";
import { knownCondition } from "./tending.js";
import type { Ticket } from "./ticket.js";
import { refuse, watchWait } from "./waiting.js";

/** A pool of the configuration. `identity` is the provider itself: pools with the same one share caps and breaker. */
export interface PoolOrder {
  readonly policy: PoolPolicy;
  readonly provider: { readonly identity: object; readonly policy: ProviderPolicy };
  /** What a pool that is new here does at first. Default: `"open"`. */
  readonly mode?: PoolMode;
}

/** Names of the pools that a configuration changes. */
export interface ConfigureResult {
  /** They are new. */
  readonly added: readonly string[];
  /** They differ from before. */
  readonly changed: readonly string[];
  /** They are missing now: they end what they have. */
  readonly draining: readonly string[];
}

/** Makes `orders` the configuration: adds pools, changes those that differ, drains those that are missing. */
export function configure(ledger: Ledger, orders: readonly PoolOrder[]): ConfigureResult {
  const added: string[] = [];
  const changed: string[] = [];
  const draining: string[] = [];
  const named = new Set(orders.map(({ policy }) => policy.name));
  for (const order of orders) {
    const provider = providerOf(ledger, order);
    const pool = ledger.pools.get(order.policy.name);
    if (pool === undefined) {
      const made = new Pool(order.policy, provider, ledger.terms);
      made.mode = order.mode ?? "open";
      addPool(ledger, made);
      added.push(order.policy.name);
    } else if (changePool(ledger, pool, order.policy, provider)) {
      changed.push(order.policy.name);
    }
  }
  for (const pool of ledger.pools.values()) {
    if (named.has(pool.name) || pool.mode === "leaving") continue;
    draining.push(pool.name);
    leave(ledger, pool);
  }
  helpStranded(ledger);
  lineUpAnew(ledger);
  for (const pool of ledger.pools.values()) ledger.touch(pool);
  return { added, changed, draining };
}

function providerOf(ledger: Ledger, { provider: { identity, policy } }: PoolOrder): Provider {
  let provider = ledger.providers.get(identity);
  if (provider === undefined) {
    provider = new Provider(policy, identity);
    ledger.providers.set(identity, provider);
    scheduleSweep(ledger, provider);
  }
  provider.policy = policy;
  return provider;
}

function scheduleSweep(ledger: Ledger, provider: Provider): void {
  if (!provider.policy.can.list) return;
  provider.sweepAtMs = ledger.nowMs;
  ledger.deadlines.arm(provider, ledger.nowMs);
}

export function addPool(ledger: Ledger, pool: Pool): void {
  ledger.pools.set(pool.name, pool);
  pool.provider.pools.add(pool);
  ledger.poolChanged(pool, "added");
}

function changePool(ledger: Ledger, pool: Pool, policy: PoolPolicy, provider: Provider): boolean {
  const same =
    pool.provider === provider && pool.mode !== "leaving" && JSON.stringify(policy) === JSON.stringify(pool.policy);
  // A function is not compared: the newer one counts.
  if (same) pool.adopt(policy);
  if (same) return false;
  moveToProvider(ledger, pool, provider);
  if (policy.spec !== pool.policy.spec) pool.drifted = true;
  const before = pool.policy;
  pool.adopt(policy);
  if (pool.mode === "leaving") pool.mode = "open";
  // A change may be what a pool that failed for good was waiting for.
  pool.failures = 0;
  pool.failedForGood = false;
  pool.nextAllocateAtMs = ledger.nowMs;
  if (needsShelvingAnew(before, policy)) shelveAnew(ledger, pool);
  checkAnew(ledger, pool);
  awaitAnew(ledger, pool);
  lookAtAll(ledger, pool);
  ledger.poolChanged(pool, "changed");
  return true;
}

function needsShelvingAnew(before: PoolPolicy, { conditions, nameOf }: PoolPolicy): boolean {
  return JSON.stringify(before.conditions) !== JSON.stringify(conditions) || before.nameOf !== nameOf;
}

/** Who may have what is free, and under which name, may be otherwise now. */
function shelveAnew(ledger: Ledger, pool: Pool): void {
  for (const resource of ledger.resources.values()) {
    // What was never ready has neither yet.
    if (resource.pool !== pool || resource.readyAtMs === undefined) continue;
    const wasFree = resource.shelf !== undefined;
    pool.unshelve(resource);
    const condition = knownCondition(resource);
    if (pool.rename(resource) || condition !== resource.condition) ledger.change(resource);
    resource.condition = condition;
    if (wasFree) pool.shelve(resource, "back");
  }
}

/** Whoever has not come yet for what he was granted has as much time as is given now: there may have been no end to it. */
function awaitAnew(ledger: Ledger, pool: Pool): void {
  for (const resource of ledger.resources.values()) {
    const ticket = resource.ticket?.party ?? resource.ticket;
    if (resource.pool !== pool || ticket === undefined || ticket.delivered) continue;
    awaitTaking(ledger, ticket, ticket.shares?.flatMap((share) => share.resource ?? []) ?? [resource]);
  }
}

/** Deadlines may be nearer now: each resource is looked at once, and says itself when next. */
export function lookAtAll(ledger: Ledger, pool: Pool): void {
  for (const resource of ledger.resources.values()) {
    if (resource.pool !== pool) continue;
    ledger.deadlines.arm(resource, ledger.nowMs);
    if (resource.ticket !== undefined) ledger.deadlines.arm(resource.ticket, ledger.nowMs);
  }
}

/** Checks may be asked for more often now, or by a provider that has none. */
function checkAnew(ledger: Ledger, pool: Pool): void {
  const { provider, policy } = pool;
  const nextAtMs = ledger.nowMs + policy.check.everyMs;
  for (const resource of ledger.resources.values()) {
    if (resource.pool !== pool) continue;
    resource.checkAtMs = provider.policy.can.check ? Math.min(resource.checkAtMs, nextAtMs) : Number.POSITIVE_INFINITY;
  }
}

/** The configuration brings a new object for its provider: from now on its resources are that one's. */
function moveToProvider(ledger: Ledger, pool: Pool, provider: Provider): void {
  const before = pool.provider;
  if (before === provider) return;
  before.pools.delete(pool);
  before.total -= pool.total;
  pool.provider = provider;
  provider.pools.add(pool);
  provider.total += pool.total;
  for (const resource of ledger.resources.values()) {
    if (resource.pool !== pool) continue;
    before.sick.delete(resource);
    // Whether a delete is true must be found out anew, for the new one may have other means.
    resource.confirming = false;
    resource.confirmBySweep = undefined;
    settleAnew(ledger, resource);
    // Its record names the provider.
    ledger.change(resource);
  }
  forgetIfUnused(ledger, before);
}

/** How long its allocate may still make something is for its provider to say, and that may be another one now. */
function settleAnew(ledger: Ledger, resource: Resource): void {
  const { epoch, allocateStartedAtMs, settleAtMs } = resource;
  const isOfThisEpoch = epoch === ledger.self.epoch;
  // Certain already; or not before its call is answered, which is when its start will be known.
  if (settleAtMs === 0 || (isOfThisEpoch && allocateStartedAtMs === undefined)) return;
  const startedAtMs = isOfThisEpoch ? allocateStartedAtMs : undefined;
  const { settlesWithinMs } = resource.pool.provider.policy;
  resource.settleAtMs = settlesAtMs(startedAtMs, ledger.startedAtMs, settlesWithinMs, ledger.self.leaderTtlMs);
}

function leave(ledger: Ledger, pool: Pool): void {
  pool.mode = "leaving";
  lookAtAll(ledger, pool);
  ledger.poolChanged(pool, "draining");
}

/** Pools that wait to be rid of what they have, because nobody knew their provider, are helped by one of the same name. */
function helpStranded(ledger: Ledger): void {
  for (const pool of ledger.pools.values()) {
    if (!pool.provider.stranded) continue;
    for (const sibling of ledger.pools.values()) {
      const { provider } = sibling;
      if (provider.stranded || provider.name !== pool.provider.name) continue;
      moveToProvider(ledger, pool, provider);
      pool.adopt(orphanedPolicy(pool.name, sibling.policy));
      checkAnew(ledger, pool);
      lookAtAll(ledger, pool);
      break;
    }
  }
}

/** How a pool that is in no configuration any more treats what it has left. */
export function orphanedPolicy(name: string, sibling: PoolPolicy): PoolPolicy {
  return { ...sibling, name, warm: 0, tags: [], lease: { ...sibling.lease, lifespan: UNKNOWN_LIFESPAN } };
}

/** A pool that left the configuration is forgotten with its last resource. */
export function forgetIfEmpty(ledger: Ledger, pool: Pool): void {
  if (pool.mode !== "leaving" || pool.total > 0 || ledger.pools.get(pool.name) !== pool) return;
  ledger.pools.delete(pool.name);
  ledger.deadlines.disarm(pool);
  pool.provider.pools.delete(pool);
  forgetIfUnused(ledger, pool.provider);
  ledger.poolChanged(pool, "removed");
}

function forgetIfUnused(ledger: Ledger, provider: Provider): void {
  if (provider.pools.size > 0) return;
  ledger.deadlines.disarm(provider);
  ledger.providers.delete(provider.identity);
}

/** The pool for something that a forgotten resource of `pool` turned out to be: the pool may be forgotten as well. */
export function returnPool(ledger: Ledger, pool: Pool): Pool {
  const present = ledger.pools.get(pool.name);
  if (present !== undefined) return present;
  const { provider } = pool;
  if (!ledger.providers.has(provider.identity)) {
    ledger.providers.set(provider.identity, provider);
    scheduleSweep(ledger, provider);
  }
  addPool(ledger, pool);
  return pool;
}

/** Pools or their tags changed: everyone who waits is put into the right line, in the old order, or is told that none is left. */
export function lineUpAnew(ledger: Ledger): void {
  const waiting: Ticket[] = [];
  for (const line of ledger.lines.all()) for (const ticket of line) waiting.push(ticket);
  for (const ticket of ledger.parties) waiting.push(ticket);
  const before = new Map(waiting.map((ticket) => [ticket, ledger.watched ? poolNamesOf(ticket).join() : ""]));
  for (const ticket of waiting) if (ticket.line !== undefined) leaveLine(ledger, ticket, ticket.line);
  ledger.lines.forget();
  waiting.sort((a, b) => a.place - b.place);
  for (const ticket of waiting) {
    lineUp(ledger, ticket);
    const moved = ledger.watched && ticket.state === "waiting" && poolNamesOf(ticket).join() !== before.get(ticket);
    if (moved) ledger.ticketChanged(ticket, "waiting");
  }
}

/** Puts a waiting ticket into its line. Pools that drain but stay in the configuration still serve who waited before. */
export function lineUp(ledger: Ledger, ticket: Ticket): void {
  const { item, items } = ticket.order;
  if (items !== undefined) {
    const wanted = wantsOf(items, (one) => lineOf(ledger, one));
    if ("unserved" in wanted) return refuse(ledger, ticket, notServed(wanted.unserved));
    enterLine(ledger, ticket, wanted.wants);
    return ticket.state === "waiting" ? watchWait(ledger, ticket) : undefined;
  }
  const line = lineOf(ledger, item);
  if (line === undefined) return refuse(ledger, ticket, notServed(item));
  line.push(ticket);
  watchWait(ledger, ticket);
  for (const pool of line.pools) ledger.touch(pool);
}

function lineOf(ledger: Ledger, item: TicketItem): Line | undefined {
  const candidates = [...ledger.pools.values()].filter(({ mode }) => mode !== "leaving");
  return ledger.lines.for(item) ?? ledger.lines.of(poolsFor(item, candidates), item);
}

function notServed({ pool, tags }: TicketItem): string {
  const wanted = pool === undefined ? `tags ${tags?.join(", ") || "(none)"}` : `pool "${pool}"`;
  return `no pool of the configuration serves ${wanted} any more`;
}

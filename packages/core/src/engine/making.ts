import { allotDemand, isContested } from "./allotting.js";
import { mayAllocateAt } from "./breaker.js";
import { pickChoosy } from "./choosy.js";
import type { Ledger } from "./ledger.js";
import { goesBefore, type Line } from "./line.js";
import { makeNamed } from "./making-named.js";
import { mayLend, nextTicket } from "./matching.js";
import { areMade } from "./needs.js";
import type { Pool } from "./pool.js";
import type { Provider } from "./provider.js";
import type { Resource } from "./resource.js";
import { type Offer, type Shared, shareDemand, toMakeRoom, wanted } from "./size.js";
import { dispose, takeLeave } from "./tending.js";
import type { Ticket } from "./ticket.js";
import { refuse } from "./waiting.js";

/** Starts what these pools need: for those who wait first, then for the buffers. */
export function makeWhatIsNeeded(ledger: Ledger, pools: readonly Pool[]): void {
  const reached = new Set(pools);
  const contested = isContested(ledger, reached);
  const demand = contested ? allotDemand(ledger, reached) : demandOf(ledger, reached);
  const made = ledger.counters.resource;
  for (const pool of pools) if (pool.calls.size > 0 || pool.wanted > 0) makeNamed(ledger, pool);
  for (const [pool, waiting] of demand) {
    const missing = make(ledger, pool, waiting, "forDemand");
    if (missing > 0) makeRoom(ledger, pool, missing);
    if (pool.bound.size > 0 || ofUse(ledger, pool) < pool.warm.size) giveWay(ledger, pool, waiting);
  }
  for (const pool of pools) {
    if (pool.mode !== "open") continue;
    make(ledger, pool, demand.get(pool) ?? 0, "forBuffer");
    replaceDrifted(ledger, pool);
  }
  // What may be made for whom depends on what is under way: that is found anew until nothing more begins.
  if (contested && ledger.counters.resource > made) for (const pool of reached) ledger.touch(pool);
  // Whoever was to be served by one pool may have to be served by another that has some free.
  for (const pool of reached) if (!pools.includes(pool) && canLend(ledger, pool)) ledger.touch(pool);
}

function canLend(ledger: Ledger, pool: Pool): boolean {
  const { warm, waiting } = pool;
  if (waiting === 0 || pool.wanted > 0 || !mayLend(ledger, pool)) return false;
  if (pool.chooses ? nextTicket(pool, ledger.nowMs) === undefined : warm.first === undefined) return false;
  return !pool.policy.check.onAcquire || pool.vetting < waiting;
}

/** Under a shared cap, what a pool has left over may have to give way to those who wait for another. */
function offerPlaces(ledger: Ledger, pool: Pool): void {
  if (pool.warm.first === undefined || pool.waiting > 0) return;
  for (const other of pool.provider.pools) if (other.waiting > 0) ledger.touch(other);
}

/** The common case is settled by a few comparisons: nobody waits and the buffer is full, or nothing may be made anyway. */
export function needsSome(ledger: Ledger, pool: Pool): boolean {
  const { policy, waiting } = pool;
  if (pool.provider.policy.max !== Number.POSITIVE_INFINITY) offerPlaces(ledger, pool);
  if (pool.drifted || (ledger.parties.size > 0 && waiting > 0)) return true;
  if (waiting > 0) return pool.total < policy.max || mayGiveWay(pool);
  return pool.total < policy.max && policy.warm > 0 && lacksSome(pool);
}

/** At its cap, what it has for others may give way to who waits. */
function mayGiveWay({ lines, bound, calls }: Pool): boolean {
  return lines.length > 1 || bound.size > 0 || calls.size > 0;
}

/** Its buffer is not full, nor about to be. */
function lacksSome(pool: Pool): boolean {
  return pool.mode === "open" && pool.warm.size + pool.coming < pool.policy.warm;
}

/** How many each pool is to serve, for the given pools and those that share a line with them, which are added. */
function demandOf(ledger: Ledger, reached: Set<Pool>): Map<Pool, number> {
  const lines = new Set<Line>();
  for (const pool of reached) {
    for (const line of pool.lines) {
      if (line.waiting === 0 || !areMade(line.needs) || lines.has(line)) continue;
      lines.add(line);
      // A Set's iteration goes on to what is added to it: pools that share a line are reached as well.
      for (const other of line.pools) reached.add(other);
    }
  }
  if (lines.size === 0) return new Map();
  const shares = new Map<Provider, Shared>();
  const offers = new Map<Pool, Offer>();
  for (const pool of reached) {
    const shared = shares.get(pool.provider) ?? sharedBy(pool.provider);
    shares.set(pool.provider, shared);
    offers.set(pool, offerOf(ledger, pool, shared));
  }
  const queues = [...lines].map((line) => ({ waiting: line.waiting, pools: line.pools }));
  return shareDemand(queues, offers);
}

function sharedBy(provider: Provider): Shared {
  const room = roomAt(provider);
  if (room === Number.POSITIVE_INFINITY) return { room, yields: 0 };
  let idle = 0;
  for (const pool of provider.pools) if (pool.waiting === 0) idle += pool.warm.size + pool.bound.size;
  return { room, yields: idle + leavingFrom(provider) + Math.min(room, 0) };
}

/** Places at a provider that are about to be free. */
export function leavingFrom({ pools }: Provider): number {
  let leaving = 0;
  for (const pool of pools) leaving += leavingOf(pool);
  return leaving;
}

/** Places of a pool that are about to be free. */
export function leavingOf({ counts, slowDeletes }: Pool): number {
  return counts.deleting - slowDeletes;
}

/** How many more a pool could make now, for all that its provider allows. If not now, it is looked at when it can. */
export function roomNow(ledger: Ledger, pool: Pool): number {
  const atMs = mayMakeAtMs(ledger, pool);
  if (atMs > ledger.nowMs) {
    ledger.deadlines.arm(pool, atMs);
    return 0;
  }
  const room = pool.policy.max - countOf(pool);
  // After a failure, one at a time: others can do more.
  return pool.failures > 0 || pool.provider.breaker.halfOpen ? Math.min(room, 1) : room;
}

function offerOf(ledger: Ledger, pool: Pool, shared: Shared): Offer {
  const lends = pool.mode !== "paused";
  return {
    supply: lends ? ofUse(ledger, pool) + pool.coming : 0,
    room: roomNow(ledger, pool),
    yields: mayMakeAtMs(ledger, pool) <= ledger.nowMs ? pool.bound.size + pool.warm.size - ofUse(ledger, pool) : 0,
    shared,
    hopeful: lends && !pool.failedForGood && pool.failures === 0,
  };
}

/** Free places of a pool, under its own cap and its provider's; negative where there is more than they allow. */
export function placesOf(pool: Pool): number {
  return Math.min(pool.policy.max - countOf(pool), roomAt(pool.provider));
}

/** What counts against a pool's cap: all records, and listed things of ours that have none. */
export function countOf(pool: Pool): number {
  return pool.total + unrecordedOf(pool);
}

function unrecordedOf(pool: Pool): number {
  let count = 0;
  const { unrecorded } = pool.provider;
  if (unrecorded.size === 0) return 0;
  // Whose pool isn't known may be anyone's: it counts against each.
  for (const { thing } of unrecorded.values())
    if (thing.tags?.pool === undefined || thing.tags.pool === pool.name) count += 1;
  return count;
}

/** Free places under the cap that the pools of a provider share. */
export function roomAt(provider: Provider): number {
  return provider.policy.max - provider.total - provider.unrecorded.size;
}

/** When a pool may start an allocation: now or earlier, at a time, or `Infinity`: when something else happens first. */
export function mayMakeAtMs(ledger: Ledger, pool: Pool): number {
  const { provider } = pool;
  const never = Number.POSITIVE_INFINITY;
  if (pool.mode === "paused" || pool.mode === "leaving" || provider.stranded || ledger.rolledBack !== undefined)
    return never;
  // What was left behind and has no record must be counted first.
  if (provider.policy.can.list && !provider.swept) return never;
  // One at a time, until one succeeds again.
  if (pool.failures > 0 && pool.counts.allocating > 0) return never;
  return Math.max(pool.nextAllocateAtMs, mayAllocateAt(provider.breaker, allocatingOf(provider)));
}

function allocatingOf(provider: Provider): number {
  // Only a half-open breaker asks, so that the others need not count.
  if (!provider.breaker.halfOpen) return 0;
  let allocating = 0;
  for (const { counts } of provider.pools) allocating += counts.allocating;
  return allocating;
}

/** Starts allocations, as far as the policy lets us; returns how many are missing because the provider's cap is reached. */
function make(ledger: Ledger, pool: Pool, waiting: number, purpose: "forDemand" | "forBuffer"): number {
  const { policy, provider } = pool;
  const supply = {
    waiting,
    free: purpose === "forDemand" ? ofUse(ledger, pool) : pool.warm.size,
    coming: pool.coming,
    total: countOf(pool),
    allocating: pool.counts.allocating,
    max: policy.max,
    warm: policy.warm,
    maxAllocating: policy.maxAllocating,
  };
  const count = wanted(supply)[purpose];
  for (let made = 0; made < count; made++) {
    const atMs = mayMakeAtMs(ledger, pool);
    if (atMs > ledger.nowMs) {
      ledger.deadlines.arm(pool, atMs);
      return 0;
    }
    if (roomAt(provider) <= 0) return count - made;
    startAllocate(ledger, pool);
  }
  return 0;
}

export function startAllocate(ledger: Ledger, pool: Pool, slot?: number): void {
  const resource = ledger.addResource(pool, "allocating", undefined, slot);
  // What its start will turn out to be, nobody knows before it was: the answer tells.
  resource.settleAtMs = Number.POSITIVE_INFINITY;
  if (pool.policy.allocateDelayMs > 0) pool.nextAllocateAtMs = ledger.nowMs + pool.policy.allocateDelayMs;
  ledger.call(resource, "allocate");
}

/** Under a shared cap, the idle of other pools give way to those who wait. */
function makeRoom(ledger: Ledger, pool: Pool, missing: number): void {
  const { provider } = pool;
  let room = toMakeRoom(missing, roomAt(provider), leavingFrom(provider));
  for (const other of provider.pools) {
    if (other === pool || other.waiting > 0) continue;
    for (; room > 0 && other.warm.last !== undefined; room--) dispose(ledger, other.warm.last, "room-for-others");
    for (; room > 0 && other.bound.idlest !== undefined; room--) dispose(ledger, other.bound.idlest, "room-for-others");
  }
}

/** At a cap, what is free for somebody else only gives way to those who wait. */
function giveWay(ledger: Ledger, pool: Pool, waiting: number): void {
  const { bound, warm } = pool;
  if (pool.policy.reuse?.leave !== "reset" && mayMakeAtMs(ledger, pool) > ledger.nowMs) return;
  let short = waiting - ofUse(ledger, pool) - pool.coming - leavingOf(pool) - Math.max(0, placesOf(pool));
  for (; short > 0 && bound.idlest !== undefined; short--) takeLeave(ledger, bound.idlest, "room-for-others");
  if (ofUse(ledger, pool) > 0) return;
  // Who waits although something is free waits for something younger.
  for (; short > 0 && warm.oldest !== undefined; short--) dispose(ledger, warm.oldest, "room-for-others");
}

/** What is free and may serve who still waits: nothing, if all that is free is too old for him, and not kept for another. */
function ofUse(ledger: Ledger, pool: Pool): number {
  const { chooses, lines, warm } = pool;
  if (!chooses) return warm.size;
  const isTooOld = ({ needs, first }: Line) =>
    needs?.minLifeMs !== undefined && first !== undefined && !isKeptFromHim(ledger, pool, first);
  return lines.some(isTooOld) ? 0 : warm.size;
}

/** Whether whoever wants several things, and some of this pool, goes before a ticket: what is free is his first. */
export function isKeptFromHim(ledger: Ledger, pool: Pool, ticket: Ticket): boolean {
  if (pool.wanted === 0) return false;
  for (const party of ledger.parties) {
    if (!goesBefore(party, ticket)) return false;
    const { wants = [], owner } = party;
    // Nothing is kept for whoever lacks what he is choosy about.
    const isWanted = wants.some(({ pools }) => pools.includes(pool));
    if (isWanted && pickChoosy(ledger, wants, owner) !== undefined) return true;
  }
  return false;
}

/** Replaces free resources of an older spec, oldest first, a few at a time: those that are missing anyway are some of them. */
function replaceDrifted(ledger: Ledger, pool: Pool): void {
  if (!pool.drifted) return;
  const { counts, policy, warm } = pool;
  const stale: Resource[] = [];
  for (const resource of pool.free()) if (resource.spec !== policy.spec) stale.push(resource);
  const buffer = Math.min(policy.warm, policy.max - (pool.total - warm.size));
  let unavailable = Math.max(counts.deleting + counts.allocating + counts.unknown, buffer - warm.size);
  stale.sort((a, b) => a.id - b.id);
  for (const resource of stale) {
    if (unavailable >= policy.maxUnavailable) return;
    unavailable += 1;
    dispose(ledger, resource, "drifted");
  }
  pool.drifted = false;
}

/** Tells those whom nobody can serve any more: every pool that could has failed for good, and is in backoff for it. */
export function refuseHopeless(ledger: Ledger, pool: Pool): void {
  for (const line of pool.allLines()) {
    if (line.size === 0 || !line.pools.every((other) => isHopeless(ledger, other))) continue;
    const reason = line.pools.map(failureOf).join("; ");
    for (const ticket of line) refuse(ledger, ticket, reason);
  }
  if (pool.wanted === 0) return;
  for (const party of ledger.parties) {
    const hopeless = party.wants?.find(({ pools }) => pools.every((other) => isHopeless(ledger, other)));
    if (hopeless !== undefined) refuse(ledger, party, hopeless.pools.map(failureOf).join("; "));
  }
}

function isHopeless(ledger: Ledger, pool: Pool): boolean {
  const { counts, policy } = pool;
  if (!pool.failedForGood || policy.onPermanent === "wait" || pool.nextAllocateAtMs <= ledger.nowMs) return false;
  // What is there already may still serve someone.
  const maybe = counts.allocating + counts.resetting + counts.ready + (policy.reuse === undefined ? 0 : counts.leased);
  return maybe === 0;
}

function failureOf(pool: Pool): string {
  return `pool "${pool.name}": ${pool.lastFailure?.failure.message ?? "failed for good"}`;
}

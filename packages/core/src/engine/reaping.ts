import type { EventData } from "../model/event.js";
import { parseKey } from "../model/key.js";
import { unreachable } from "../model/unreachable.js";
import { isolates } from "./binding.js";
import { backoffMs } from "./breaker.js";
import type { Answer, ListCall, ListedThing } from "./call.js";
import { giveUpOn } from "./checking.js";
import type { Ledger } from "./ledger.js";
import { vet } from "./matching.js";
import type { Pool } from "./pool.js";
import type { Provider, Sighting } from "./provider.js";
import { MISSING_TWICE, ripe, tooMany, whose } from "./reconcile.js";
import type { Resource } from "./resource.js";
import { gone, resetAdopted, retryLater } from "./settling.js";
import { proceed, toReady } from "./tending.js";

/** A listing that failed is tried again after a second at first, and after no more than the usual period. */
const FIRST_RETRY_MS = 1_000;

/** Starts the sweep that is due, or has the provider looked at again when one is. */
export function tendProvider(ledger: Ledger, provider: Provider): void {
  if (provider.breaker.openUntilMs <= ledger.nowMs) ledger.touchAll(provider);
  else ledger.deadlines.arm(provider, provider.breaker.openUntilMs);
  if (provider.stranded || !provider.policy.can.list || provider.sweep !== undefined) return;
  if (ledger.nowMs < provider.sweepAtMs) return ledger.deadlines.arm(provider, provider.sweepAtMs);
  const call: ListCall = {
    kind: "list",
    provider,
    sweep: ++provider.sweeps,
    judgesBelow: ledger.counters.resource,
    timeoutMs: provider.policy.listTimeoutMs,
  };
  provider.sweep = call;
  provider.goneMeanwhile.clear();
  provider.sweepAtMs = Number.POSITIVE_INFINITY;
  ledger.effects.push({ type: "call", call });
}

/** A listing came to its end, or failed: what was read of a failed one says nothing. */
export function listAnswered(ledger: Ledger, call: ListCall, answer: Answer): void {
  const { provider } = call;
  if (provider.sweep !== call) return;
  provider.sweep = undefined;
  // Its last pool left meanwhile: there is nobody whose things these could be.
  if (ledger.providers.get(provider.identity) !== provider) return;
  const { reap } = provider.policy;
  if (answer.ok && answer.outcome.kind === "list") {
    provider.failedSweeps = 0;
    judge(ledger, call, answer.outcome.things, answer);
    provider.sweepAtMs = Math.min(provider.sweepAtMs, ledger.nowMs + nextSweepInMs(ledger, provider, reap.everyMs));
  } else if (!answer.ok) {
    provider.failedSweeps += 1;
    const retryInMs = backoffMs(provider.failedSweeps, { firstMs: FIRST_RETRY_MS, maxMs: reap.everyMs }, answer.jitter);
    provider.sweepAtMs = ledger.nowMs + retryInMs;
    const { kind, message } = answer.failure;
    ledger.event("provider.failed", { call: "list", kind, message, retryInMs }, provider);
  }
  // A provider that cannot list just now must not keep its pools empty for ever: one attempt was made.
  provider.swept = true;
  ledger.touchAll(provider);
  ledger.deadlines.arm(provider, provider.sweepAtMs);
}

/** What needs a second look gets it soon; otherwise the usual period. */
function nextSweepInMs(ledger: Ledger, provider: Provider, everyMs: number): number {
  const soonMs = Math.min(everyMs, Math.max(FIRST_RETRY_MS, provider.policy.reap.minAgeMs));
  let inMs = provider.unrecorded.size > 0 ? soonMs : everyMs;
  for (const resource of ofProvider(ledger, provider)) {
    if (resource.confirmBySweep !== undefined) return Math.min(everyMs, FIRST_RETRY_MS);
    // Listings lag behind: two in a row prove little.
    if (resource.missing > 0) inMs = soonMs;
  }
  return inMs;
}

function judge(ledger: Ledger, call: ListCall, things: readonly ListedThing[], answer: Answer): void {
  const { provider } = call;
  const { self, counters, rollbackAccepted } = ledger;
  const identity = { ...self, nextId: counters.resource, durable: self.durable && !rollbackAccepted };
  const listed = new Set<string>();
  const unrecorded: ListedThing[] = [];
  const expired: ListedThing[] = [];
  const future: string[] = [];
  for (const thing of things) {
    listed.add(thing.key);
    const verdict = whose(thing, ledger.keys.has(thing.key), identity, ledger.nowMs);
    switch (verdict) {
      case "recorded":
        break;
      case "foreign":
        noteForeign(ledger, provider, thing.key);
        break;
      case "from-the-future":
        future.push(thing.key);
        break;
      case "unrecorded":
        // It may have been seen before its record was dropped.
        if (!provider.goneMeanwhile.has(thing.key)) unrecorded.push(thing);
        break;
      case "expired":
        if (!ledger.keys.has(thing.key)) expired.push(thing);
        break;
      default:
        unreachable(verdict);
    }
  }
  if (future.length > 0 && ledger.rolledBack === undefined) {
    ledger.rolledBack = future;
    ledger.event("store.rolled-back", { keys: future }, provider);
  }
  for (const key of provider.foreign) if (!listed.has(key)) provider.foreign.delete(key);
  noteSightings(ledger, provider.unrecorded, unrecorded);
  noteSightings(ledger, provider.expired, expired);
  if (ledger.rolledBack !== undefined) return;
  reap(ledger, provider);
  confirmDeletes(ledger, call, listed, answer);
  findMissing(ledger, call, listed);
}

function noteForeign(ledger: Ledger, provider: Provider, key: string): void {
  if (provider.foreign.has(key)) return;
  provider.foreign.add(key);
  ledger.event("reap.foreign", { key }, provider);
}

function noteSightings(ledger: Ledger, sightings: Map<string, Sighting>, things: readonly ListedThing[]): void {
  const before = new Map(sightings);
  sightings.clear();
  for (const thing of things) {
    const seen = before.get(thing.key);
    const firstSeenAtMs = seen?.firstSeenAtMs ?? ledger.nowMs;
    sightings.set(thing.key, { thing, sightings: (seen?.sightings ?? 0) + 1, firstSeenAtMs });
  }
}

/** Deletes or adopts what has no record, once it was seen twice and is old enough: some at a time. */
function reap(ledger: Ledger, provider: Provider): void {
  const { limit } = provider.policy.reap;
  let ended = 0;
  for (const sightings of [provider.unrecorded, provider.expired]) {
    for (const [key, sighting] of sightings) {
      const pool = poolOf(provider, sighting.thing);
      const action = reapAction(ledger, pool, sighting, sightings === provider.unrecorded);
      ledger.event("reap.unrecorded", { key, action }, provider);
      if (action === "wait" || action === "report") continue;
      if (action === "delete" && ++ended > limit) {
        const wouldEnd = provider.unrecorded.size + provider.expired.size;
        ledger.event("reap.stopped", { wouldEnd, limit }, provider);
        return;
      }
      sightings.delete(key);
      if (action === "adopt") adopt(ledger, pool, sighting.thing);
      else deleteUnrecorded(ledger, pool, sighting.thing);
    }
  }
}

function reapAction(
  ledger: Ledger,
  pool: Pool,
  { thing, sightings, firstSeenAtMs }: Sighting,
  isOurs: boolean,
): EventData["reap.unrecorded"]["action"] {
  const { minAgeMs, mode } = pool.provider.policy.reap;
  if (!ripe({ sightings, firstSeenAtMs, createdAtMs: thing.createdAtMs }, ledger.nowMs, minAgeMs)) return "wait";
  // Our own record of it was dropped, and for a reason: only what an earlier life left behind may be taken up.
  const isOfThisLife = parseKey(thing.key)?.epochId === ledger.self.epochId;
  // What was made for a pool that is not here any more is not what this one is to lend.
  const isIts = thing.tags?.pool === undefined || thing.tags.pool === pool.name;
  const isWelcome =
    isOurs && isIts && !isOfThisLife && thing.data !== undefined && pool.mode === "open" && isForAnybody(pool);
  if (mode === "adopt" && isWelcome) return "adopt";
  return mode === "report" ? "report" : "delete";
}

/** Nobody knows whose it was: where that matters, only a reset makes it anybody's. */
function isForAnybody({ policy, provider }: Pool): boolean {
  // Which of the numbers that are shared out it was given, nobody knows either.
  if (policy.counters.length > 0) return false;
  return !isolates(policy.reuse) || (policy.reuse.leave === "reset" && provider.policy.can.reset);
}

function adopt(ledger: Ledger, pool: Pool, thing: ListedThing): void {
  const resource = ledger.addResource(pool, "unknown", thing.key);
  resource.data = thing.data;
  // Nobody knows who has had it: it is reset first, where that is possible.
  resource.uses = 1;
  resource.condition = pool.policy.conditions?.abandoned;
  const { can } = pool.provider.policy;
  // Listed does not mean finished: it is asked for, or checked, before anybody gets it.
  if (can.find) return proceed(ledger, resource);
  if (can.reset) return resetAdopted(ledger, resource);
  toReady(ledger, resource, "back");
  if (can.check) vet(ledger, resource);
}

function deleteUnrecorded(ledger: Ledger, pool: Pool, thing: ListedThing): void {
  const resource = ledger.addResource(pool, "deleting", thing.key);
  resource.data = thing.data;
  resource.reason = "unrecorded";
  proceed(ledger, resource);
}

function poolOf(provider: Provider, thing: ListedThing): Pool {
  const pools = [...provider.pools];
  return pools.find(({ name }) => name === thing.tags?.pool) ?? (pools[0] as Pool);
}

/** Deletes that wait for a listing to agree. */
function confirmDeletes(ledger: Ledger, call: ListCall, listed: ReadonlySet<string>, answer: Answer): void {
  for (const resource of ofProvider(ledger, call.provider)) {
    if (resource.state !== "deleting" || (resource.confirmBySweep ?? Number.POSITIVE_INFINITY) > call.sweep) continue;
    resource.confirmBySweep = undefined;
    if (listed.has(resource.key)) retryLater(ledger, resource, "delete", answer);
    else gone(ledger, resource);
  }
}

/** Recorded resources that two complete listings lacked are asked for by themselves before they count as lost. */
function findMissing(ledger: Ledger, call: ListCall, listed: ReadonlySet<string>): void {
  const missing: Resource[] = [];
  let known = 0;
  for (const resource of ofProvider(ledger, call.provider)) {
    if (resource.state !== "ready" && resource.state !== "leased" && resource.state !== "held") continue;
    known += 1;
    if (resource.id >= call.judgesBelow) continue;
    resource.missing = listed.has(resource.key) ? 0 : resource.missing + 1;
    if (resource.missing >= MISSING_TWICE) missing.push(resource);
  }
  const { limit } = call.provider.policy.reap;
  if (missing.length > 0 && tooMany(missing.length, known, limit)) {
    return ledger.event("reap.stopped", { wouldEnd: missing.length, limit }, call.provider);
  }
  for (const resource of missing) askFor(ledger, resource);
}

function askFor(ledger: Ledger, resource: Resource): void {
  if (resource.call !== undefined) return;
  const { can } = resource.pool.provider.policy;
  if (can.find) return ledger.call(resource, "find");
  if (!can.check || resource.state === "held")
    return giveUpOn(ledger, resource, "lost", "two complete listings lack it");
  // One more failed check is enough, and until it passes nobody shall have it.
  const { pool } = resource;
  resource.failedChecks = Math.max(resource.failedChecks, pool.policy.check.attempts - 1);
  if (resource.failedChecks > 0) pool.unshelve(resource);
  resource.checkAtMs = ledger.nowMs;
  proceed(ledger, resource);
}

function* ofProvider(ledger: Ledger, provider: Provider): Iterable<Resource> {
  for (const resource of [...ledger.resources.values()]) if (resource.pool.provider === provider) yield resource;
}

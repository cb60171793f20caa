import { backoffMs } from "./breaker.js";
import type { Answer, ListCall, ListedThing } from "./call.js";
import type { Ledger } from "./ledger.js";
import type { Pool } from "./pool.js";
import type { Provider } from "./provider.js";
import { MISSING_TWICE, ripe, tooMany, whose } from "./reconcile.js";
import type { Resource } from "./resource.js";
import { giveUpOn, gone, proceed, retryLater, toReady } from "./tending.js";

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
  provider.sweepAtMs = Number.POSITIVE_INFINITY;
  ledger.effects.push({ type: "call", call });
}

/** A listing came to its end, or failed: what was read of a failed one says nothing. */
export function listAnswered(ledger: Ledger, call: ListCall, answer: Answer): void {
  const { provider } = call;
  if (provider.sweep !== call) return;
  provider.sweep = undefined;
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
  if (provider.unrecorded.size > 0) return soonMs;
  for (const resource of ofProvider(ledger, provider)) {
    if (resource.missing > 0 || resource.confirmBySweep !== undefined) return Math.min(everyMs, FIRST_RETRY_MS);
  }
  return everyMs;
}

function judge(ledger: Ledger, call: ListCall, things: readonly ListedThing[], answer: Answer): void {
  const { provider } = call;
  const identity = { ...ledger.self, nextId: ledger.counters.resource };
  const listed = new Set<string>();
  const unrecorded: ListedThing[] = [];
  const future: string[] = [];
  for (const thing of things) {
    listed.add(thing.key);
    const verdict = whose(thing, ledger.keys.has(thing.key), identity, ledger.nowMs);
    if (verdict === "foreign") noteForeign(ledger, provider, thing.key);
    else if (verdict === "from-the-future") future.push(thing.key);
    else if (verdict === "unrecorded" || (verdict === "expired" && !ledger.keys.has(thing.key))) unrecorded.push(thing);
  }
  if (future.length > 0 && ledger.rolledBack === undefined) {
    ledger.rolledBack = future;
    ledger.event("store.rolled-back", { keys: future }, provider);
  }
  noteUnrecorded(ledger, provider, unrecorded);
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

function noteUnrecorded(ledger: Ledger, provider: Provider, things: readonly ListedThing[]): void {
  const before = new Map(provider.unrecorded);
  provider.unrecorded.clear();
  for (const thing of things) {
    const seen = before.get(thing.key);
    const firstSeenAtMs = seen?.firstSeenAtMs ?? ledger.nowMs;
    provider.unrecorded.set(thing.key, { thing, sightings: (seen?.sightings ?? 0) + 1, firstSeenAtMs });
  }
}

/** Deletes or adopts what is ours and has no record, once it was seen twice and is old enough: some at a time. */
function reap(ledger: Ledger, provider: Provider): void {
  const { limit, minAgeMs, mode } = provider.policy.reap;
  let ended = 0;
  for (const [key, { thing, sightings, firstSeenAtMs }] of provider.unrecorded) {
    const isRipe = ripe({ sightings, firstSeenAtMs, createdAtMs: thing.createdAtMs }, ledger.nowMs, minAgeMs);
    const pool = poolOf(provider, thing);
    const adopts = mode === "adopt" && thing.data !== undefined && pool.mode === "open";
    const action = !isRipe ? "wait" : mode === "report" ? "report" : adopts ? "adopt" : "delete";
    ledger.event("reap.unrecorded", { key, action }, provider);
    if (action === "wait" || action === "report") continue;
    if (action === "delete" && ++ended > limit) {
      ledger.event("reap.stopped", { wouldEnd: provider.unrecorded.size, limit }, provider);
      return;
    }
    provider.unrecorded.delete(key);
    const resource = ledger.addResource(pool, action === "adopt" ? "unknown" : "deleting", key);
    resource.data = thing.data;
    if (action === "adopt") {
      toReady(ledger, resource, "back");
    } else {
      resource.reason = "unrecorded";
      proceed(ledger, resource);
    }
  }
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
  if (!can.check || resource.state === "held") return giveUpOn(ledger, resource, "lost", "two complete listings lack it");
  // One more failed check is enough.
  resource.failedChecks = Math.max(resource.failedChecks, resource.pool.policy.check.attempts - 1);
  resource.checkAtMs = ledger.nowMs;
  proceed(ledger, resource);
}

function* ofProvider(ledger: Ledger, provider: Provider): Iterable<Resource> {
  for (const resource of [...ledger.resources.values()]) if (resource.pool.provider === provider) yield resource;
}

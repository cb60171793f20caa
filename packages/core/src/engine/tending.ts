import type { DeleteReason } from "../model/resource.js";
import type { Health } from "../model/health.js";
import { unreachable } from "../model/unreachable.js";
import { afterMassFailure, backoffMs } from "./breaker.js";
import type { Answer, FoundThing, ResourceCall } from "./call.js";
import { failsEnMasse, judgeCheckFailure, judgeHealth, type Verdict } from "./health.js";
import type { Ledger } from "./ledger.js";
import { lose } from "./lending.js";
import type { Provider } from "./provider.js";
import type { Resource } from "./resource.js";
import { afterDeleteFind, afterFind } from "./settle.js";

/** How long a call that ran past its deadline is waited for before its key is used for another. Milliseconds. */
const ABANDON_AFTER_MS = 30_000;

/** The resource is healthy and free. */
export function toReady(ledger: Ledger, resource: Resource, where: "front" | "back"): void {
  ledger.move(resource, "ready");
  resource.readyAtMs ??= ledger.nowMs;
  resource.untilAtMs = undefined;
  resource.tries = 0;
  if (resource.spec !== resource.pool.policy.spec) resource.pool.drifted = true;
  if (resource.checkAtMs === Number.POSITIVE_INFINITY && resource.pool.provider.policy.can.check) {
    resource.checkAtMs = ledger.nowMs + resource.pool.policy.check.everyMs;
  }
  makeLendable(resource, where);
  ledger.deadlines.arm(resource, readyDueAtMs(ledger, resource));
}

function makeLendable(resource: Resource, where: "front" | "back"): void {
  if (resource.warm || resource.vetting || resource.failedChecks > 0) return;
  if (where === "front") resource.pool.warm.unshift(resource);
  else resource.pool.warm.push(resource);
}

/** When a ready resource must be looked at: its check, its age, or its having been idle for too long. */
function readyDueAtMs(ledger: Ledger, resource: Resource): number {
  const { policy } = resource.pool;
  const tooOldAtMs = (resource.readyAtMs ?? ledger.nowMs) + policy.maxAgeMs;
  let idleUntilMs = resource.sinceAtMs + policy.shrinkAfterMs;
  // Idle for long enough, and kept because it is part of the buffer: there is time to look again.
  if (idleUntilMs <= ledger.nowMs) idleUntilMs = ledger.nowMs + policy.shrinkAfterMs;
  return Math.min(resource.checkAtMs, tooOldAtMs, idleUntilMs);
}

/** Gets rid of a resource, for certain: `delete` is repeated until it is gone. */
export function dispose(ledger: Ledger, resource: Resource, reason: DeleteReason): void {
  if (resource.state === "deleting") return;
  stopVetting(resource);
  ledger.move(resource, "deleting", reason);
  resource.untilAtMs = undefined;
  resource.tries = 0;
  resource.retryAtMs = 0;
  // What is under way for it is of no use any more; the delete begins when it has come to its end.
  if (resource.call !== undefined) ledger.effects.push({ type: "abort", call: resource.call });
  proceed(ledger, resource);
}

function stopVetting(resource: Resource): void {
  if (!resource.vetting) return;
  resource.vetting = false;
  resource.pool.vetting -= 1;
}

/**
 * Starts whatever call a resource's state asks for now, or has it looked at again when it will. One call at a time: while
 * one is under way, its answer comes back here.
 */
export function proceed(ledger: Ledger, resource: Resource): void {
  const { nowMs } = ledger;
  const { call, pool } = resource;
  if (pool.provider.stranded) return;
  if (call !== undefined) {
    if (call.abandonAtMs === undefined) return;
    if (nowMs < call.abandonAtMs) return ledger.deadlines.arm(resource, call.abandonAtMs);
    resource.call = undefined;
  }
  switch (resource.state) {
    case "allocating":
      return;
    case "unknown": {
      const atMs = Math.max(resource.settleAtMs, resource.retryAtMs);
      if (nowMs < atMs) return ledger.deadlines.arm(resource, atMs);
      if (pool.provider.policy.can.find) return ledger.call(resource, "find");
      return dispose(ledger, resource, resource.data === undefined ? "outcome-unknown" : "half-made");
    }
    case "ready":
      return tendReady(ledger, resource);
    case "leased":
      return tendLeased(ledger, resource);
    case "resetting":
      return ledger.call(resource, "reset");
    case "held":
      if (nowMs >= (resource.untilAtMs ?? 0)) return dispose(ledger, resource, "hold-ended");
      return ledger.deadlines.arm(resource, resource.untilAtMs ?? 0);
    case "deleting":
      if (nowMs < resource.retryAtMs) return ledger.deadlines.arm(resource, resource.retryAtMs);
      if (resource.confirmBySweep !== undefined) return;
      return ledger.call(resource, resource.confirming ? "find" : "delete");
    default:
      return unreachable(resource.state);
  }
}

function tendReady(ledger: Ledger, resource: Resource): void {
  const { nowMs } = ledger;
  const { pool } = resource;
  const { policy, warm } = pool;
  if (nowMs >= resource.checkAtMs) return ledger.call(resource, "check");
  if (nowMs - (resource.readyAtMs ?? nowMs) >= policy.maxAgeMs) return dispose(ledger, resource, "too-old");
  const idle = resource.warm && nowMs - resource.sinceAtMs >= policy.shrinkAfterMs;
  if (idle && warm.size > policy.warm) return dispose(ledger, resource, "surplus");
  ledger.deadlines.arm(resource, readyDueAtMs(ledger, resource));
}

function tendLeased(ledger: Ledger, resource: Resource): void {
  if (resource.ticket === undefined) {
    const untilMs = resource.untilAtMs ?? 0;
    if (ledger.nowMs >= untilMs) return dispose(ledger, resource, "lost");
    return ledger.deadlines.arm(resource, untilMs);
  }
  if (ledger.nowMs >= resource.checkAtMs) return ledger.call(resource, "check");
  ledger.deadlines.arm(resource, resource.checkAtMs);
}

// ── Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Notes that a call was answered; returns whether its answer still counts. */
export function takeAnswer(ledger: Ledger, call: ResourceCall, answer: Answer): boolean {
  const { resource } = call;
  if (resource.call !== call) return false;
  const counts = call.abandonAtMs === undefined;
  if (!answer.ok && answer.running) {
    call.abandonAtMs = ledger.nowMs + ABANDON_AFTER_MS;
    if (call.kind === "allocate") call.abandonAtMs = Math.max(call.abandonAtMs, resource.settleAtMs);
  } else {
    resource.call = undefined;
  }
  return counts;
}

export function checkAnswered(ledger: Ledger, resource: Resource, answer: Answer): void {
  if (resource.state !== "ready" && (resource.state !== "leased" || resource.ticket === undefined)) return proceed(ledger, resource);
  const health = answer.ok && answer.outcome.kind === "check" ? answer.outcome.health : undefined;
  const verdict = answer.ok ? judgeHealth(health as Health<unknown>) : judgeCheckFailure(answer.failure);
  resource.checkAtMs = ledger.nowMs + resource.pool.policy.check.everyMs;
  if (health?.data !== undefined) {
    resource.data = health.data;
    ledger.change(resource);
  }
  applyVerdict(ledger, resource, verdict);
  if (resource.state === "ready" || resource.state === "leased") proceed(ledger, resource);
}

function applyVerdict(ledger: Ledger, resource: Resource, verdict: Verdict): void {
  const { pool } = resource;
  const { provider } = pool;
  const wasVetting = resource.vetting;
  stopVetting(resource);
  switch (verdict.is) {
    case "healthy":
      resource.failedChecks = 0;
      resource.vettedAtMs = ledger.nowMs;
      provider.sick.delete(resource);
      break;
    case "unclear":
      // It says nothing about the resource, and whoever asked for a check before lending shall not wait for ever.
      if (wasVetting) resource.vettedAtMs = ledger.nowMs;
      break;
    case "failing": {
      resource.failedChecks = wasVetting ? pool.policy.check.attempts : resource.failedChecks + 1;
      provider.sick.set(resource, ledger.nowMs);
      if (resource.warm) pool.warm.remove(resource);
      const { attempts } = pool.policy.check;
      ledger.event("resource.unhealthy", { attempt: resource.failedChecks, of: attempts, reason: verdict.reason }, resource);
      if (resource.failedChecks >= attempts && !massFailure(ledger, provider, pool.policy.check.everyMs)) {
        giveUpOn(ledger, resource, "unhealthy", verdict.reason);
      }
      break;
    }
  }
  ledger.touch(pool);
  if (resource.state === "ready") makeLendable(resource, wasVetting ? "front" : "back");
}

/** A resource is dead: it is deleted, at once if free, after its holder's grace if leased. */
export function giveUpOn(ledger: Ledger, resource: Resource, reason: "unhealthy" | "lost", note: string): void {
  if (resource.state === "leased") return lose(ledger, resource, note);
  resource.note = note;
  dispose(ledger, resource, reason);
}

function massFailure(ledger: Ledger, provider: Provider, everyMs: number): boolean {
  let checked = 0;
  for (const pool of provider.pools) checked += pool.counts.ready + pool.counts.leased;
  let failing = 0;
  for (const [resource, atMs] of provider.sick) {
    // Twice the period: a check may be late by as long as it takes, and they don't all begin together.
    if (ledger.nowMs - atMs > everyMs * 2) provider.sick.delete(resource);
    else failing += 1;
  }
  if (!failsEnMasse(failing, checked)) return false;
  const wasOpen = provider.breaker.openUntilMs > ledger.nowMs;
  provider.breaker = afterMassFailure(provider.breaker, ledger.nowMs, everyMs);
  if (!wasOpen) {
    const reason = `${failing} of ${checked} resources fail their checks at once`;
    ledger.event("breaker.opened", { untilAtMs: provider.breaker.openUntilMs, reason }, provider);
  }
  ledger.deadlines.arm(provider, provider.breaker.openUntilMs);
  return true;
}

export function resetAnswered(ledger: Ledger, resource: Resource, answer: Answer): void {
  if (resource.state !== "resetting") return proceed(ledger, resource);
  if (answer.ok && answer.outcome.kind === "reset") {
    if (answer.outcome.data !== undefined) resource.data = answer.outcome.data;
    resource.vettedAtMs = ledger.nowMs;
    return toReady(ledger, resource, "front");
  }
  if (!answer.ok) failed(ledger, resource, "reset", answer, undefined);
  dispose(ledger, resource, "reset-failed");
}

export function deleteAnswered(ledger: Ledger, resource: Resource, answer: Answer): void {
  if (resource.state !== "deleting") return proceed(ledger, resource);
  if (!answer.ok) return retryLater(ledger, resource, "delete", answer);
  const { can } = resource.pool.provider.policy;
  if (can.find) {
    resource.confirming = true;
    return proceed(ledger, resource);
  }
  if (!can.list) return gone(ledger, resource);
  const { provider } = resource.pool;
  // A sweep that is under way may have passed it already.
  resource.confirmBySweep = provider.sweeps + 1;
  provider.sweepAtMs = Math.min(provider.sweepAtMs, ledger.nowMs);
  ledger.deadlines.arm(provider, provider.sweepAtMs);
}

export function findAnswered(ledger: Ledger, resource: Resource, answer: Answer): void {
  if (!answer.ok || answer.outcome.kind !== "find") {
    if (resource.state === "unknown" || resource.state === "deleting") retryLater(ledger, resource, "find", answer);
    else proceed(ledger, resource);
    return;
  }
  const { found } = answer.outcome;
  switch (resource.state) {
    case "unknown":
      return settle(ledger, resource, found, answer.jitter);
    case "deleting":
      resource.confirming = false;
      if (afterDeleteFind(found) === "gone") return gone(ledger, resource);
      return retryLater(ledger, resource, "delete", answer);
    case "ready":
    case "leased":
    case "held":
      // Two listings lacked it; now it was asked for by itself.
      resource.missing = 0;
      if (found.status === "absent") return giveUpOn(ledger, resource, "lost", "the provider has it no more");
      return proceed(ledger, resource);
    case "allocating":
    case "resetting":
      return proceed(ledger, resource);
    default:
      return unreachable(resource.state);
  }
}

function settle(ledger: Ledger, resource: Resource, found: FoundThing, jitter: number): void {
  if (found.status !== "absent" && found.data !== undefined) {
    resource.data = found.data;
    ledger.change(resource);
  }
  switch (afterFind(found)) {
    case "ready":
      return toReady(ledger, resource, "back");
    case "deleting":
      return dispose(ledger, resource, "half-made");
    case "gone":
      return ledger.forget(resource, "never-made");
    case "ask-again":
      waitAndRetry(ledger, resource, jitter);
  }
}

/** The provider confirms, or has to be taken at its word: it is gone. */
export function gone(ledger: Ledger, resource: Resource): void {
  resource.pool.totals.deleted += 1;
  ledger.forget(resource, resource.reason ?? "asked");
}

export function retryLater(ledger: Ledger, resource: Resource, call: string, answer: Answer): void {
  const retryInMs = waitAndRetry(ledger, resource, answer.jitter);
  if (!answer.ok) failed(ledger, resource, call, answer, retryInMs);
}

function waitAndRetry(ledger: Ledger, resource: Resource, jitter: number): number {
  resource.tries += 1;
  const retryInMs = backoffMs(resource.tries, resource.pool.policy.backoff, jitter);
  resource.retryAtMs = ledger.nowMs + retryInMs;
  proceed(ledger, resource);
  return retryInMs;
}

function failed(ledger: Ledger, resource: Resource, call: string, answer: Answer & { ok: false }, retryInMs: number | undefined): void {
  const { kind, message } = answer.failure;
  ledger.event("provider.failed", { call, kind, message, ...(retryInMs !== undefined && { retryInMs }) }, resource);
}

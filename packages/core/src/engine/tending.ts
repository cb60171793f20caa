import type { DeleteReason } from "../model/resource.js";
import { unreachable } from "../model/unreachable.js";
import { isOf } from "./binding.js";
import { backoffMs } from "./breaker.js";
import type { Answer, ResourceCall } from "./call.js";
import type { Ledger } from "./ledger.js";
import { silence } from "./lending.js";
import type { Resource } from "./resource.js";
import { isAtHome } from "./session.js";
import type { Ticket } from "./ticket.js";

/** How long a call that ran past its deadline is waited for before its key is used for another. Milliseconds. */
const ABANDON_AFTER_MS = 30_000;

/** How soon at most an idle resource of the buffer is looked at again, be `shrinkAfter` ever so short. Milliseconds. */
const LOOK_AGAIN_MS = 10_000;

/** The resource is healthy and free. */
export function toReady(ledger: Ledger, resource: Resource, where: "front" | "back"): void {
  ledger.move(resource, "ready");
  resource.readyAtMs ??= ledger.nowMs;
  resource.untilAtMs = undefined;
  resource.tries = 0;
  if (resource.checkAtMs === Number.POSITIVE_INFINITY) checkLater(ledger, resource);
  const { pool } = resource;
  if (pool.policy.nameOf !== undefined) pool.rename(resource);
  if (pool.usual !== undefined) resource.condition = knownCondition(resource);
  makeLendable(resource, where);
  if (pool.usual !== undefined) proceed(ledger, resource);
  else ledger.deadlines.arm(resource, readyDueAtMs(ledger, resource));
}

function checkLater({ nowMs }: Ledger, resource: Resource): void {
  const { policy, provider } = resource.pool;
  if (provider.policy.can.check) resource.checkAtMs = nowMs + policy.check.everyMs;
}

/** Its condition; the first one of what was made, or has one that its pool does not know any more. */
export function knownCondition({ condition, pool }: Resource): string | undefined {
  const { conditions } = pool.policy;
  if (conditions === undefined || (condition !== undefined && conditions.names.includes(condition))) return condition;
  return conditions.initial;
}

/** It is to be cleaned by its provider. */
function isToBeCleaned({ condition, pool }: Resource): boolean {
  const { clean } = pool.policy.conditions ?? {};
  return clean !== undefined && condition === clean.from && pool.provider.policy.can.reset;
}

/** Puts a ready resource among those that may be lent, unless it must not be. */
export function makeLendable(resource: Resource, where: "front" | "back"): void {
  const { pool } = resource;
  if (resource.warm || resource.vetting || resource.failedChecks > 0) return;
  if (resource.spec !== pool.policy.spec) pool.drifted = true;
  pool.shelve(resource, where);
}

/** When a ready resource must be looked at: its check, its age, or its having been idle for too long. */
function readyDueAtMs(ledger: Ledger, resource: Resource): number {
  const { pool, shelf, marks, readyAtMs = ledger.nowMs } = resource;
  const laterMs = Math.min(resource.checkAtMs, readyAtMs + pool.policy.maxAgeMs);
  const atMs = marks.firstUsedAtMs === undefined ? laterMs : Math.min(laterMs, wornOutAtMs(resource));
  const isApart = resource.boundTo !== undefined || (shelf !== undefined && shelf !== pool.warm);
  return Math.min(atMs, isApart ? apartUntilMs(resource) : idleUntilMs(ledger, resource));
}

/** How long what is for everybody lies there. */
function idleUntilMs(ledger: Ledger, resource: Resource): number {
  const { shrinkAfterMs } = resource.pool.policy;
  let untilMs = resource.sinceAtMs + shrinkAfterMs;
  // Idle for long enough, and kept because it is part of the buffer: there is time to look again.
  if (untilMs <= ledger.nowMs) untilMs = ledger.nowMs + Math.max(shrinkAfterMs, LOOK_AGAIN_MS);
  return resource.uses > 0 ? untilMs : Math.min(untilMs, unclaimedUntilMs(ledger, resource));
}

/** How long what is not for everybody lies where it is. */
function apartUntilMs(resource: Resource): number {
  if (resource.boundTo !== undefined) return resource.sinceAtMs + (resource.pool.policy.reuse?.idleMs ?? 0);
  return isToBeCleaned(resource) ? resource.retryAtMs : Number.POSITIVE_INFINITY;
}

/** What was made and never lent is replaced then. */
function unclaimedUntilMs(ledger: Ledger, { uses, readyAtMs, pool }: Resource): number {
  return uses > 0 ? Number.POSITIVE_INFINITY : (readyAtMs ?? ledger.nowMs) + pool.policy.unclaimedMs;
}

/** When it has been in use for as long as the pool reuses one. */
function wornOutAtMs({ pool, marks }: Resource): number {
  const { firstUsedAtMs } = marks;
  return firstUsedAtMs === undefined ? Number.POSITIVE_INFINITY : firstUsedAtMs + (pool.policy.reuse?.maxAgeMs ?? 0);
}

/** Gets rid of a resource, for certain: `delete` is repeated until it is gone. */
export function dispose(ledger: Ledger, resource: Resource, reason: DeleteReason): void {
  if (resource.state === "deleting") return;
  ledger.move(resource, "deleting", reason);
  resource.untilAtMs = undefined;
  resource.tries = 0;
  resource.retryAtMs = 0;
  // What is under way for it is of no use any more; the delete begins when it has come to its end.
  if (resource.call !== undefined) ledger.effects.push({ type: "abort", call: resource.call });
  proceed(ledger, resource);
}

/** What was bound to somebody is given up for others: it is reset for anybody, or deleted. */
export function takeLeave(ledger: Ledger, resource: Resource, reason: DeleteReason): void {
  const { policy, provider } = resource.pool;
  const isGood = provider.policy.can.reset && resource.spec === policy.spec && resource.failedChecks === 0;
  if (policy.reuse?.leave !== "reset" || !isGood) return dispose(ledger, resource, reason);
  // Nobody's only once it is off its shelf.
  resource.pool.unshelve(resource);
  resource.boundTo = undefined;
  ledger.move(resource, "resetting");
  proceed(ledger, resource);
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
      // Its pool has another provider since.
      if (!pool.provider.policy.can.reset) return dispose(ledger, resource, "interrupted-reset");
      return ledger.call(resource, "reset");
    case "held": {
      const untilMs = resource.untilAtMs ?? Number.POSITIVE_INFINITY;
      if (nowMs >= untilMs) return dispose(ledger, resource, "hold-ended");
      return ledger.deadlines.arm(resource, untilMs);
    }
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
  // Those that may be lent serve who waits, and are ended with the input; one that may not serves nobody any more.
  if (pool.endsWhatIsFree && !resource.warm && !resource.vetting) return dispose(ledger, resource, "draining");
  if (nowMs >= resource.checkAtMs) return ledger.call(resource, "check");
  // Sums as where the deadline was set: a difference may round to the other side of it, and it would be due for ever.
  if (nowMs >= (resource.readyAtMs ?? nowMs) + policy.maxAgeMs) return dispose(ledger, resource, "too-old");
  if (nowMs >= unclaimedUntilMs(ledger, resource)) return dispose(ledger, resource, "unclaimed");
  if (nowMs >= wornOutAtMs(resource)) return dispose(ledger, resource, "worn-out");
  if (resource.boundTo !== undefined) {
    const idleUntilMs = resource.sinceAtMs + (policy.reuse?.idleMs ?? 0);
    if (nowMs >= idleUntilMs || !isOf(policy.reuse, resource.boundTo)) return takeLeave(ledger, resource, "idle");
    return ledger.deadlines.arm(resource, readyDueAtMs(ledger, resource));
  }
  if (isToBeCleaned(resource) && nowMs >= resource.retryAtMs) return clean(ledger, resource);
  const idle = resource.shelf === warm && nowMs >= resource.sinceAtMs + policy.shrinkAfterMs;
  if (idle && warm.size > policy.warm + pool.waiting) return dispose(ledger, resource, "surplus");
  ledger.deadlines.arm(resource, readyDueAtMs(ledger, resource));
}

/** The provider resets what is dirty. */
function clean(ledger: Ledger, resource: Resource): void {
  resource.pool.unshelve(resource);
  resource.condition = resource.pool.policy.conditions?.clean?.via;
  ledger.move(resource, "resetting");
  proceed(ledger, resource);
}

/** Whether a holder is never silent: what lives here, with leases that live with it. */
export function isNeverSilent(ledger: Ledger, ticket: Ticket): boolean {
  return isRenewedBySession(ticket) && isAtHome(ticket.order, ledger.self);
}

function isRenewedBySession({ order, durable }: Ticket): boolean {
  return order.renewal === "session" && !durable;
}

/** When the holder of a resource was last heard of: for all that this process knows. */
export function heardAtMs(ledger: Ledger, { ticket, marks }: Resource): number {
  const session = ticket !== undefined && isRenewedBySession(ticket) ? ledger.sessionOf(ticket) : undefined;
  return Math.max(marks.heardAtMs ?? ledger.startedAtMs, session?.heardAtMs ?? 0);
}

/** When its holder has been silent for so long that it is taken away from him. */
export function silentAtMs(ledger: Ledger, resource: Resource): number {
  const { condition, ticket, pool } = resource;
  const silent = pool.policy.conditions?.silent;
  if (silent === undefined || ticket === undefined || condition === undefined) return Number.POSITIVE_INFINITY;
  if (!silent.in.includes(condition) || isNeverSilent(ledger, ticket)) return Number.POSITIVE_INFINITY;
  return heardAtMs(ledger, resource) + silent.afterMs;
}

function tendLeased(ledger: Ledger, resource: Resource): void {
  if (resource.ticket === undefined) {
    const untilMs = resource.untilAtMs ?? 0;
    if (ledger.nowMs >= untilMs) return dispose(ledger, resource, "lost");
    return ledger.deadlines.arm(resource, untilMs);
  }
  const silentMs = silentAtMs(ledger, resource);
  const { silent } = resource.pool.policy.conditions ?? {};
  if (silent !== undefined && ledger.nowMs >= silentMs) return silence(ledger, resource, silent.afterMs, silent.to);
  if (ledger.nowMs >= resource.checkAtMs) return ledger.call(resource, "check");
  ledger.deadlines.arm(resource, Math.min(resource.checkAtMs, silentMs));
}

// ── Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Notes that a call was answered; returns whether its answer still counts. */
export function takeAnswer(ledger: Ledger, call: ResourceCall, answer: Answer): boolean {
  const { resource } = call;
  if (resource.call !== call) return false;
  const counts = call.abandonAtMs === undefined;
  if (!answer.ok && answer.running) {
    call.abandonAtMs = ledger.nowMs + ABANDON_AFTER_MS;
  } else {
    resource.call = undefined;
  }
  if (resource.gone) strayAnswered(ledger, call);
  return counts;
}

/** A call was answered whose resource was forgotten: the thing may have a new record, which waits for its end. */
function strayAnswered(ledger: Ledger, call: ResourceCall): void {
  const { key, call: running } = call.resource;
  if (running === undefined && ledger.strays.get(key) === call) ledger.strays.delete(key);
  const heir = ledger.keys.get(key);
  if (heir?.call !== call) return;
  heir.call = running;
  proceed(ledger, heir);
}

export function resetAnswered(ledger: Ledger, resource: Resource, answer: Answer): void {
  if (resource.state !== "resetting") return proceed(ledger, resource);
  const { conditions } = resource.pool.policy;
  if (answer.ok && answer.outcome.kind === "reset") {
    resource.retryAtMs = 0;
    if (conditions?.clean !== undefined) resource.condition = conditions.clean.to;
    if (answer.outcome.data !== undefined) resource.data = answer.outcome.data;
    resource.vettedAtMs = ledger.nowMs;
    return toReady(ledger, resource, "front");
  }
  if (conditions?.clean !== undefined && !answer.ok) return cleanLater(ledger, resource, conditions.clean.from, answer);
  if (!answer.ok) failed(ledger, resource, "reset", answer, undefined);
  dispose(ledger, resource, "reset-failed");
}

/** It stays dirty, and is cleaned again after a pause. */
function cleanLater(ledger: Ledger, resource: Resource, from: string, answer: Answer & { ok: false }): void {
  const tries = resource.tries + 1;
  const retryInMs = backoffMs(tries, resource.pool.policy.backoff, answer.jitter);
  failed(ledger, resource, "reset", answer, retryInMs);
  resource.condition = from;
  resource.retryAtMs = ledger.nowMs + retryInMs;
  toReady(ledger, resource, "back");
  resource.tries = tries;
}

/** Tells of a failed call. */
export function failed(
  ledger: Ledger,
  resource: Resource,
  call: string,
  answer: Answer & { ok: false },
  retryInMs: number | undefined,
): void {
  const { kind, message } = answer.failure;
  ledger.event("provider.failed", { call, kind, message, ...(retryInMs !== undefined && { retryInMs }) }, resource);
}

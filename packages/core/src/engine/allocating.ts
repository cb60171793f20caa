import { unreachable } from "../model/unreachable.js";
import { afterFailure, backoffMs, closedBreaker } from "./breaker.js";
import type { Answer, ResourceCall } from "./call.js";
import { returnPool } from "./configuring.js";
import type { Ledger } from "./ledger.js";
import type { Pool } from "./pool.js";
import type { Resource } from "./resource.js";
import { afterAllocateFailure, settlesAtMs } from "./settle.js";
import { madeWhileDeleting } from "./settling.js";
import { proceed, toReady } from "./tending.js";

/** An allocate was answered: by success, by failure, or by its deadline; perhaps late. */
export function allocateAnswered(ledger: Ledger, call: ResourceCall, answer: Answer, first: boolean): void {
  const { resource } = call;
  if (first) noteStart(ledger, call, answer.startedAtMs);
  if (answer.ok) {
    if (answer.outcome.kind !== "allocate") return;
    if (resource.gone) return madeLate(ledger, resource, answer.outcome.data);
    return made(ledger, resource, answer.outcome.data, answer.startedAtMs);
  }
  if (resource.gone) return;
  const { state } = resource;
  // One that was aborted because it is of no use any more says nothing about the provider.
  if (first && state === "allocating") noteFailure(ledger, resource, answer);
  const open = state === "allocating" || state === "unknown" || state === "deleting";
  if (open && !answer.running && afterAllocateFailure(answer.failure) === "gone") {
    return ledger.forget(resource, "never-made", answer.failure.message);
  }
  if (state === "allocating") ledger.move(resource, "unknown");
  proceed(ledger, resource);
}

/** When an allocate really started is known only now. */
function noteStart(ledger: Ledger, call: ResourceCall, startedAtMs: number): void {
  const { resource, pool } = call;
  const { settlesWithinMs } = pool.provider.policy;
  resource.allocateStartedAtMs = startedAtMs;
  resource.settleAtMs = settlesAtMs(startedAtMs, ledger.startedAtMs, settlesWithinMs, ledger.self.leaderTtlMs);
  // It ran past its deadline and is still at work: its key is not touched before it can make nothing any more.
  if (call.abandonAtMs !== undefined) call.abandonAtMs = Math.max(call.abandonAtMs, resource.settleAtMs);
  if (!resource.gone) ledger.change(resource);
  ledger.touchAll(pool.provider);
}

function made(ledger: Ledger, resource: Resource, data: unknown, startedAtMs: number): void {
  const { pool } = resource;
  pool.totals.made += 1;
  const tookMs = ledger.nowMs - startedAtMs;
  pool.allocateMs = pool.allocateMs === 0 ? tookMs : pool.allocateMs + (tookMs - pool.allocateMs) / 5;
  ledger.event("resource.made", { tookMs }, resource);
  worksAgain(ledger, pool);
  switch (resource.state) {
    case "allocating":
    case "unknown":
      resource.data = data;
      resource.settleAtMs = 0;
      return toReady(ledger, resource, "back");
    case "deleting":
      return madeWhileDeleting(ledger, resource, data);
    case "ready":
    case "leased":
    case "resetting":
    case "held":
      // `find` was faster than its own answer, which nobody awaits any more.
      return proceed(ledger, resource);
    default:
      return unreachable(resource.state);
  }
}

/** Something was made under a key that we had given up for certain: it gets a record again, and is deleted. */
function madeLate(ledger: Ledger, forgotten: Resource, data: unknown): void {
  const found = ledger.keys.get(forgotten.key);
  if (found !== undefined) {
    // A sweep was faster.
    if (found.state === "deleting") madeWhileDeleting(ledger, found, data);
    return;
  }
  const resource = ledger.addResource(returnPool(ledger, forgotten.pool), "deleting", forgotten.key);
  resource.data = data;
  resource.reason = "late";
  proceed(ledger, resource);
}

function noteFailure(ledger: Ledger, resource: Resource, answer: Answer & { ok: false }): void {
  const { pool } = resource;
  const { provider, policy } = pool;
  const { failure } = answer;
  pool.totals.failed += 1;
  // Several that were under way together fail together: that is one failure, not a reason to wait ever longer.
  if (pool.failures === 0 || answer.startedAtMs > (pool.lastFailure?.atMs ?? 0)) pool.failures += 1;
  pool.lastFailure = { failure, atMs: ledger.nowMs };
  const backoff =
    failure.kind === "permanent" ? policy.backoff.maxMs : backoffMs(pool.failures, policy.backoff, answer.jitter);
  const retryInMs = Math.max(backoff, failure.retryAfterMs ?? 0);
  pool.nextAllocateAtMs = Math.max(pool.nextAllocateAtMs, ledger.nowMs + retryInMs);
  ledger.deadlines.arm(pool, pool.nextAllocateAtMs);
  const { kind, message } = failure;
  ledger.event("provider.failed", { call: "allocate", kind, message, retryInMs }, resource);

  const before = provider.breaker;
  provider.breaker = afterFailure(
    before,
    kind,
    ledger.nowMs,
    { ...policy, breakAfter: provider.policy.breakAfter },
    answer.jitter,
  );
  if (provider.breaker.openUntilMs > before.openUntilMs) {
    const { openUntilMs: untilAtMs, failures } = provider.breaker;
    ledger.event(
      "breaker.opened",
      { untilAtMs, reason: `${failures} allocations failed in a row: ${message}` },
      provider,
    );
    ledger.deadlines.arm(provider, untilAtMs);
  }
  if (kind === "permanent") pool.failedForGood = true;
}

function worksAgain(ledger: Ledger, pool: Pool): void {
  const { provider } = pool;
  // It need not make one at a time any more, whatever becomes of what was made.
  if (pool.failures > 0) ledger.touch(pool);
  pool.failures = 0;
  pool.failedForGood = false;
  pool.lastFailure = undefined;
  if (provider.breaker === closedBreaker) return;
  const wasOpen = provider.breaker.halfOpen;
  provider.breaker = closedBreaker;
  if (wasOpen) ledger.event("breaker.closed", {}, provider);
  ledger.touchAll(provider);
}

import { unreachable } from "../model/unreachable.js";
import { backoffMs } from "./breaker.js";
import type { Answer, FoundThing } from "./call.js";
import { giveUpOn } from "./checking.js";
import type { Ledger } from "./ledger.js";
import type { Provider } from "./provider.js";
import { MISSING_TWICE } from "./reconcile.js";
import type { Resource } from "./resource.js";
import { afterDeleteFind, afterFind } from "./settle.js";
import { dispose, failed, proceed, toReady } from "./tending.js";

export function deleteAnswered(ledger: Ledger, resource: Resource, answer: Answer): void {
  if (resource.state !== "deleting") return proceed(ledger, resource);
  if (!answer.ok) return retryLater(ledger, resource, "delete", answer);
  if (resource.madeMeanwhile) {
    resource.madeMeanwhile = false;
    return proceed(ledger, resource);
  }
  if (answer.startedAtMs < resource.settleAtMs) {
    // Its allocate may still make something behind this delete: only one that starts later is the last.
    resource.retryAtMs = resource.settleAtMs;
    ledger.slowDelete(resource);
    return proceed(ledger, resource);
  }
  const { provider } = resource.pool;
  if (provider.policy.can.find) {
    resource.confirming = true;
    return proceed(ledger, resource);
  }
  if (!provider.policy.can.list) return gone(ledger, resource);
  // A sweep that is under way may have passed it already.
  resource.confirmBySweep = provider.sweeps + 1;
  sweepSoon(ledger, provider);
}

/** Has the provider listed at once, or as soon as the sweep under way is over. */
function sweepSoon(ledger: Ledger, provider: Provider): void {
  provider.sweepAtMs = Math.min(provider.sweepAtMs, ledger.nowMs);
  ledger.deadlines.arm(provider, provider.sweepAtMs);
}

/** Its allocate made something after all, though it is being deleted: what a delete or find saw before counts no more. */
export function madeWhileDeleting(ledger: Ledger, resource: Resource, data: unknown): void {
  resource.data = data;
  resource.settleAtMs = 0;
  resource.confirmBySweep = undefined;
  if (resource.call === undefined) resource.confirming = false;
  else resource.madeMeanwhile = true;
  ledger.change(resource);
  proceed(ledger, resource);
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
    case "deleting": {
      const absent = afterDeleteFind(found) === "gone" && !resource.madeMeanwhile;
      resource.confirming = false;
      resource.madeMeanwhile = false;
      return absent ? gone(ledger, resource) : retryLater(ledger, resource, "delete", answer);
    }
    case "ready":
    case "leased":
    case "held":
      return foundMissing(ledger, resource, found);
    case "allocating":
    case "resetting":
      return proceed(ledger, resource);
    default:
      return unreachable(resource.state);
  }
}

/** Two listings lacked it, and now it was asked for by itself; or it was asked for when its outcome was still unknown. */
function foundMissing(ledger: Ledger, resource: Resource, found: FoundThing): void {
  const wasMissing = resource.missing >= MISSING_TWICE;
  resource.missing = 0;
  if (wasMissing && found.status === "absent") {
    return giveUpOn(ledger, resource, "lost", "the provider has it no more");
  }
  if (wasMissing && found.status === "broken") {
    return giveUpOn(ledger, resource, "unhealthy", found.reason ?? "the provider says that it is broken");
  }
  proceed(ledger, resource);
}

function settle(ledger: Ledger, resource: Resource, found: FoundThing, jitter: number): void {
  if (found.status !== "absent" && found.data !== undefined) {
    resource.data = found.data;
    ledger.change(resource);
  }
  switch (afterFind(found)) {
    case "ready":
      if (resource.uses > 0 && resource.pool.provider.policy.can.reset) return resetAdopted(ledger, resource);
      return toReady(ledger, resource, "back");
    case "deleting":
      return dispose(ledger, resource, "half-made");
    case "gone":
      return ledger.forget(resource, "never-made");
    case "ask-again":
      waitAndRetry(ledger, resource, jitter);
  }
}

/** Makes a thing that was found ready for its next holder: there may have been one before. */
export function resetAdopted(ledger: Ledger, resource: Resource): void {
  ledger.move(resource, "resetting");
  proceed(ledger, resource);
}

/** The provider confirms, or has to be taken at its word: it is gone. */
export function gone(ledger: Ledger, resource: Resource): void {
  resource.pool.totals.deleted += 1;
  ledger.forget(resource, resource.reason ?? "asked");
}

export function retryLater(ledger: Ledger, resource: Resource, call: string, answer: Answer): void {
  if (resource.state === "deleting") ledger.slowDelete(resource);
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

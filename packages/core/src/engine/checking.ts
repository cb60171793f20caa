import type { Health } from "../model/health.js";
import { afterMassFailure } from "./breaker.js";
import type { Answer } from "./call.js";
import { failsEnMasse, judgeCheckFailure, judgeHealth, type Verdict } from "./health.js";
import type { Ledger } from "./ledger.js";
import { lose } from "./lending.js";
import type { Pool } from "./pool.js";
import type { Provider } from "./provider.js";
import type { Resource } from "./resource.js";
import { dispose, makeLendable, proceed } from "./tending.js";

/** How soon a resource that failed a check is checked again where only lending asks for checks. Milliseconds. */
const DOUBT_MS = 60_000;

export function checkAnswered(ledger: Ledger, resource: Resource, answer: Answer): void {
  if (resource.state !== "ready" && (resource.state !== "leased" || resource.ticket === undefined))
    return proceed(ledger, resource);
  const health = answer.ok && answer.outcome.kind === "check" ? answer.outcome.health : undefined;
  const verdict = answer.ok ? judgeHealth(health as Health<unknown>) : judgeCheckFailure(answer.failure);
  const isInDoubt = verdict.is === "failing" || (verdict.is === "unclear" && resource.failedChecks > 0);
  resource.checkAtMs = ledger.nowMs + (isInDoubt ? doubtMs : everyMs)(resource.pool);
  if (health?.data !== undefined) {
    resource.data = health.data;
    ledger.change(resource);
  }
  applyVerdict(ledger, resource, verdict);
  if (resource.state === "ready" || resource.state === "leased") proceed(ledger, resource);
}

function everyMs({ policy }: Pool): number {
  return policy.check.everyMs;
}

function doubtMs({ policy }: Pool): number {
  return Number.isFinite(policy.check.everyMs) ? policy.check.everyMs : DOUBT_MS;
}

function applyVerdict(ledger: Ledger, resource: Resource, verdict: Verdict): void {
  const { pool } = resource;
  const { provider } = pool;
  const wasVetting = resource.vetting;
  ledger.stopVetting(resource);
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
      pool.unshelve(resource);
      const { attempts } = pool.policy.check;
      ledger.event(
        "resource.unhealthy",
        { attempt: resource.failedChecks, of: attempts, reason: verdict.reason },
        resource,
      );
      if (resource.failedChecks >= attempts && !massFailure(ledger, provider, doubtMs(pool))) {
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
  if (resource.state === "leased") {
    lose(ledger, resource, note);
    return proceed(ledger, resource);
  }
  resource.note = note;
  dispose(ledger, resource, reason);
}

function massFailure(ledger: Ledger, provider: Provider, everyMs: number): boolean {
  let checked = 0;
  for (const pool of provider.pools) checked += pool.counts.ready + pool.counts.leased;
  let failing = 0;
  for (const [resource, atMs] of provider.sick) {
    // Twice the period: a check may be late by as long as it takes, and they don't all begin together.
    if (ledger.nowMs - atMs > everyMs * 2) {
      provider.sick.delete(resource);
      continue;
    }
    failing += 1;
    // Those that were given up before it was clear that there are so many still count.
    if (resource.gone || (resource.state !== "ready" && resource.state !== "leased")) checked += 1;
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

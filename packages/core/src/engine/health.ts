import type { Failure, FailureKind } from "../model/failure.js";
import type { Health } from "../model/health.js";

/** What a check's answer means: healthy, one more failed attempt, or nothing. */
export type Verdict =
  | { readonly is: "healthy" }
  | { readonly is: "failing"; readonly reason: string }
  | { readonly is: "unclear" };

/** Kinds of rejection that tell about the provider, not about the resource. */
const ABOUT_THE_PROVIDER: ReadonlySet<FailureKind> = new Set(["throttled", "quota", "transient"]);

export function judgeHealth(health: Health<unknown>): Verdict {
  switch (health.status) {
    case "healthy":
      return { is: "healthy" };
    case "unhealthy":
      return { is: "failing", reason: health.reason ?? "its check says so" };
    case "unknown":
      return { is: "unclear" };
  }
}

/** A rejected check. A timeout does say something about the resource, whatever kind it comes with. */
export function judgeCheckFailure(failure: Failure): Verdict {
  if (failure.timedOut === true) return { is: "failing", reason: failure.message };
  return ABOUT_THE_PROVIDER.has(failure.kind) ? { is: "unclear" } : { is: "failing", reason: failure.message };
}

/**
 * Whether so many of a provider's resources fail at once that the checks, the network or the provider are likelier to be
 * broken than all of them: three or more, and over a third.
 */
export function failsEnMasse(failing: number, checked: number): boolean {
  return failing >= 3 && failing * 3 > checked;
}

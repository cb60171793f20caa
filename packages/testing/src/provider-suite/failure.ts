import assert from "node:assert/strict";
import { type FailureKind, isWarmpoolError, type ProviderError } from "@warmpool/core";

const KINDS: Record<FailureKind, true> = {
  quota: true,
  capacity: true,
  throttled: true,
  transient: true,
  permanent: true,
  unknown: true,
};

/** The `ProviderError` that this is, of any copy of core; `undefined`: an error of another kind. */
export function asProviderError(error: unknown): ProviderError | undefined {
  return isWarmpoolError(error, "PROVIDER_FAILED") ? (error as ProviderError) : undefined;
}

/** "Ask again": the manager repeats the call without concluding anything. */
export function isPassing(error: unknown): boolean {
  const kind = asProviderError(error)?.kind;
  return kind === "throttled" || kind === "transient";
}

/** A rejected `check` that says nothing about the resource, by the contract of `Provider.check`. */
export function saysNothingOfHealth(error: unknown): boolean {
  return isPassing(error) || asProviderError(error)?.kind === "quota";
}

/** @throws {AssertionError} When `error` is nothing that a manager can tell a person. */
export function assertUsable(error: unknown, call: string): void {
  assert.ok(error instanceof Error, `${call} rejected with ${typeof error} instead of an Error: ${String(error)}`);
  assert.notEqual(error.message.trim(), "", `${call} rejected with an Error that has no message`);
  const providerError = asProviderError(error);
  if (providerError === undefined) return;
  const { kind, made, retryAfterMs } = providerError;
  assert.ok(Object.hasOwn(KINDS, kind), `${call} rejected with a ProviderError of the unknown kind ${String(kind)}`);
  assert.ok(made === undefined || made === "nothing", `${call} rejected with made: ${String(made)}`);
  assert.ok(
    retryAfterMs === undefined || (Number.isFinite(retryAfterMs) && retryAfterMs >= 0),
    `${call} rejected with retryAfterMs: ${String(retryAfterMs)}`,
  );
}

/** An error's message, for a sentence. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

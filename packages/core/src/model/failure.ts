/**
 * Why a provider could not do what it was asked, in the words on which retry, backoff, the breaker and the
 * fallback to another pool depend.
 *
 * | kind | meaning | what follows |
 * |---|---|---|
 * | `quota` | our own limit at the provider is reached | backoff |
 * | `capacity` | the provider has none left to give | backoff, another pool first |
 * | `throttled` | too many calls | backoff |
 * | `transient` | it may work when asked again | backoff |
 * | `permanent` | it will not work until somebody changes something | waiters are told, slow retries |
 * | `unknown` | none of these is known | as `transient` |
 */
export type FailureKind = "quota" | "capacity" | "throttled" | "transient" | "permanent" | "unknown";

/** A failed provider call as the engine sees it: plain data, and the error itself for whoever must be told. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  /** `"nothing"`: the provider is certain that nothing was made. Anything else leaves that open. */
  readonly made?: "nothing" | undefined;
  /** The call was given up at its deadline; it may still be at work. */
  readonly timedOut?: boolean | undefined;
  /** The provider asks not to be called again for so long. */
  readonly retryAfterMs?: number | undefined;
  /** The error as thrown. Never stored. */
  readonly error?: unknown;
}

import { type FailureKind, isWarmpoolError, ProviderError } from "@warmpool/core";
import { CloudConfigError, isThrottled, OpenStackError } from "./client/error.js";

/** Words of Nova, Neutron and Cinder. */
const QUOTA = /quota|limit exceeded|too many|maximum number of ports/i;
const CAPACITY =
  /no valid host|not enough hosts|exhausted all hosts|insufficient|no more (fixed )?ip|no more ip addresses|address(es)? (is |are )?exhausted/i;
const POLICY = /policy|disallowed|not authorized|permission/i;
/** Refused for good, although Nova calls it a conflict. */
const AMBIGUOUS = /multiple possible networks|no unique match/i;

/** What the engine must know of a failure. */
export function kindOf(error: unknown): FailureKind {
  if (error instanceof CloudConfigError) return "permanent";
  if (!(error instanceof OpenStackError)) return "unknown";
  if (isThrottled(error)) return "throttled";
  const { status, type, message } = error;
  if (status === undefined) return "transient";
  if (CAPACITY.test(message) || type === "IpAddressGenerationFailure" || type === "ExternalIpAddressExhausted") {
    return "capacity";
  }
  switch (status) {
    case 413:
      return "quota";
    case 403:
      // Messages may be translated: what isn't known to be about rights is about quotas.
      return POLICY.test(message) && !QUOTA.test(message) ? "permanent" : "quota";
    case 409:
      if (type === "OverQuota" || QUOTA.test(message)) return "quota";
      return AMBIGUOUS.test(message) ? "permanent" : "transient";
    case 408:
      return "transient";
    default:
      return status >= 500 ? "transient" : "permanent";
  }
}

/** What the fault of a server in `ERROR` means. */
export function kindOfFault({ code, message }: { readonly code: number; readonly message: string }): FailureKind {
  if (CAPACITY.test(message)) return "capacity";
  return code === 413 || code === 403 || QUOTA.test(message) ? "quota" : "unknown";
}

/** Makes errors of one provider. */
export class Failures {
  readonly #provider: string;

  constructor(provider: string) {
    this.#provider = provider;
  }

  /** @param made Whether it is certain that nothing was made. */
  make(message: string, kind: FailureKind, made?: "nothing"): ProviderError {
    return new ProviderError(message, { provider: this.#provider, kind, ...(made !== undefined && { made }) });
  }

  /**
   * What a failed call rejects with. Reasons of an aborted signal, and what was said already, stay what they are.
   *
   * @param what For people: `allocate of wp-…`.
   */
  of(what: string, error: unknown, made?: "nothing"): unknown {
    const certain = made !== undefined && { made };
    if (error instanceof OpenStackError || error instanceof CloudConfigError) {
      const retryAfterMs = error instanceof OpenStackError ? error.retryAfterMs : undefined;
      return new ProviderError(`${what}: ${error.message}`, {
        provider: this.#provider,
        kind: kindOf(error),
        ...certain,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
        cause: error,
      });
    }
    if (isWarmpoolError(error) || made === undefined) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new ProviderError(`${what}: ${message}`, { provider: this.#provider, ...certain, cause: error });
  }
}

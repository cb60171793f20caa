import { WarmpoolError } from "../model/error.js";
import type { FailureKind } from "../model/failure.js";

/** What the engine must know of a failure. */
export interface ProviderErrorOptions {
  /** Decides retry, backoff, the breaker and the fallback. Default: `"unknown"`. */
  readonly kind?: FailureKind;
  /**
   * `"nothing"`: certain that this `allocate` made nothing, and never will. Only then the resource is forgotten at
   * once; otherwise its outcome is unknown and is settled first.
   */
  readonly made?: "nothing";
  /** The provider asks not to be called again for so long, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The provider's name. */
  readonly provider?: string;
  /** The error beneath. */
  readonly cause?: unknown;
}

/**
 * A failure of a provider, with what the engine must know of it.
 *
 * ```ts
 * throw new ProviderError("instance limit reached", { kind: "quota", made: "nothing", cause: error });
 * ```
 */
export class ProviderError extends WarmpoolError<"PROVIDER_FAILED"> {
  /** Decides what follows. */
  readonly kind: FailureKind;
  /** `"nothing"`: certain that nothing was made. */
  readonly made: "nothing" | undefined;
  /** Milliseconds for which the provider does not want to be called. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ProviderErrorOptions = {}) {
    const kind = options.kind ?? "unknown";
    super("PROVIDER_FAILED", message, { details: { provider: options.provider, kind }, cause: options.cause });
    this.name = "ProviderError";
    this.kind = kind;
    this.made = options.made;
    this.retryAfterMs = options.retryAfterMs;
  }
}

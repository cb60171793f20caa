import { type FailureKind, ProviderError } from "@warmpool/core";

/** No request left this machine: certainly nothing was made. */
export class NotConnected extends Error {}

/** A host did not answer a request in time. */
export class TookTooLong extends Error {}

/** A failed request to an engine, as dockerode tells of it. */
interface Raw {
  readonly message: string;
  readonly code?: string;
  readonly statusCode?: number;
  readonly json?: { readonly message?: string } | null;
}

/** Without a connection nothing was asked of the engine. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOENT",
  "EACCES",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  // By the TLS handshake.
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** What an engine's answer, or its silence, means. */
export class EngineFailure extends Error {
  /** `undefined`: there was no answer. */
  readonly status: number | undefined;
  /** The engine's own words; else what happened. */
  readonly words: string;
  /** Certain that the engine did nothing: it never heard of it, or refused it. */
  readonly didNothing: boolean;
  /** Certain that it never heard of it. */
  readonly neverSent: boolean;

  constructor(error: unknown, redact: (text: string) => string) {
    const raw = (error ?? {}) as Raw;
    // The words of the engine alone: dockerode puts some of its own before them.
    const said = raw.json?.message ?? (raw.message ?? String(error)).replace(/^\(HTTP code \d+\) .*? - /, "");
    const words = redact(said.trim());
    super(words);
    this.words = words;
    this.status = raw.statusCode;
    this.neverSent = error instanceof NotConnected || NEVER_SENT.has(raw.code ?? "");
    this.didNothing =
      this.neverSent ||
      (raw.statusCode !== undefined && raw.statusCode >= 400 && raw.statusCode < 500 && raw.statusCode !== 408);
  }

  /** The name is another container's. Docker answers 409, Podman 500. */
  get isNameTaken(): boolean {
    return (this.status === 409 || this.status === 500) && /name .*already in use/is.test(this.words);
  }

  /** The container doesn't run, so that nothing can run in it. Docker answers 409, Podman 500. */
  get isNotRunning(): boolean {
    return (
      (this.status === 409 || this.status === 500) &&
      /not running|only .*running containers|is paused/i.test(this.words)
    );
  }

  /** The container is gone. */
  get isGone(): boolean {
    return this.status === 404;
  }

  get kind(): FailureKind {
    const { status, words } = this;
    if (status === 429 || /toomanyrequests|too many requests|rate limit/i.test(words)) return "throttled";
    if (
      /no space left|cannot allocate memory|port is already allocated|address already in use|no available .*address/i.test(
        words,
      )
    ) {
      return "capacity";
    }
    if (status === undefined || status === 408 || status === 502 || status === 503 || status === 504)
      return "transient";
    if (status >= 400 && status < 500 && status !== 409) return "permanent";
    return "unknown";
  }
}

/** What the engine is told of a failure. */
export function providerError(
  provider: string,
  message: string,
  options: { readonly kind?: FailureKind; readonly madeNothing?: boolean; readonly retryAfterMs?: number } = {},
): ProviderError {
  const { kind, madeNothing = false, retryAfterMs } = options;
  return new ProviderError(message, {
    provider,
    ...(kind !== undefined && { kind }),
    ...(madeNothing && { made: "nothing" }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

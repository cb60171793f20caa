/** What is known of a request that failed. */
export interface OpenStackErrorOptions {
  /** Of HTTP; `undefined`: no answer came, so that nobody knows what became of the request. */
  readonly status?: number | undefined;
  /** What the service calls it: `itemNotFound` of Nova, `OverQuota` of Neutron. */
  readonly type?: string | undefined;
  /** By which the cloud's operators find it in their logs. */
  readonly requestId?: string | undefined;
  /** How long the service asks not to be called again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Whether it is certain that the request never left: there was no connection to send it through. Default: `false`. */
  readonly unsent?: boolean;
}

/**
 * A request that a service refused, or never answered. Bears neither what was sent nor a cause, so that no credential
 * can be in it.
 */
export class OpenStackError extends Error {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly unsent: boolean;

  constructor(message: string, options: OpenStackErrorOptions = {}) {
    super(message);
    this.name = "OpenStackError";
    this.status = options.status;
    this.type = options.type;
    this.requestId = options.requestId;
    this.retryAfterMs = options.retryAfterMs;
    this.unsent = options.unsent ?? false;
  }
}

/** Whether a service said that what was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof OpenStackError && error.status === 404;
}

/** A configuration that cannot work, whatever the cloud says. */
export class CloudConfigError extends Error {
  override name = "CloudConfigError";
}

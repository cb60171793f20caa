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

/** For a rejection that is success if it says so: what is not there need not be deleted. */
export function unlessNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}

/**
 * Whether a service refused for being asked too fast, so that nothing was done: 429, or Nova's older 413, which without a
 * time to wait is about quotas.
 */
export function isThrottled(error: unknown): error is OpenStackError {
  if (!(error instanceof OpenStackError)) return false;
  if (error.status === 429) return true;
  return error.status === 413 && error.retryAfterMs !== undefined && !/quota/i.test(error.message);
}

/** A configuration that cannot work, whatever the cloud says. */
export class CloudConfigError extends Error {
  override name = "CloudConfigError";
}

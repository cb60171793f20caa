import type { ResourceState } from "./resource.js";

/** Every code a Warmpool error can have, with what `details` holds. Codes never change their meaning. */
export interface ErrorDetails {
  /** Options that don't parse: unknown, of the wrong type, out of range, or contradicting each other. */
  INVALID_OPTIONS: { readonly problems: readonly { readonly path: string; readonly problem: string }[] };
  /** No pool of that name. */
  NO_SUCH_POOL: { readonly pool: string; readonly known: readonly string[] };
  /** No pool has all of these tags. */
  NO_MATCHING_POOL: { readonly tags: readonly string[]; readonly known: readonly string[] };
  /** The wait for a resource was longer than allowed. */
  ACQUIRE_TIMEOUT: { readonly ticket: number | undefined; readonly waitedMs: number; readonly explanation: string };
  /** The caller's signal was aborted while it waited. `name` is `AbortError`. */
  ABORTED: { readonly ticket: number | undefined };
  /** The ticket was refused for good: every pool that could serve it has failed for good, or left. */
  REFUSED: { readonly ticket: number; readonly reason: string };
  /** The ticket was cancelled, by its owner or because its session ended. */
  TICKET_CANCELLED: { readonly ticket: number };
  /** The ticket is closed: there is nothing left to wait for. */
  TICKET_CLOSED: { readonly ticket: number; readonly end: string };
  /** No ticket of that id, or it was closed longer ago than closed tickets are kept. */
  NO_SUCH_TICKET: { readonly ticket: number };
  /** No resource of that id. */
  NO_SUCH_RESOURCE: { readonly resource: number };
  /** The command is none for a resource in this state. */
  WRONG_STATE: { readonly resource: number; readonly state: ResourceState; readonly command: string };
  /** Events that were asked for are not kept any more: the oldest that are left have number `oldest`. */
  EVENTS_GONE: { readonly after: number; readonly oldest: number };
  /** Somebody may see this ticket, and not do that with it. */
  FORBIDDEN: { readonly actor: string; readonly action: "see" | "take" | "end"; readonly ticket: number };
  /** Its owner has as many tickets waiting as he may, or asks for more resources together than he may ever have. */
  QUOTA_EXCEEDED: {
    readonly owner: string;
    readonly quota: "maxLeases" | "maxWaiting";
    readonly limit: number;
  };
  /** The same `requestId` was used before with another content. */
  REQUEST_CONFLICT: { readonly requestId: string; readonly ticket: number };
  /** The lease has ended already: released (perhaps with another verdict), or its `data` is asked for after its end. */
  LEASE_ENDED: { readonly token: number; readonly pool: string };
  /** The lease was taken away: it expired, or its resource died. */
  LEASE_LOST: { readonly token: number; readonly pool: string; readonly reason: string };
  /** The lease cannot be extended: its lifespan is at the pool's maximum. */
  LIFESPAN_EXHAUSTED: { readonly token: number; readonly pool: string; readonly endsAt: Date };
  /** The pool lends nothing new: it is being drained or was removed from the configuration. */
  POOL_DRAINING: { readonly pool: string };
  /** The pool or manager was closed. */
  POOL_CLOSED: { readonly pool: string };
  /** Called before the store was open, where an answer cannot wait. Await `ready()` first. */
  NOT_READY: { readonly call: string };
  /** Too many calls wait for the store: it is too slow or away. */
  STORE_BUSY: { readonly waiting: number; readonly limit: number };
  /** Another process has the store open, and this kind of store serves one. */
  STORE_IN_USE: { readonly store: string };
  /** The store's content cannot be read. */
  STORE_CORRUPT: { readonly store: string };
  /** The store was written by a newer release. */
  STORE_TOO_NEW: { readonly store: string; readonly found: number; readonly supported: number };
  /** The store cannot be opened, or refuses for good. */
  STORE_FAILED: { readonly store: string };
  /** A newer epoch writes this namespace: this session may not write any more. */
  FENCED: { readonly epoch: number };
  /** Two processes that share a store don't understand each other's letters: they run releases too far apart. */
  PROTOCOL_MISMATCH: { readonly found: number; readonly supported: number };
  /** This process is configured in another way than whoever leads the namespace: it may not lead. */
  CONFIG_DIFFERS: { readonly namespace: string; readonly revision: number; readonly stored: number };
  /** Things made by a later state of this store exist: the store was restored from an older copy. */
  STORE_ROLLED_BACK: { readonly keys: readonly string[] };
  /** Nobody can listen at that path: another process does, or the folder cannot be written. */
  LISTEN_FAILED: { readonly path: string };
  /** No pool listens at that path, or it does not let this process in. */
  CONNECT_FAILED: { readonly path: string };
  /** A provider returned data that JSON would lose, and the store is durable. */
  DATA_NOT_JSON: { readonly at: string };
  /** A provider's call failed. The error is a `ProviderError`, with its kind. */
  PROVIDER_FAILED: { readonly provider: string | undefined; readonly kind: string };
  /** A provider's call ran past its deadline. */
  PROVIDER_TIMEOUT: { readonly provider: string; readonly call: string; readonly timeoutMs: number };
}

/** What a Warmpool error is, for programs. */
export type ErrorCode = keyof ErrorDetails;

/** Where each code is explained. */
const DOCS_URL = "https://warmpool.dev/errors";

const brand = Symbol.for("warmpool.error");

/**
 * The error that everything in Warmpool throws and rejects with.
 *
 * `code` is stable; `message` says what to do; `details` depends on the code; `cause` is what lies beneath.
 */
export class WarmpoolError<Code extends ErrorCode = ErrorCode> extends Error {
  /** Stable: it never changes its meaning. */
  readonly code: Code;
  /** What the code is about, by the code. */
  readonly details: ErrorDetails[Code];

  constructor(code: Code, message: string, options: { details: ErrorDetails[Code]; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = code === "ABORTED" ? "AbortError" : "WarmpoolError";
    this.code = code;
    this.details = options.details;
  }

  /** The page that explains this code. */
  get url(): string {
    return `${DOCS_URL}#${this.code.toLowerCase()}`;
  }

  /** Lets `isWarmpoolError` know errors of another copy of this package. */
  get [brand](): true {
    return true;
  }
}

/** Whether `error` is Warmpool's, of any or of one given code. Works across copies of the package. */
export function isWarmpoolError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is WarmpoolError<Code> {
  return (
    typeof error === "object" &&
    error !== null &&
    (error as Record<symbol, unknown>)[brand] === true &&
    (code === undefined || (error as WarmpoolError).code === code)
  );
}

import type { Duration } from "../model/duration.js";
import type { Verdict } from "../model/ticket.js";

/**
 * A resource, lent: `data` is the holder's until the lease ends.
 *
 * It ends when it is released, or when it is lost: its deadline and grace passed, or the resource died. Then `signal`
 * aborts with the reason; stop using `data`.
 *
 * `await using lease = await pool.acquire()` releases it at the end of the block.
 */
export interface Lease<Data = unknown, Pool extends string = string> extends AsyncDisposable {
  /** What the provider's `allocate` returned (or a later `check`, `find` or `reset`). */
  readonly data: Data;
  /** The pool that lends it. */
  readonly pool: Pool;
  /** What it is called, if its provider or its pool names things. */
  readonly name: string | undefined;
  /** Its condition, in a pool that has conditions. */
  readonly condition: string | undefined;
  /** What its holders wrote down with it, by `update`. */
  readonly userData: Readonly<Record<string, unknown>>;
  /**
   * Fencing token: larger than every token that the namespace gave before. Hand it to whatever the holder writes to, and let
   * that refuse smaller ones: then a holder that lost its lease without noticing can do no harm.
   */
  readonly token: number;
  /** The ticket that was granted. */
  readonly ticket: number;
  /** The resource's number and its key at the provider. */
  readonly resource: { readonly id: number; readonly key: string };
  /**
   * When it ends unless renewed, as far as is known now: the earlier of its `ttl` and its lifespan; `null`: nothing but its
   * holder ends it. A lease of `acquire` is renewed by this process for as long as it lives.
   */
  readonly expiresAt: Date | null;
  /** When its lifespan ends, whoever renews it; `null`: it has none. `extend` makes it longer. */
  readonly until: Date | null;
  /**
   * Aborts when the lease is lost; the reason is a `LEASE_LOST` error. Not when it is released. After a `renew` within the
   * grace it is another one.
   */
  readonly signal: AbortSignal;
  /** Whether the holder may go on using `data`. */
  readonly active: boolean;
  /**
   * Begins the lease's `ttl` anew, from now. Also within its grace: then the lease lives on.
   *
   * @throws {WarmpoolError} `LEASE_ENDED` after its release, `LEASE_LOST` when it was taken away, or its lifespan is over.
   */
  renew(): Promise<void>;
  /**
   * Makes its lifespan longer: by a length, counted from its present end, or until a time. Never beyond what the pool allows,
   * and never shorter: a time before its present end changes nothing. Also within its grace: then the lease lives on.
   *
   * @returns Once it is committed: when the lifespan ends now, `null` if it has no end.
   * @throws {WarmpoolError} `LIFESPAN_EXHAUSTED` when it is at the pool's `lease.lifespan.maximum` already; `LEASE_ENDED`,
   * `LEASE_LOST` as `renew`; `INVALID_OPTIONS`.
   */
  extend(by: Duration | Date): Promise<Date | null>;
  /**
   * Writes something down with the resource, where everybody sees it and the next holder finds it: key by key, and `null`
   * deletes one. It also renews the lease.
   *
   * @returns Once it is committed.
   * @throws {WarmpoolError} `INVALID_OPTIONS` for what is not JSON; as `renew`.
   */
  update(userData: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * Gives the resource back. It ends the lease at once; the promise resolves when that is committed (after at most the
   * manager's `releaseTimeout`), not when the resource is clean again. Repeated with the same verdict it returns the same
   * promise.
   *
   * @param verdict `"ok"` (default; or what `fail` set), or `{ failed: reason }`: what becomes of the resource is then the
   * pool's `onFailed`; or `{ condition }`: it is fine, and in that condition, one of its pool's.
   * @throws {WarmpoolError} `LEASE_ENDED` when it was released with another verdict before; `LEASE_LOST` when it had been
   * taken away; `INVALID_OPTIONS` for another verdict, or a condition that its pool does not have: it goes on.
   */
  release(verdict?: Verdict): Promise<void>;
  /**
   * Sets the verdict that `release()` and disposal will use: failed, with this reason.
   *
   * @throws {WarmpoolError} `INVALID_OPTIONS` for what is no text, or an empty one.
   */
  fail(reason: string): void;
  /** Releases it, by what `fail` set. Never rejects. */
  [Symbol.asyncDispose](): Promise<void>;
}

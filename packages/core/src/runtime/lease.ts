import type { Resource } from "../engine/resource.js";
import type { Ticket } from "../engine/ticket.js";
import { WarmpoolError } from "../model/error.js";
import type { Verdict } from "../model/ticket.js";
import type { Timer } from "./clock.js";
import type { Desk } from "./desk.js";
import type { Handle } from "./handle.js";

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
   * When it ends unless renewed, as far as is known now; `null`: nothing but its holder ends it. A lease of `acquire` is
   * renewed by this process for as long as it lives.
   */
  readonly expiresAt: Date | null;
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
   * @throws {WarmpoolError} `LEASE_ENDED` after its release, `LEASE_LOST` when it was taken away.
   */
  renew(): Promise<void>;
  /**
   * Gives the resource back. It ends the lease at once; the promise resolves when that is committed (after at most the
   * manager's `releaseTimeout`), not when the resource is clean again. Repeated with the same verdict it returns the same
   * promise.
   *
   * @param verdict `"ok"` (default; or what `fail` set), or `{ failed: reason }`: what becomes of the resource is then the
   * pool's `onFailed`.
   * @throws {WarmpoolError} `LEASE_ENDED` when it was released with another verdict before; `LEASE_LOST` when it had been
   * taken away.
   */
  release(verdict?: Verdict): Promise<void>;
  /** Sets the verdict that `release()` and disposal will use: failed, with this reason. */
  fail(reason: string): void;
  /** Releases it, by what `fail` set. Never rejects. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A release under way or done. */
export interface Released {
  readonly verdict: Verdict;
  /** Resolves when it is committed. */
  readonly done: Promise<void>;
}

/** What a Date can hold. */
const LAST_DATE_MS = 8.64e15;

/** What few leases have. */
interface Extras {
  /** What its holder said of the resource so far. */
  verdict?: Verdict;
  lost?: WarmpoolError<"LEASE_LOST"> | undefined;
  /** The store does not know it any more. */
  unknown?: true;
  /** Made when somebody asks: most holders never do, and one costs more than all the rest of a lease. */
  controller?: AbortController | undefined;
  /** Ends it while nobody leads who could confirm it. */
  suspense?: Timer;
}

const NONE: Readonly<Extras> = {};

export class LiveLease implements Lease, Handle {
  readonly data: unknown;
  readonly #desk: Desk;
  readonly #resource: Resource;
  #live: Ticket;
  #released: Released | undefined;
  #extras = NONE;

  constructor(desk: Desk, ticket: Ticket, resource: Resource) {
    this.#desk = desk;
    this.#live = ticket;
    this.#resource = resource;
    this.data = resource.data;
  }

  #note(extras: Extras): void {
    this.#extras = { ...this.#extras, ...extras };
  }

  get pool(): string {
    return this.#resource.pool.name;
  }

  get token(): number {
    return this.#live.token;
  }

  get ticket(): number {
    return this.#live.id;
  }

  get resource(): { id: number; key: string } {
    const { id, key } = this.#resource;
    return { id, key };
  }

  get active(): boolean {
    return this.#released === undefined && this.#extras.lost === undefined;
  }

  get expiresAt(): Date | null {
    const { expiresAtMs, order } = this.#live;
    const { ttlMs } = order;
    if (Number.isFinite(expiresAtMs)) return new Date(Math.min(expiresAtMs, LAST_DATE_MS));
    // This process renews it: it would end that long after the process fell silent.
    return ttlMs === undefined ? null : new Date(Math.min(this.#desk.nowMs + ttlMs, LAST_DATE_MS));
  }

  get signal(): AbortSignal {
    const { controller = new AbortController(), lost } = this.#extras;
    if (this.#extras.controller === undefined) {
      this.#note({ controller });
      if (lost !== undefined) controller.abort(lost);
    }
    return controller.signal;
  }

  /** It may be renewed and released, perhaps within its grace. */
  get #holds(): boolean {
    return this.#live.state === "granted" && this.#extras.unknown !== true;
  }

  async renew(): Promise<void> {
    if (this.#released !== undefined) throw this.#ended("It was released.");
    if (!this.#holds) throw this.#extras.lost ?? this.#ended("It has ended.");
    if (!this.#desk.renew(this.#live)) {
      await this.#desk.reopened("renew");
      return this.renew();
    }
    // It was overdue, within its grace: it lives on, and has a new signal, for the old one has aborted.
    if (this.#extras.lost !== undefined) this.#note({ lost: undefined, controller: undefined });
  }

  release(verdict: Verdict = this.#extras.verdict ?? "ok"): Promise<void> {
    const released = this.#released;
    if (released !== undefined) {
      if (sameVerdict(released.verdict, verdict)) return released.done;
      return Promise.reject(this.#ended("It was released before, with another verdict."));
    }
    if (!this.#holds) {
      return Promise.reject(this.#extras.lost ?? this.#ended("It has ended."));
    }
    this.#released = this.#desk.release(this.#live, verdict);
    return this.#released.done;
  }

  fail(reason: string): void {
    this.#note({ verdict: { failed: reason } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const releases = this.#released !== undefined || (this.#holds && !this.#desk.isClosed);
    // An error here would hide the one with which the block may have ended. What failed, the signal tells.
    if (releases) await (this.#released?.done ?? this.release()).catch(() => {});
  }

  granted(): void {}

  /** The next leader gives every lease one full `ttl`: until then, and no longer, it is certainly ours. */
  suspended(leadsForMs?: number): void {
    const { ttlMs } = this.#live.order;
    if (leadsForMs === undefined || ttlMs === undefined || !this.active) return;
    const lose = () => this.#lose("no leader has confirmed it for its whole ttl");
    if (leadsForMs + ttlMs <= 0) return lose();
    this.#note({ suspense: this.#desk.after(leadsForMs + ttlMs, lose) });
  }

  stopWaiting(): void {}

  overdue(): void {
    this.#lose("its deadline passed without a renewal");
  }

  closed(): void {
    this.#desk.ended(this);
    this.#lose(this.#live.reason ?? "it was closed");
  }

  reloaded(find: (before: Ticket) => Ticket | undefined): void {
    this.#extras.suspense?.cancel();
    const ticket = find(this.#live);
    const alive = ticket?.state === "granted" && ticket.token === this.token;
    if (!alive) {
      this.#note({ unknown: true });
      this.#desk.ended(this);
      if (this.#released === undefined) this.#lose("the store does not know it any more");
      return;
    }
    // Unless it is the lease of a ticket, which takes its place again.
    ticket.handle = this;
    this.#live = ticket;
    // Released, but that was not committed: it is released again.
    if (this.#released !== undefined) this.#desk.releaseAgain(ticket, this.#released.verdict);
    // Its holder was told that it is over; one that a session renews would have no end otherwise.
    else if (this.#extras.lost !== undefined && ticket.order.session !== undefined)
      this.#desk.releaseAgain(ticket, "ok");
  }

  failed(error: WarmpoolError): void {
    this.#lose(error.message, error);
  }

  #lose(reason: string, cause?: unknown): void {
    const { token, pool } = this;
    const lost = new WarmpoolError(
      "LEASE_LOST",
      `Lease ${token} of pool "${pool}" was lost: ${reason}. Stop using its resource.`,
      { details: { token, pool, reason }, cause },
    );
    this.#note({ lost });
    this.#extras.controller?.abort(lost);
  }

  #ended(why: string): WarmpoolError<"LEASE_ENDED"> {
    const { token, pool } = this;
    return new WarmpoolError("LEASE_ENDED", `Lease ${token} of pool "${pool}" is over. ${why}`, {
      details: { token, pool },
    });
  }
}

function sameVerdict(a: Verdict, b: Verdict): boolean {
  return a === b || (typeof a === "object" && typeof b === "object" && a.failed === b.failed);
}

import type { TicketOrder } from "../engine/ticket.js";
import { durationMs } from "../model/duration.js";
import type { TicketItem } from "../model/ticket.js";
import {
  type AcquireOptions,
  type AcquireOrder,
  checkAcquire,
  type ItemOptions,
  isSignal,
  itemOf,
  parseItems,
  type RequestOptions,
  type Selection,
} from "./acquire-options.js";
import { problem } from "./parse.js";

/** What callers leave out. */
export interface OrderDefaults {
  readonly owner: string;
  readonly session: string;
  /** Of a pool, or of several that might serve: the longest. */
  acquireTimeoutMs(pool: string | undefined): number;
  /** How long the store may take to confirm a lease that nobody waits for. */
  readonly confirmMs: number;
  nowMs(): number;
}

type Options = AcquireOptions & Selection;

/**
 * Turns what callers want of one pool, or of any, into orders for the engine. Callers want the same again and again: an
 * order is made anew only when it differs from the last one.
 */
export class Orders {
  readonly #defaults: OrderDefaults;
  readonly #pool: string | undefined;
  #plain: AcquireOrder | undefined;
  #last: { readonly options: Options; readonly size: number; readonly order: AcquireOrder } | undefined;

  constructor(defaults: OrderDefaults, pool: string | undefined) {
    this.#defaults = defaults;
    this.#pool = pool;
  }

  /** Defaults may have changed. */
  forget(): void {
    this.#plain = undefined;
    this.#last = undefined;
  }

  /** @throws {WarmpoolError} `INVALID_OPTIONS`. */
  toAcquire(options: Options | undefined): AcquireOrder {
    if (options === undefined || this.#isPlain(options)) return this.#plain ?? this.#makePlain(options);
    const last = this.#last;
    return last !== undefined && isSame(options, last) ? last.order : this.#makeAnew(options);
  }

  #makePlain(options: Options = {}): AcquireOrder {
    checkAcquire(options, "acquire");
    this.#plain = this.#make({});
    return this.#plain;
  }

  #makeAnew(options: Options): AcquireOrder {
    checkAcquire(options, "acquire");
    const order = this.#make(options);
    const { signal: _signal, ...rest } = options;
    // A list may have other tags next time. And an undefined value could hide another key: see `isSame`.
    const values = Object.values(rest);
    const mayBeAgain = values.every((value) => value !== undefined && typeof value !== "object");
    if (mayBeAgain && options.until === undefined) this.#last = { options: rest, size: values.length, order };
    return order;
  }

  /** @throws {WarmpoolError} `INVALID_OPTIONS`. */
  toAcquireAll(items: readonly ItemOptions[], options: AcquireOptions): AcquireOrder {
    checkAcquire(options, "acquireAll");
    const parsed = parseItems(items, options);
    return { ...this.#make(options), item: parsed[0] as TicketItem, items: parsed };
  }

  /** @throws {WarmpoolError} `INVALID_OPTIONS`. */
  toRequest(options: RequestOptions & Selection & { readonly items?: readonly ItemOptions[] }): TicketOrder {
    checkAcquire(options, options?.items === undefined ? "request" : "requestAll");
    const items = options.items === undefined ? undefined : parseItems(options.items, options);
    const { owner = this.#defaults.owner, requestId, timeout, priority = 0, ttl } = options;
    return {
      owner,
      session: undefined,
      requestId,
      item: items?.[0] ?? itemOf(options, this.#pool),
      items,
      priority,
      waitMs: this.#waitMs(options, timeout === undefined ? Number.POSITIVE_INFINITY : durationMs(timeout, "timeout")),
      ttlMs: ttl === undefined ? undefined : durationMs(ttl, "ttl"),
      renewal: "manual",
      lifespan: lifespanOf(options),
      startAtMs: options.startAt?.getTime(),
      group: options.group,
      line: undefined,
    };
  }

  /** Nothing is asked for but the pool. */
  #isPlain(options: Options): boolean {
    if (typeof options !== "object" || options === null || options.pool !== this.#pool) return false;
    for (const key in options) if (key !== "pool") return false;
    return true;
  }

  #make(options: Options): AcquireOrder {
    const { timeout, ttl } = options;
    const { owner, session, confirmMs } = this.#defaults;
    const waitMs = timeout === undefined ? this.#defaults.acquireTimeoutMs(this.#pool) : durationMs(timeout, "timeout");
    return {
      owner: options.owner ?? owner,
      session,
      requestId: undefined,
      item: itemOf(options, this.#pool),
      items: undefined,
      priority: options.priority ?? 0,
      atOnce: waitMs === 0,
      // What is free is not taken back because the store needs a moment to confirm it.
      waitMs: waitMs === 0 ? confirmMs : this.#waitMs(options, waitMs),
      ttlMs: ttl === undefined ? undefined : durationMs(ttl, "ttl"),
      renewal: options.renew === "manual" ? "manual" : "session",
      lifespan: lifespanOf(options),
      startAtMs: options.startAt?.getTime(),
      group: options.group,
      line: undefined,
    };
  }

  /** Nobody waits for a lease that would be over. */
  #waitMs({ until, startAt }: Pick<Options, "until" | "startAt">, waitMs: number): number {
    if (until === undefined) return waitMs;
    const nowMs = this.#defaults.nowMs();
    const startMs = Math.max(nowMs, startAt?.getTime() ?? nowMs);
    const leftMs = until.getTime() - startMs;
    const when = startMs > nowMs ? "is not after startAt" : "has passed";
    if (leftMs <= 0) throw problem([{ path: "until", problem: `${when}: it is ${until.toISOString()}` }]);
    return Math.min(waitMs, leftMs);
  }
}

/** The same values, and no key besides but a signal, which is no part of an order. */
function isSame(options: Options, { options: last, size }: { options: Options; size: number }): boolean {
  let left = size;
  for (const key in options) {
    const value = options[key as keyof Options];
    if (value !== undefined && value === last[key as keyof Options]) left -= 1;
    else if (key !== "signal" || value === undefined || !isSignal(value as AbortSignal)) return false;
  }
  return left === 0;
}

function lifespanOf({ lifespan, until }: Pick<Options, "lifespan" | "until">): TicketOrder["lifespan"] {
  if (until !== undefined) return { untilMs: until.getTime() };
  return lifespan === undefined ? undefined : { forMs: durationMs(lifespan, "lifespan") };
}

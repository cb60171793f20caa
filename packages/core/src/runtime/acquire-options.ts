import type { TicketOrder } from "../engine/ticket.js";
import type { Duration } from "../model/duration.js";
import { durationMs } from "../model/duration.js";
import type { Selector, TicketItem } from "../model/ticket.js";
import { type Problem, problem, unknownOption } from "./parse.js";

/** How long, for whom and how urgently to wait. */
export interface AcquireOptions extends Wishes {
  /** Who asks, for listings, statistics and later quotas. Default: `host:pid` of this process. */
  readonly owner?: string;
  /** Longest wait; `0` takes what is free, or fails at once. Default: the pool's `acquireTimeout`. */
  readonly timeout?: Duration;
  /** Stops the wait when it aborts. A lease that was granted meanwhile goes back. */
  readonly signal?: AbortSignal;
  /** A whole number; higher goes first, equal ones in order of arrival. Default: 0. */
  readonly priority?: number;
  /** The lease ends when it was not renewed for so long. Default: the pool's `lease.ttl`. */
  readonly ttl?: Duration;
  /** How long the lease lasts at most, whoever renews it. Default, and limits: the pool's `lease.lifespan`. */
  readonly lifespan?: Duration;
  /** When the lease ends at the latest, instead of `lifespan`. Nobody waits for a lease beyond it. Default: none. */
  readonly until?: Date;
  /** When the wait begins: before, the ticket stands in no line. `timeout` counts from it. Default: now. */
  readonly startAt?: Date;
  /** A name, of a run for example: `endGroup` ends all leases and waits that have it. Default: none. */
  readonly group?: string;
  /**
   * Who renews the lease: this process for as long as it lives (`"auto"`, default), or the holder by `lease.renew()`
   * (`"manual"`).
   */
  readonly renew?: "auto" | "manual";
  /** Parameters are what pools have, for now: `createPool({ params })`. */
  readonly params?: never;
}

/** How to ask for a durable ticket. */
export interface RequestOptions extends Wishes {
  /** Who asks. A `requestId` is unique for its owner. Default: `host:pid` of this process. */
  readonly owner?: string;
  /** Makes the request idempotent: the same id of the same owner gives the same ticket, after a crash as well. */
  readonly requestId?: string;
  /** The ticket is closed `timed-out` when it waited for so long. Default: it waits for ever. */
  readonly timeout?: Duration;
  /** A whole number; higher goes first, equal ones in order of arrival. Default: 0. */
  readonly priority?: number;
  /** The lease must be renewed within this time. Default: it lasts until it is released. */
  readonly ttl?: Duration;
  /** How long the lease lasts at most, whoever renews it. Default, and limits: the pool's `lease.lifespan`. */
  readonly lifespan?: Duration;
  /** When the lease ends at the latest, instead of `lifespan`. Nobody waits for a lease beyond it. Default: none. */
  readonly until?: Date;
  /** When the wait begins: before, the ticket stands in no line. `timeout` counts from it. Default: now. */
  readonly startAt?: Date;
  /** A name, of a run for example: `endGroup` ends all leases and waits that have it. Default: none. */
  readonly group?: string;
  /** Parameters are what pools have, for now: `createPool({ params })`. */
  readonly params?: never;
}

/** Which of a pool's resources. */
export interface Wishes {
  /** The one of that name: of an inventory, or of a pool with `nameOf`. Default: any. */
  readonly name?: string;
  /** One in that condition, in a pool with `conditions`. Default: the first of them. */
  readonly condition?: string;
  /** The condition that it gets with the lease. Default: it keeps its own. */
  readonly set?: string;
  /** One that is not replaced for its age (the pool's `maxAge`) for so long. Default: any. */
  readonly minLife?: Duration;
  /**
   * A name that tasks share: in a pool whose `reuse` stays within a sandbox, one that this sandbox used before is preferred,
   * and nobody else gets it. Default: none; then it is not used again.
   */
  readonly sandbox?: string;
}

/** Where to get a resource from: a pool by name, or any pool that has all of these tags. */
export interface Selection {
  /** Name of a pool. Default: any. */
  readonly pool?: string;
  /** Of a manager: one of its `aliases`, any of the pools behind it. Default: none. */
  readonly alias?: string;
  /** Tags that the pool must have, all of them. Default: none. */
  readonly tags?: readonly string[];
}

/** One of several things that are asked for together. */
export interface ItemOptions<Pool extends string = string> extends Selection {
  /** Name of a pool. Default: any. */
  readonly pool?: Pool;
  /** How many: 1 or more. Default: 1. */
  readonly count?: number;
  /** The one of that name. Default: any. */
  readonly name?: string;
  /** One in that condition. Default: that of the whole. */
  readonly condition?: string;
  /** The condition that it gets with the lease. Default: that of the whole. */
  readonly set?: string;
}

/** How long, for whom and how urgently to wait for several things. Conditions are for each that names none itself. */
export interface AcquireAllOptions extends Omit<AcquireOptions, "name" | "minLife"> {}

/** How to ask for a durable ticket for several things. Conditions are for each that names none itself. */
export interface RequestAllOptions extends Omit<RequestOptions, "name" | "minLife"> {}

/** A parsed `acquire`. */
export interface AcquireOrder extends TicketOrder {
  /**
   * `timeout: 0`: what is free, or nothing. Then `waitMs` only bounds how long the store may take to confirm it.
   */
  readonly atOnce: boolean;
}

/** What both take, of who is to have what, and for how long. */
const BOTH = [
  "owner",
  "timeout",
  "priority",
  "ttl",
  "lifespan",
  "until",
  "startAt",
  "group",
  "alias",
  "name",
  "condition",
  "set",
  "minLife",
  "sandbox",
  "pool",
  "tags",
];
const ACQUIRE = [...BOTH, "signal", "renew"];
const REQUEST = [...BOTH, "requestId"];
/** What says which one it is: of several things, each says it for itself. */
const WHICH = ["pool", "alias", "tags", "name"];
/** What holds for several things together. */
const ALL = BOTH.filter((key) => !WHICH.includes(key) && key !== "minLife");
const ACQUIRE_ALL = [...ALL, "signal", "renew"];
const REQUEST_ALL = [...ALL, "requestId", "items"];
const ITEM = [...WHICH, "count", "condition", "set"];

/**
 * Checks what an `acquire` or `request` was given.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function checkAcquire(
  options: AcquireOptions & RequestOptions & Selection,
  call: "acquire" | "acquireAll" | "request" | "requestAll",
): void {
  if (typeof options !== "object" || options === null)
    throw problem([{ path: "options", problem: "must be an object" }]);
  const known = { acquire: ACQUIRE, acquireAll: ACQUIRE_ALL, request: REQUEST, requestAll: REQUEST_ALL }[call];
  const problems: Problem[] = [];
  for (const key in options) {
    if (known.includes(key)) {
      const value = options[key as keyof typeof options];
      const wrong = value === undefined ? undefined : mistake(key, value);
      if (wrong !== undefined) problems.push({ path: key, problem: wrong });
    } else if (options[key as keyof typeof options] !== undefined) {
      problems.push({ path: key, problem: unheardOf(key, known) });
    }
  }
  if (options.lifespan !== undefined && options.until !== undefined)
    problems.push({ path: "until", problem: "cannot be given together with lifespan: give one of them" });
  if (options.startAt !== undefined && options.timeout !== undefined && durationMs(options.timeout, "timeout") === 0)
    problems.push({
      path: "startAt",
      problem: "cannot be given together with timeout 0: nothing is free before it starts",
    });
  if (problems.length > 0) throw problem(problems);
}

function unheardOf(key: string, known: readonly string[]): string {
  if (key === "params") return "this pool takes no parameters";
  const isSeveral = known === ACQUIRE_ALL || known === REQUEST_ALL;
  if (isSeveral && WHICH.includes(key)) return "is for each of several things: give it to the items";
  if (isSeveral && key === "minLife") return "cannot be given for several things: ask for each by itself";
  return unknownOption(key, known);
}

/**
 * Checks a list of things to ask for together.
 *
 * @param whole What those have that say nothing else.
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function parseItems(items: readonly ItemOptions[], whole: Wishes): TicketItem[] {
  if (!Array.isArray(items) || items.length === 0) {
    throw problem([{ path: "items", problem: "must be a list of at least one thing" }]);
  }
  const problems = items.flatMap((item, at) => problemsOf(item, `items[${at}]`));
  if (problems.length > 0) throw problem(problems);
  return items.map((item) => {
    const { count = 1, condition = whole.condition, set = whole.set } = item;
    const wishes = { ...item, condition, set, sandbox: whole.sandbox } as Selection & Wishes;
    return { ...itemOf(wishes, item.pool), count };
  });
}

function problemsOf(item: unknown, path: string): Problem[] {
  if (typeof item !== "object" || item === null) return [{ path, problem: "must be an object" }];
  return Object.entries(item).flatMap(([key, value]) => {
    const given = value === undefined ? undefined : mistake(key, value);
    const problem = ITEM.includes(key) ? given : unknownOption(key, ITEM);
    return problem === undefined ? [] : [{ path: `${path}.${key}`, problem }];
  });
}

/** What one thing that is asked for comes to. */
export function itemOf(options: Selection & Wishes, pool: string | undefined): TicketItem {
  const item = placeOf(options, pool);
  const selector = selectorOf(options);
  const { alias } = options;
  if (selector === undefined && alias === undefined) return item;
  return { ...item, ...(alias !== undefined && { alias }), ...(selector !== undefined && { selector }) };
}

function selectorOf({ name, condition, set, sandbox, minLife }: Wishes): Selector | undefined {
  const isPlain = name === undefined && condition === undefined && set === undefined && minLife === undefined;
  if (isPlain && sandbox === undefined) return undefined;
  return {
    ...(name !== undefined && { name }),
    ...(condition !== undefined && { condition }),
    ...(set !== undefined && { set }),
    ...(sandbox !== undefined && { sandbox }),
    ...(minLife !== undefined && { minLifeMs: durationMs(minLife, "minLife") }),
  };
}

function placeOf({ tags }: Selection, pool: string | undefined): TicketItem {
  if (tags === undefined || tags.length === 0) return pool === undefined ? ANYTHING : { pool, count: 1 };
  const sorted = [...new Set(tags)].sort();
  return pool === undefined ? { tags: sorted, count: 1 } : { pool, tags: sorted, count: 1 };
}

/** No tags: any pool will do. */
const ANYTHING: TicketItem = { tags: [], count: 1 };

function mistake(key: string, value: unknown): string | undefined {
  switch (key) {
    case "owner":
    case "requestId":
    case "pool":
    case "alias":
    case "name":
    case "condition":
    case "set":
    case "sandbox":
    case "group":
      return typeof value === "string" && value !== "" ? undefined : "must be a text, and not empty";
    case "minLife":
    case "timeout":
      durationMs(value as Duration, key);
      return undefined;
    case "ttl":
    case "lifespan":
      return durationMs(value as Duration, key) > 0 ? undefined : "must be longer than 0";
    case "until":
    case "startAt":
      return value instanceof Date && !Number.isNaN(value.getTime()) ? undefined : "must be a Date";
    case "signal":
      return isSignal(value as AbortSignal) ? undefined : "must be an AbortSignal";
    case "priority":
      return Number.isSafeInteger(value) ? undefined : "must be a whole number";
    case "count":
      return Number.isSafeInteger(value) && (value as number) > 0 ? undefined : "must be a whole number, 1 or more";
    case "renew":
      return value === "auto" || value === "manual" ? undefined : 'must be "auto" or "manual"';
    case "tags":
      return Array.isArray(value) && value.every((tag) => typeof tag === "string" && tag !== "")
        ? undefined
        : "must be a list of texts";
    default:
      return undefined;
  }
}

export function isSignal(value: AbortSignal | null): boolean {
  return typeof value?.addEventListener === "function";
}

import type { ConfigurationMark } from "./configuration-mark.js";
import { type ErrorCode, isWarmpoolError, WarmpoolError } from "./error.js";
import type { AnyEvent } from "./event.js";
import type { Stamp } from "./letter.js";
import type { TicketEnd, TicketItem, Verdict } from "./ticket.js";

/** An error, to be sent. */
export interface Failed {
  readonly failed: {
    readonly code: string;
    readonly message: string;
    readonly details: unknown;
    /** Message of what lies beneath. */
    readonly cause?: string;
  };
}

/** What somebody asks for, as it is sent: no `waitMs` is for ever. */
export interface SentOrder {
  readonly owner: string;
  readonly requestId?: string;
  readonly item: TicketItem;
  readonly priority: number;
  readonly waitMs?: number;
  readonly ttlMs?: number;
  readonly renewal: "session" | "manual";
  readonly lifespan?: { readonly forMs: number } | { readonly untilMs: number };
  readonly startAtMs?: number;
  readonly group?: string;
  /** Several things, all or nothing. */
  readonly items?: readonly TicketItem[];
  /** What is free, or nothing. */
  readonly atOnce?: boolean;
}

/** A lease by the call that asked for it, its ticket and its token. */
export type HeldName = readonly [call: number, ticket: number, token: number];

/** A lease by its ticket and token. */
export type LeaseName = readonly [ticket: number, token: number];

/** What a session says to whoever leads. A `call` is a number that the session gives once, and by which it is answered. */
export type SessionMessage =
  /** The first of each stream: which calls have no answer yet, and which leases it has. It has nothing else. */
  | { readonly type: "hello"; readonly open: readonly number[]; readonly held: readonly HeldName[] }
  /** A ticket of the session. It waits for as long as the session does not give it up. */
  | { readonly type: "acquire"; readonly call: number; readonly order: SentOrder }
  /** A ticket that belongs to nobody. */
  | { readonly type: "request"; readonly call: number; readonly order: SentOrder }
  /** Tell what becomes of a ticket that belongs to nobody, and what it is now. */
  | { readonly type: "watch"; readonly call: number; readonly ticket: number }
  /** Whoever waits does so no more; a grant that is under way is not wanted. */
  | { readonly type: "giveUp"; readonly call: number; readonly how: "cancelled" | "timed-out" }
  /** `again`: perhaps it was heard before, by another leader. */
  | {
      readonly type: "release";
      readonly call: number;
      readonly lease: LeaseName;
      readonly verdict: Verdict;
      readonly again?: true;
    }
  | { readonly type: "renew"; readonly call: number; readonly lease: LeaseName }
  /** Somebody comes for a lease that was waiting for him. */
  | { readonly type: "take"; readonly call: number; readonly lease: LeaseName }
  /** Its lifespan is to end no earlier than then. Extending renews. */
  | { readonly type: "extend"; readonly call: number; readonly lease: LeaseName; readonly untilMs: number }
  /** What its holder writes down with its resource. It renews as well. */
  | {
      readonly type: "update";
      readonly call: number;
      readonly lease: LeaseName;
      readonly userData: Readonly<Record<string, unknown>>;
    }
  /** The holder has lost it by his own clock, and nothing is renewed any more. */
  | { readonly type: "lapse"; readonly lease: LeaseName }
  /** Withdraws a ticket, or ends its lease. */
  | { readonly type: "close"; readonly call: number; readonly ticket: number }
  /** Anything else that has one answer, and may be asked twice. */
  | { readonly type: "ask"; readonly call: number; readonly question: string; readonly about: readonly unknown[] }
  /** Whether events are wanted. */
  | { readonly type: "listen"; readonly on: boolean }
  /** Nothing more will come. */
  | { readonly type: "bye" };

/** A resource that was lent, as it is sent. */
export interface SentResource {
  readonly id: number;
  readonly key: string;
  readonly pool: { readonly name: string };
  readonly data?: unknown;
  readonly name?: string;
  readonly condition?: string;
  readonly userData?: Readonly<Record<string, unknown>>;
  /** All that its pool has. */
  readonly conditions?: readonly string[];
}

/** A lease as it is sent. */
export interface SentLease {
  readonly token: number;
  readonly resource: SentResource;
  readonly ttlMs?: number;
  /** Unless renewed, it ends so long after `since`, a time of the session's. Absent: nothing but its holder ends it. */
  readonly leftMs?: number;
  readonly since?: Stamp;
  /** When it ends, whoever renews it: by the leader's clock, and in so many milliseconds after `since`. */
  readonly lifespan?: { readonly endsAtMs: number; readonly leftMs: number };
}

/** What a leader says to a session. All of it is committed, but that a wait or a lease of `acquire` is over. */
export type LeaderMessage =
  /** A call has its answer, or failed. */
  | ({ readonly type: "answer"; readonly call: number } & ({ readonly value?: unknown } | Failed))
  /** A call made a ticket, or found it. */
  | {
      readonly type: "accepted";
      readonly call: number;
      readonly ticket: number;
      readonly owner: string;
      readonly ttlMs?: number;
    }
  | {
      readonly type: "granted";
      readonly call: number;
      readonly ticket: number;
      readonly token: number;
      /** Of a list of things (`isParty`): one for each. The ticket's token is the first that it was given. */
      readonly leases: readonly SentLease[];
      readonly isParty?: true;
      /** Nobody has come for it. */
      readonly untaken?: true;
    }
  /** Of a list of things, each has an end of its own, by its token. */
  | { readonly type: "overdue"; readonly call: number; readonly token?: number }
  | {
      readonly type: "closed";
      readonly call: number;
      readonly ticket: number;
      readonly token?: number;
      readonly end: TicketEnd;
      readonly reason?: string;
      readonly output?: readonly { readonly pool: string; readonly data: unknown }[];
      /** Only because nothing was heard of its session for too long: whoever still waits may ask again. */
      readonly silent?: true;
      /** What whoever waits for it is told. */
      readonly error: Failed;
    }
  | { readonly type: "events"; readonly events: readonly AnyEvent[] }
  /** What the leader is configured as. */
  | ({ readonly type: "configuration" } & ConfigurationMark);

export function failed(code: string, message: string, details: unknown, cause?: string): Failed {
  return { failed: { code, message, details, ...(cause !== undefined && { cause }) } };
}

/** An error as it is sent. What is not of Warmpool goes as its message. */
export function toFailed(error: unknown): Failed {
  const message = messageOf(error);
  if (!isWarmpoolError(error)) return failed("STORE_FAILED", message, { store: "of the leading process" });
  return failed(error.code, message, error.details, error.cause === undefined ? undefined : messageOf(error.cause));
}

/** The error that was sent, with a new stack. */
export function fromFailed({ failed: { code, message, details, cause } }: Failed): WarmpoolError {
  const options = { details: details as never, ...(cause !== undefined && { cause: new Error(cause) }) };
  return new WarmpoolError(code as ErrorCode, message, options);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A safe integer, 0 or more. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

const isLease = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && value.every(isCount);
const isHeld = (value: unknown): boolean => Array.isArray(value) && value.length === 3 && value.every(isCount);
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isNothing = (value: unknown): boolean => value === undefined;
const isVerdict = (value: unknown): boolean =>
  value === "ok" || (isObject(value) && (typeof value.failed === "string" || isText(value.condition)));
const isLong = (value: unknown): boolean => isNothing(value) || (typeof value === "number" && value >= 0);

function isItem(item: unknown): boolean {
  if (!isObject(item) || !isCount(item.count)) return false;
  const { pool, alias, tags, selector } = item;
  const isPlace = (isNothing(pool) || isText(pool)) && (isNothing(alias) || isText(alias));
  return isPlace && (isNothing(tags) || (Array.isArray(tags) && tags.every(isText))) && isSelector(selector);
}

function isSelector(selector: unknown): boolean {
  if (isNothing(selector)) return true;
  if (!isObject(selector)) return false;
  const { name, condition, set, sandbox, minLifeMs } = selector;
  return [name, condition, set, sandbox].every((each) => isNothing(each) || isText(each)) && isLong(minLifeMs);
}

function isOrder(order: unknown): boolean {
  if (!isObject(order) || !isText(order.owner) || !Number.isSafeInteger(order.priority)) return false;
  const { renewal, requestId, item, waitMs, ttlMs, atOnce, lifespan, startAtMs, group, items } = order;
  return (
    (renewal === "session" || renewal === "manual") &&
    (isNothing(requestId) || isText(requestId)) &&
    (isNothing(atOnce) || typeof atOnce === "boolean") &&
    isItem(item) &&
    (isNothing(lifespan) || (isObject(lifespan) && Object.values(lifespan).every(Number.isFinite))) &&
    (isNothing(group) || isText(group)) &&
    (isNothing(items) || (Array.isArray(items) && items.length > 0 && items.every(isItem))) &&
    isLong(startAtMs) &&
    isLong(waitMs) &&
    isLong(ttlMs)
  );
}

type Checks = Readonly<Record<string, (value: unknown) => boolean>>;

/** What each field of a message must be. */
const SESSION_MESSAGES: { readonly [Type in SessionMessage["type"]]: Checks } = {
  hello: {
    open: (open) => Array.isArray(open) && open.every(isCount),
    held: (held) => Array.isArray(held) && held.every(isHeld),
  },
  acquire: { call: isCount, order: isOrder },
  request: { call: isCount, order: isOrder },
  watch: { call: isCount, ticket: isCount },
  giveUp: { call: isCount, how: (how) => how === "cancelled" || how === "timed-out" },
  release: {
    call: isCount,
    lease: isLease,
    verdict: isVerdict,
    again: (again) => isNothing(again) || again === true,
  },
  renew: { call: isCount, lease: isLease },
  take: { call: isCount, lease: isLease },
  extend: { call: isCount, lease: isLease, untilMs: Number.isSafeInteger },
  update: { call: isCount, lease: isLease, userData: isObject },
  lapse: { lease: isLease },
  close: { call: isCount, ticket: isCount },
  ask: { call: isCount, question: isText, about: Array.isArray },
  listen: { on: (on) => typeof on === "boolean" },
  bye: {},
};

/** What is wrong with a message of a session, if anything. */
export function mistakeIn(message: unknown): string | undefined {
  if (!isObject(message)) return "a message is no object";
  const { type } = message;
  const known = typeof type === "string" && Object.hasOwn(SESSION_MESSAGES, type);
  if (!known) return `a message is of type ${JSON.stringify(type)}, which this release does not know`;
  for (const [field, check] of Object.entries<Checks[string]>(SESSION_MESSAGES[type as SessionMessage["type"]])) {
    if (!check(message[field])) return `${field} of message ${type} is ${JSON.stringify(message[field])}`;
  }
  return undefined;
}

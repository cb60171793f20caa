/**
 * The states of a ticket: `waiting` → `granted` → `closed`, or `waiting` → `closed`. It is closed exactly once.
 */
export type TicketState = "waiting" | "granted" | "closed";

export const TICKET_STATES: readonly TicketState[] = ["waiting", "granted", "closed"];

/**
 * How a ticket ended.
 *
 * After a grant: `released` by its holder, `expired` (its deadline and grace passed), `lost` (its resource died),
 * `cancelled` (the holder did not take the lease, or its group was ended).
 * Without one: `cancelled`, `timed-out`, `refused` (it can never be served; the reason says why).
 */
export type TicketEnd = "released" | "expired" | "lost" | "cancelled" | "timed-out" | "refused";

/** What the holder says of the resource when it gives it back. */
export type Verdict =
  | "ok"
  | { readonly failed: string }
  /** It is fine, and in this condition: one of its pool's. */
  | { readonly condition: string };

/** One thing that a ticket asks for. */
export interface TicketItem {
  /** The pool, by name. */
  readonly pool?: string;
  /** Tags that the pool must have, all of them. Sorted. */
  readonly tags?: readonly string[];
  /** An alias of pools. */
  readonly alias?: string;
  /** How many of it: 1 or more. */
  readonly count: number;
  /** Which of a pool's resources will do; absent: any that anybody may have. */
  readonly selector?: Selector;
}

/** Which of a pool's resources a ticket wants. */
export interface Selector {
  /** The one of that name. */
  readonly name?: string;
  /** One in that condition. Absent: in the first of the pool's conditions. */
  readonly condition?: string;
  /** The condition that it gets with the lease. Absent: it stays as it is. */
  readonly set?: string;
  /** Whoever asks under the same name shares what is used: preferably one that this sandbox used before. */
  readonly sandbox?: string;
  /** One that has at least so long until it is replaced for its age. Milliseconds. */
  readonly minLifeMs?: number;
}

/** What a granted ticket gives its holder. */
export interface LeaseRecord {
  /** Fencing token: larger than every token given before in the namespace. */
  readonly token: number;
  /**
   * Numbers of the resources. Of a ticket for several things, all that it was granted, those that came back already too:
   * the n-th has the n-th token from `token` on.
   */
  readonly resources: readonly number[];
  /** When it began. */
  readonly grantedAtMs: number;
  /** Heartbeat interval after which it ends; absent: nothing but its holder ends it. */
  readonly ttlMs?: number;
  /** Whether the session of the holder renews it, or the holder by hand. */
  readonly renewal: "session" | "manual";
  /** When it ends, whoever renews it; absent: never. */
  readonly lifespanEndsAtMs?: number;
  /** Its holder has not taken it yet, and the pool wants him to (`lease.ackWithin`). Absent: he has. */
  readonly untaken?: true;
}

/** A ticket as a store keeps it: JSON, times in UTC milliseconds. */
export interface TicketRecord {
  /** Format of the record. */
  readonly v: 1;
  /** Number in the namespace. */
  readonly id: number;
  /** Who asked. */
  readonly owner: string;
  /** The session it dies with; absent for tickets made by `request`, which belong to nobody. */
  readonly session?: string;
  /** By which its owner can repeat the request. */
  readonly requestId?: string;
  /** The call that made it, where calls come from several processes: `session/number`. */
  readonly call?: string;
  /** What it asks for. */
  readonly items: readonly TicketItem[];
  /** It was asked for as a list, all or nothing: it has a lease for each resource. */
  readonly several?: true;
  /** Higher goes first. */
  readonly priority: number;
  /** Closed ones are kept for a while, those of `request`. */
  readonly state: TicketState;
  /** When it came into line. */
  readonly createdAtMs: number;
  /** A waiting ticket times out then. */
  readonly waitUntilAtMs?: number;
  /** What its holder wants of the lease. */
  readonly ttlMs?: number;
  /** Who is to renew its lease. */
  readonly renewal?: "session" | "manual";
  /** How long its holder wants the lease to last at most: a length from its start, or a time. */
  readonly lifespan?: { readonly forMs: number } | { readonly untilMs: number };
  /** It stands in no line before. */
  readonly startAtMs?: number;
  /** Its place in line, if that is not by its number: it was made before its start. Absent while it has not started. */
  readonly place?: number;
  /** Ended together with others that name the same. */
  readonly group?: string;
  /** Once it was granted, also after its end. */
  readonly lease?: LeaseRecord;
  /** How it was closed. */
  readonly end?: TicketEnd;
  /** When it was closed. */
  readonly endedAtMs?: number;
  /** What its holder said when he released it. */
  readonly verdict?: Verdict;
  /** Why it was refused, lost or failed, for people. */
  readonly reason?: string;
  /** The output that stays readable after closing: pool and data of each resource. */
  readonly output?: readonly { readonly pool: string; readonly data: unknown }[];
}

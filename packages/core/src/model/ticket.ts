/**
 * The states of a ticket: `waiting` → `granted` → `closed`, or `waiting` → `closed`. It is closed exactly once.
 */
export type TicketState = "waiting" | "granted" | "closed";

/**
 * How a ticket ended.
 *
 * After a grant: `released` by its holder, `expired` (its deadline and grace passed), `lost` (its resource died),
 * `cancelled` (the holder gave up before it took the lease).
 * Without one: `cancelled`, `timed-out`, `refused` (it can never be served; the reason says why).
 */
export type TicketEnd = "released" | "expired" | "lost" | "cancelled" | "timed-out" | "refused";

/** What the holder says of the resource when it gives it back. */
export type Verdict = "ok" | { readonly failed: string };

/** One thing that a ticket asks for. */
export interface TicketItem {
  /** The pool, by name. */
  readonly pool?: string;
  /** Tags that the pool must have, all of them. Sorted. */
  readonly tags?: readonly string[];
  readonly count: number;
}

/** What a granted ticket gives its holder. */
export interface LeaseRecord {
  /** Fencing token: larger than every token given before in the namespace. */
  readonly token: number;
  readonly resources: readonly number[];
  readonly grantedAtMs: number;
  /** Heartbeat interval after which it ends; absent: nothing but its holder ends it. */
  readonly ttlMs?: number;
  /** Whether the session of the holder renews it, or the holder by hand. */
  readonly renewal: "session" | "manual";
}

/** A ticket as a store keeps it: JSON, times in UTC milliseconds. */
export interface TicketRecord {
  readonly v: 1;
  readonly id: number;
  readonly owner: string;
  /** The session it dies with; absent for tickets made by `request`, which belong to nobody. */
  readonly session?: string;
  readonly requestId?: string;
  readonly items: readonly TicketItem[];
  readonly priority: number;
  readonly state: TicketState;
  readonly createdAtMs: number;
  /** A waiting ticket times out then. */
  readonly waitUntilAtMs?: number;
  /** What its holder wants of the lease. */
  readonly ttlMs?: number;
  readonly renewal?: "session" | "manual";
  readonly lease?: LeaseRecord;
  readonly end?: TicketEnd;
  readonly endedAtMs?: number;
  readonly verdict?: Verdict;
  /** Why it was refused, lost or failed, for people. */
  readonly reason?: string;
  /** The output that stays readable after closing: pool and data of each resource. */
  readonly output?: readonly { readonly pool: string; readonly data: unknown }[];
}

/**
 * The states of a resource.
 *
 * - `allocating`: the intent is durable; `allocate(key)` may or may not have happened.
 * - `unknown`: we don't know what exists under this key. It counts against every cap.
 * - `ready`: healthy and free.
 * - `leased`: one lease holds it (or held it, when it was lost and its `grace` still runs).
 * - `resetting`: `reset` makes it clean for the next holder.
 * - `held`: kept for a person to look at, until a deadline.
 * - `deleting`: `delete` is repeated, with backoff, until it is gone.
 *
 * `suspended` and `updating` are reserved.
 */
export type ResourceState = "allocating" | "unknown" | "ready" | "leased" | "resetting" | "held" | "deleting";

export const RESOURCE_STATES: readonly ResourceState[] = [
  "allocating",
  "unknown",
  "ready",
  "leased",
  "resetting",
  "held",
  "deleting",
];

/** Why a resource is being deleted, for people and for events. */
export type DeleteReason =
  | "released"
  | "failed"
  | "expired"
  | "cancelled"
  | "worn-out"
  | "too-old"
  | "unclaimed"
  | "surplus"
  | "unhealthy"
  | "lost"
  | "drifted"
  | "draining"
  | "room-for-others"
  | "reset-failed"
  | "interrupted-reset"
  | "half-made"
  | "outcome-unknown"
  | "unrecorded"
  | "late"
  | "hold-ended"
  | "idle"
  | "asked";

/** A resource as a store keeps it: JSON, times in UTC milliseconds. */
export interface ResourceRecord {
  /** Format of the record. */
  readonly v: 1;
  /** Number in the namespace. */
  readonly id: number;
  /** Name of its pool. */
  readonly pool: string;
  /** The provider's name: a pool may leave the configuration before its last resource is gone. */
  readonly provider: string;
  /** Under which the provider made it. */
  readonly key: string;
  /** Smallest free integer of the pool when it was made; held until it is gone. */
  readonly slot: number;
  /** Every state counts against the caps. */
  readonly state: ResourceState;
  /** When its record was made, before the provider was called. */
  readonly createdAtMs: number;
  /** When it entered its state. */
  readonly sinceAtMs: number;
  /** When it first became ready. */
  readonly readyAtMs?: number;
  /** When `allocate` was last known to start: the provider's `settlesWithin` counts from here. */
  readonly allocateStartedAtMs?: number;
  /** How many leases it has served or serves. */
  readonly uses: number;
  /** When it was first lent; kept where `reuse.maxAge` counts from it. */
  readonly firstUsedAtMs?: number;
  /** What it is called, if its provider or its pool names things. */
  readonly name?: string;
  /** Its condition, in a pool that has conditions. */
  readonly condition?: string;
  /** The owner or sandbox that used it, as `owner:NAME` or `sandbox:NAME`: nobody else may have it. */
  readonly boundTo?: string;
  /** What its holders wrote down. */
  readonly userData?: Readonly<Record<string, unknown>>;
  /** Its numbers by counter, held until it is gone. */
  readonly counters?: Readonly<Record<string, number>>;
  /** Digest of the pool's spec that it was made by. */
  readonly spec: string;
  /** The epoch whose manager made it. */
  readonly epoch: number;
  /** The ticket whose lease holds it. */
  readonly ticket?: number;
  /** What the provider returned, or checkpointed before it was done. Absent: nothing was ever heard. */
  readonly data?: unknown;
  /** Why it is being deleted. */
  readonly reason?: DeleteReason;
  /** A person's or a holder's words: why it is held or failed. */
  readonly note?: string;
  /** End of `held`, or of the grace of a lost lease. */
  readonly untilAtMs?: number;
}

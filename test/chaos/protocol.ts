/** Where a manager keeps its records. */
export const STORES = ["sqlite", "keyv", "postgres"] as const;

export type StoreName = (typeof STORES)[number];

export function isStoreName(name: string): name is StoreName {
  return (STORES as readonly string[]).includes(name);
}

/** The pools of a chaos run. Those of provider `full` share its cap. */
export const POOLS = {
  /** Only what every provider has. */
  plain: { provider: "bare", max: 3, warm: 1, reuse: false },
  /** Lent again after a reset. */
  reused: { provider: "full", max: 4, warm: 2, reuse: true },
  /** Lent once, found and listed. */
  listed: { provider: "full", max: 3, warm: 1, reuse: false },
} as const;

export type PoolName = keyof typeof POOLS;
export const POOL_NAMES = Object.keys(POOLS) as PoolName[];

/** Below the sum of its pools. */
export const FULL_MAX = 6;

/** Of the leases that have a ttl: all `acquire`s, and the requests that ask for one. */
export interface Timing {
  readonly ttlMs: number;
  readonly graceMs: number;
}

/** One manager at a time. */
export const ALONE: Timing = { ttlMs: 400, graceMs: 100 };
/** Several: longer than an election, and than a busy machine keeps a process waiting. */
export const SHARED: Timing = { ttlMs: 3_000, graceMs: 1_000 };
export const LEADER_TTL_MS = 1_000;
/** A provider's call may take as long. */
export const SLOWEST_CALL_MS = 3_000;

/** A resource as a manager has it on record. */
export interface OnRecord {
  readonly key: string;
  readonly state: string;
}

/** What the run tells a manager to do: a line of JSON on its stdin. */
export type Command =
  /** A durable ticket; the same client is the same ticket. */
  | { readonly do: "request"; readonly client: string; readonly pool: PoolName; readonly ttlMs?: number }
  /** A lease that dies with the manager's process. */
  | { readonly do: "acquire"; readonly client: string; readonly pool: PoolName; readonly timeoutMs: number }
  | { readonly do: "renew"; readonly client: string; readonly nth: number }
  | { readonly do: "release"; readonly client: string; readonly failed?: string }
  | { readonly do: "census" }
  | { readonly do: "drain" };

/** What a manager tells of its own accord, or in answer: a line of JSON on its stdout. */
export type Report =
  | { readonly told: "open"; readonly onRecord: readonly OnRecord[] }
  | { readonly told: "accepted"; readonly client: string; readonly ticket: number }
  | {
      readonly told: "granted";
      readonly client: string;
      readonly ticket: number;
      readonly token: number;
      readonly key: string;
    }
  | { readonly told: "renewed"; readonly client: string; readonly nth: number }
  | { readonly told: "released"; readonly client: string }
  /** The lease's signal aborted. */
  | { readonly told: "lost"; readonly client: string; readonly reason: string }
  /** The ticket is closed. `key`: of what it had. */
  | {
      readonly told: "closed";
      readonly client: string;
      readonly end: string;
      readonly key?: string;
      readonly reason?: string;
    }
  /** The call was rejected. */
  | { readonly told: "refused"; readonly client: string; readonly code: string; readonly reason: string }
  | { readonly told: "census"; readonly onRecord: readonly OnRecord[] }
  | { readonly told: "drained" };

import type { Failure } from "../model/failure.js";
import type { ResourceState } from "../model/resource.js";
import type { Due } from "./deadlines.js";
import { Line } from "./line.js";
import type { PoolPolicy } from "./policy.js";
import type { Provider } from "./provider.js";
import { Slots } from "./slots.js";
import { WarmList } from "./warm-list.js";

/**
 * What a pool does at present:
 *
 * - `open`: lends and makes.
 * - `paused`: neither lends nor makes; leases go on, tickets wait.
 * - `draining`: accepts no ticket, serves those that wait, keeps no buffer, ends what comes back.
 * - `leaving`: left the configuration. As draining, but tickets that only it could serve are refused; it is forgotten
 *   when its last resource is gone.
 */
export type PoolMode = "open" | "paused" | "draining" | "leaving";

/** A pool as the engine holds it. */
export class Pool implements Due {
  readonly kind = "pool";
  readonly name: string;
  policy: PoolPolicy;
  provider: Provider;
  mode: PoolMode = "open";
  readonly warm = new WarmList();
  readonly slots = new Slots();
  /** The line of tickets that ask for this pool by name. */
  readonly line: Line;
  /** All lines that this pool can serve. */
  readonly lines: Line[] = [];
  /** Tickets in these lines. */
  waiting = 0;
  readonly counts: Record<ResourceState, number> = {
    allocating: 0,
    unknown: 0,
    ready: 0,
    leased: 0,
    resetting: 0,
    held: 0,
    deleting: 0,
  };
  /** All records, whatever their state. */
  total = 0;
  /** Resources taken off the warm list for a check before they are lent. */
  vetting = 0;
  /** Resources whose delete has failed or cannot be believed yet: their places are not about to be free. */
  slowDeletes = 0;
  /** Allocations in a row that failed. */
  failures = 0;
  /** No allocation starts before. */
  nextAllocateAtMs = 0;
  lastFailure: { readonly failure: Failure; readonly atMs: number } | undefined;
  /** It failed in a way that only a change can mend. */
  failedForGood = false;
  /** Some of its free resources may be of an older spec. */
  drifted = false;
  /** Running mean of the time an allocation takes; 0: none yet. */
  allocateMs = 0;
  readonly totals: PoolTotals = { made: 0, failed: 0, granted: 0, released: 0, lost: 0, deleted: 0, timedOut: 0 };
  /** Waits to be matched and sized at the end of the input. */
  touched = false;
  nextTouched: Pool | undefined;
  heapIndex = -1;

  constructor(policy: PoolPolicy, provider: Provider) {
    this.name = policy.name;
    this.policy = policy;
    this.provider = provider;
    this.line = new Line([this]);
    this.lines.push(this.line);
  }

  /** It accepts tickets. */
  get accepts(): boolean {
    return this.mode === "open" || this.mode === "paused";
  }

  /** It keeps nothing that is free: nobody is left to serve. */
  get endsWhatIsFree(): boolean {
    return this.mode === "leaving" || (this.mode === "draining" && this.waiting === 0);
  }

  /** Resources on their way to be lendable. */
  get coming(): number {
    return this.counts.allocating + this.counts.resetting + this.vetting;
  }
}

/** Counts since the engine began. */
export interface PoolTotals {
  /** Resources made. */
  made: number;
  /** Allocations that failed. */
  failed: number;
  /** Leases granted. */
  granted: number;
  /** Leases that their holders gave back. */
  released: number;
  /** Leases whose resource died. */
  lost: number;
  /** Resources that are gone for certain, after a delete. */
  deleted: number;
  /** Tickets whose wait was too long. */
  timedOut: number;
}

import { type Breaker, closedBreaker } from "./breaker.js";
import type { ListCall, ListedThing } from "./call.js";
import type { Due } from "./deadlines.js";
import type { ProviderPolicy } from "./policy.js";
import type { Pool } from "./pool.js";
import type { Resource } from "./resource.js";

/** A thing without a record: how often complete listings had it, and since when. */
export interface Sighting {
  readonly thing: ListedThing;
  readonly sightings: number;
  readonly firstSeenAtMs: number;
}

/** A provider as the engine holds it: what its pools share. */
export class Provider implements Due {
  readonly kind = "provider";
  readonly name: string;
  policy: ProviderPolicy;
  /** No configuration names it any more: its resources are known, and can be neither checked nor deleted here. */
  readonly stranded: boolean;
  readonly pools = new Set<Pool>();
  /** Records of all its pools, whatever their state. */
  total = 0;
  breaker: Breaker = closedBreaker;
  /** The sweep under way. */
  sweep: ListCall | undefined;
  sweeps = 0;
  /** When the next sweep begins. */
  sweepAtMs = Number.POSITIVE_INFINITY;
  /** The first sweep of this epoch is over: before, things without a record could make us pass a cap. */
  swept = false;
  /** Keys whose records were dropped while the present sweep was under way: it may have seen them before. */
  readonly goneMeanwhile = new Set<string>();
  /** Things of ours without a record, by key. They count against caps. */
  readonly unrecorded = new Map<string, Sighting>();
  /** Another's things that are past the end they bear themselves, by key. They are reaped, and count against nothing. */
  readonly expired = new Map<string, Sighting>();
  /** Things of other installations that were reported: once each. */
  readonly foreign = new Set<string>();
  failedSweeps = 0;
  /** Resources whose last check failed, and when, gone or not: the mass-failure guard looks at them. */
  readonly sick = new Map<Resource, number>();
  heapIndex = -1;

  /** The provider itself, as the runtime calls it: opaque here. */
  readonly identity: object;

  constructor(policy: ProviderPolicy, identity: object, stranded = false) {
    this.policy = policy;
    this.identity = identity;
    this.stranded = stranded;
    this.name = policy.name;
  }
}

import { type Breaker, closedBreaker } from "./breaker.js";
import type { ListCall, ListedThing } from "./call.js";
import type { Due } from "./deadlines.js";
import type { Pool } from "./pool.js";
import type { ProviderPolicy } from "./policy.js";
import type { Resource } from "./resource.js";

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
  /** Things of ours without a record, by key, and how often they were seen. They count against caps. */
  readonly unrecorded = new Map<string, { thing: ListedThing; sightings: number; firstSeenAtMs: number }>();
  /** Things of other installations that were reported: once each. */
  readonly foreign = new Set<string>();
  failedSweeps = 0;
  /** Resources whose last check failed, and when: the mass-failure guard looks at them. */
  readonly sick = new Map<Resource, number>();
  dueAtMs = Number.POSITIVE_INFINITY;
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

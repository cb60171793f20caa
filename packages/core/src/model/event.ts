import type { FailureKind } from "./failure.js";
import type { PoolMode } from "./pool-mode.js";
import type { DeleteReason, ResourceState } from "./resource.js";
import type { TicketEnd, TicketState } from "./ticket.js";

/** What each type of event carries in `data`. */
export interface EventData {
  /** A resource entered a state. */
  "resource.changed": {
    readonly from: ResourceState | undefined;
    readonly to: ResourceState;
    readonly reason?: DeleteReason;
  };
  /** An `allocate` succeeded, after so long. */
  "resource.made": { readonly tookMs: number };
  /** A resource is gone: the provider has it no more, and its record is forgotten. */
  "resource.gone": { readonly reason: DeleteReason | "never-made" | "forgotten"; readonly note?: string };
  /** A check failed; after `attempts` in a row the resource is given up. */
  "resource.unhealthy": { readonly attempt: number; readonly of: number; readonly reason: string };
  /** A ticket entered a state. */
  "ticket.changed": {
    readonly from: TicketState | undefined;
    readonly to: TicketState;
    readonly end?: TicketEnd;
    readonly reason?: string;
    /** When it was granted: for how long it had waited. */
    readonly waitedMs?: number;
    /** Of one that waits: the pools that could serve it, none before its start. Of one that was granted: those of what it has. */
    readonly pools?: readonly string[];
  };
  /** A ticket that was made for later (`startAt`) came into line. */
  "ticket.started": { readonly pools: readonly string[] };
  /** One of the leases of a ticket for several things ended; with the last, the ticket is closed. */
  "lease.ended": { readonly end: TicketEnd; readonly reason?: string };
  /** A lease's deadline passed; within its grace the holder may still renew or release it. */
  "lease.overdue": { readonly graceMs: number; readonly passed: "ttl" | "lifespan" };
  /** A lease may last until `endsAtMs` only: what was asked for is beyond a maximum of its pool. */
  "lease.clamped": {
    readonly askedForAtMs: number;
    readonly endsAtMs: number;
    readonly by: "maximum" | "relativeMaximum";
  };
  /** A holder made its lease's lifespan longer. */
  "lease.extended": { readonly fromAtMs: number; readonly toAtMs: number };
  /** A provider call failed. */
  "provider.failed": {
    readonly call: string;
    readonly kind: FailureKind;
    readonly message: string;
    readonly retryInMs?: number;
  };
  /** The provider failed so often that it is left alone for a while. */
  "breaker.opened": { readonly untilAtMs: number; readonly reason: string };
  /** The provider works again. */
  "breaker.closed": Record<never, never>;
  /** Listed, but in no record of ours. */
  "reap.unrecorded": { readonly key: string; readonly action: "delete" | "adopt" | "report" | "wait" };
  /** `FOREIGN_RESOURCE`: listed, and of another installation. */
  "reap.foreign": { readonly key: string };
  /** A sweep would have ended more than it may: it ended nothing. */
  "reap.stopped": { readonly wouldEnd: number; readonly limit: number };
  /** `STORE_ROLLED_BACK`: things of a later state of this store exist. Nothing is lent or reaped until a person decides. */
  "store.rolled-back": { readonly keys: readonly string[] };
  /** A pool came, changed, drains, was paused or resumed, or left. */
  "pool.changed": {
    readonly to: "added" | "changed" | "draining" | "paused" | "resumed" | "removed";
    /** What it does from now on. */
    readonly mode: PoolMode;
    readonly max: number;
    readonly warm: number;
  };
  /** Records of a pool whose provider is in no configuration: they can be neither checked nor deleted here. */
  "pool.stranded": { readonly provider: string; readonly resources: number };
  /** The store refused or failed; Warmpool repeats, or loads anew. */
  "store.failed": { readonly message: string; readonly attempt: number };
}

/** What happened. */
export type EventType = keyof EventData;

/**
 * Something that became true, told after it was committed, at least once.
 *
 * `actor` is who caused it (an owner, `"engine"`, `"operator"`), `ids` what it is about.
 */
export interface WarmpoolEvent<Type extends EventType = EventType> {
  /** Format of events. */
  readonly v: 1;
  /** Grows within a namespace, over restarts too; gaps are possible. */
  readonly seq: number;
  /** When it became true: UTC milliseconds. */
  readonly atMs: number;
  /** What happened; decides what `data` is. */
  readonly type: Type;
  /** Who caused it: an owner, `"engine"` or `"operator"`. */
  readonly actor: string;
  /** The `seq`-free name of the input that led to it (`"acquire"`, `"answer"`, `"tick"`, …). */
  readonly cause: string;
  /** What it is about: names of pool and provider, numbers of resource and ticket, the lease's token, who asked. */
  readonly ids: {
    readonly pool?: string;
    readonly provider?: string;
    readonly resource?: number;
    readonly ticket?: number;
    readonly token?: number;
    readonly owner?: string;
    readonly group?: string;
  };
  /** What there is to say, by the type. */
  readonly data: EventData[Type];
}

/** Any event, told apart by its `type`. */
export type AnyEvent = { [Type in EventType]: WarmpoolEvent<Type> }[EventType];

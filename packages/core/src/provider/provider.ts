import type { Duration } from "../model/duration.js";
import type { Health } from "../model/health.js";
import type { ResourceTags } from "../model/key.js";
import type { Logger } from "../model/logger.js";

/** What `allocate` is asked for. */
export interface AllocateRequest<Params = void> {
  /** Unique, given once, durable before the call: make the thing under it (name, client token, tag). */
  readonly key: string;
  /** Name of the pool that wants it. */
  readonly pool: string;
  /** What the pool's `params` are. */
  readonly params: Params;
  /** The smallest integer free in the pool, from 0; held until the resource is gone. */
  readonly slot: number;
  /** Number of the resource in its namespace. */
  readonly id: number;
  /** Its numbers, by the pool's `counters`: each the smallest that was free over all pools that name the same. Absent: none. */
  readonly counters?: Readonly<Record<string, number>>;
  /** What the made thing must bear, as far as the provider can. */
  readonly tags: ResourceTags;
}

/** What comes with every call. */
export interface CallContext<Data = unknown> {
  /** Aborts at the call's deadline, and when the pool closes. Stop work, end what you started, reject. */
  readonly signal: AbortSignal;
  /** The manager's. Default: silent. */
  readonly logger: Logger;
  /** Whose things are ours: what they were tagged with when they were made. */
  readonly namespace: string;
  /** Of the store: only things that bear it are ours. */
  readonly installation: string;
  /** The epoch of the manager that calls; a provider that can refuse older ones fences a manager that was replaced. */
  readonly epoch: number;
  /**
   * While `allocate` runs: stores what is known so far (an id, say), so that a half-made thing can be deleted. Resolves
   * when it is durable. In other calls it does nothing.
   */
  checkpoint(partial: Data): Promise<void>;
}

/** A resource whose outcome may be unknown: `data` is `undefined` when `allocate` never answered. */
export interface ResourceRef<Data = unknown> {
  /** Under which it was made, or was to be. */
  readonly key: string;
  /** What `allocate` returned or checkpointed. */
  readonly data: Data | undefined;
  /** The pool it was made for. */
  readonly pool: string;
  /** The smallest integer that was free in the pool. */
  readonly slot: number;
  /** Number in the namespace. */
  readonly id: number;
  /** Its numbers, by the pool's `counters`. Absent: none. */
  readonly counters?: Readonly<Record<string, number>>;
}

/** A resource that was made. */
export interface Made<Data = unknown> extends ResourceRef<Data> {
  /** What `allocate` returned. */
  readonly data: Data;
}

/**
 * What exists under a key: `absent` (nothing), `pending` (being made: ask again), `ready`, or `broken` (something is
 * there that will never be ready: it is deleted).
 */
export type Found<Data> =
  | { readonly status: "absent" }
  | { readonly status: "pending"; readonly data?: Data }
  | { readonly status: "ready"; readonly data: Data }
  | { readonly status: "broken"; readonly data?: Data; readonly reason?: string };

/** A thing in a provider's listing, with what it bears of the tags. A key is enough. */
export interface Listed<Data = unknown> {
  /** Under which it was made. */
  readonly key: string;
  /** As `allocate` would have returned it: only with it can the thing be adopted. */
  readonly data?: Data;
  /** When it was made: UTC milliseconds. Without: when it was first listed. */
  readonly createdAtMs?: number;
  /** What it bears, as far as the provider keeps it. */
  readonly tags?: Partial<ResourceTags>;
}

/**
 * Makes, checks and deletes resources of one kind. `allocate` and `delete` are enough; each other member is a
 * capability that the engine uses where it exists and does without where it doesn't.
 *
 * Failures are `ProviderError`s; any other error is one of kind `unknown`.
 *
 * @typeParam Data What `allocate` returns and holders get. JSON, for a durable store.
 * @typeParam Params What a pool of this provider must say about the things it wants; `void`: nothing.
 */
export interface Provider<Data = unknown, Params = void> {
  /** For logs, metrics and events, and the unit of caps and breakers shared by pools: `"aws-eu"`. */
  readonly name: string;
  /**
   * Makes one resource under `request.key`. Called once per key, ever: a new try is a new key.
   *
   * A rejection leaves open whether something was made, unless it is a `ProviderError` with `made: "nothing"`.
   */
  allocate(request: AllocateRequest<Params>, context: CallContext<Data>): Promise<Data>;
  /** Deletes what exists under the key. Absent is success. Repeated until it succeeds. */
  delete(ref: ResourceRef<Data>, context: CallContext<Data>): Promise<void>;
  /**
   * Whether the resource still works. Resolving with nothing means healthy. A rejection means unhealthy, except the
   * kinds `throttled`, `quota` and `transient`, which say nothing about it. Without: resources are taken to be healthy.
   */
  check?(made: Made<Data>, context: CallContext<Data>): Promise<void | Health<Data>>;

  /**
   * How long after its start an `allocate` that we stopped hearing can still make something. Before that, "absent" is
   * no answer. Default: 15 minutes. `0` for a provider that ends a running `allocate` before it answers `find` or
   * `delete` for its key, or whose things cannot outlive the process: what they make late is heard of.
   */
  readonly settlesWithin?: Duration;
  /** What exists under a key. Without: a resource of unknown outcome is deleted, and a delete is taken at its word. */
  find?(key: string, context: CallContext<Data>): Promise<Found<Data>>;
  /** Everything that bears our tags. Without: what no record knows is never found. */
  list?(context: CallContext<Data>): AsyncIterable<Listed<Data>>;
  /** Makes a used resource clean for its next holder. Without: it goes straight back, if the pool reuses at all. */
  reset?(made: Made<Data>, context: CallContext<Data>): Promise<Data | void>;

  /** The name of a thing with this data, by which it can be acquired. It must not throw. */
  nameOf?(data: Data): string;
  /** All names that there can be, in the order of `slot`, if the thing in a slot is always the same. */
  readonly slotNames?: readonly string[];

  /**
   * Whether pools of this provider reuse a released resource unless told otherwise. Default: `false`, each is lent
   * once.
   */
  readonly reuse?: boolean;
  /**
   * A digest or JSON of what resources are made from. When it changes, a pool replaces its warm resources. Default:
   * none, only the pool's `params` count.
   */
  readonly spec?: unknown;
}

/** The optional members that a provider has. */
export interface Capabilities {
  readonly check: boolean;
  readonly find: boolean;
  readonly list: boolean;
  readonly reset: boolean;
}

export function capabilitiesOf(provider: Provider<unknown, unknown>): Capabilities {
  return {
    check: provider.check !== undefined,
    find: provider.find !== undefined,
    list: provider.list !== undefined,
    reset: provider.reset !== undefined,
  };
}

/** How long an `allocate` may still make something after its start, when the provider doesn't say. */
export const DEFAULT_SETTLES_WITHIN_MS = 15 * 60_000;

import * as v from "valibot";
import type { LifespanPolicy } from "../engine/lifespan.js";
import type { PoolPolicy } from "../engine/policy.js";
import { type Duration, durationMs } from "../model/duration.js";
import type { Provider } from "../provider/provider.js";
import { type ConditionOptions, conditions, conditionsOf, contradictionsOfConditions } from "./condition-options.js";
import {
  duration,
  type Entries,
  flag,
  isObject,
  object,
  type Problem,
  parse,
  positive,
  problem,
  span,
  text,
  twiceIn,
  whole,
} from "./parse.js";
import { contradictionsOfReuse, type ReuseOptions, reuse, reuseOf } from "./reuse-options.js";
import { specOf } from "./spec.js";

/** The policy of a pool. Durations are milliseconds or texts such as `"30s"`. */
export interface PoolOptions<Data = unknown, Params = void> {
  /** Makes, checks and deletes its resources. Pools with the same provider object share its caps and its breaker. */
  readonly provider: Provider<Data, Params>;
  /** What the provider wants to know about the things this pool wants. Required exactly if the provider takes parameters. */
  readonly params?: Params;

  /** The most resources at any moment, in whatever state: 1 or more. Required. */
  readonly max: number;
  /** Resources to keep ready ahead of demand: 0 to `max`. Default: 0. */
  readonly warm?: number;
  /** Allocations at the same time: 1 or more. Default: 4. */
  readonly maxAllocating?: number;
  /** Least time between the starts of two allocations. Default: 0. */
  readonly allocateDelay?: Duration;
  /** Free resources above `warm` are deleted when they were idle for so long. Default: `"10m"`. */
  readonly shrinkAfter?: Duration;

  /** Tags by which tickets find this pool: a text, or with a priority (default 0; higher is preferred). Default: none. */
  readonly tags?: readonly (string | { readonly name: string; readonly priority?: number })[];

  /**
   * Tags that nothing is kept warm for, as `tags`: who asks for one of them gets what is made for him, or left from before. The
   * pool serves nobody else, but for those who name it. No pool may have one of them among its `tags`; needs `warm: 0`.
   * Default: none.
   */
  readonly tagsOnDemand?: readonly (string | { readonly name: string; readonly priority?: number })[];
  /**
   * Numbers that each resource gets, by name: the smallest that is free over all pools that name the same, from 0. The provider
   * is told them; they are held until the resource is gone. Default: none.
   */
  readonly counters?: readonly string[];
  /** The name of a resource with this data, by which it can be acquired. Default: what the provider says; then its `nameOf`. */
  nameOf?(data: Data): string;
  /**
   * Names for the state that a resource is in, which holders ask for and leave behind: a list, of which the first is what
   * everybody gets, or more to say about them. What comes back is kept; `reuse` need not be said. Default: none.
   */
  readonly conditions?: readonly string[] | ConditionOptions;

  /** Health checks of free and of leased resources. Need the provider's `check`. */
  readonly check?: {
    /** Time between two checks of a resource. Default: `"1m"`. */
    readonly every?: Duration;
    /** Failures in a row after which it is given up: 1 or more. Default: 3. */
    readonly attempts?: number;
    /** A check that takes longer has failed. Default: `"10s"`. */
    readonly timeout?: Duration;
    /** Check once more before lending; then a single failure suffices. Default: `false`. */
    readonly onAcquire?: boolean;
  };

  /** Leases that a resource may serve before it is deleted: 1 or more. Needs `reuse`. Default: no limit. */
  readonly maxUses?: number;
  /** Age at which a free resource is replaced, and a leased one deleted after its release. Default: no limit. */
  readonly maxAge?: Duration;
  /** A resource that was made and never lent is replaced after so long. Default: no limit. */
  readonly unclaimed?: Duration;
  /**
   * Whether a released resource is lent again, after the provider's `reset` if it has one. Default: what the provider says,
   * which is `false` unless it says so: each resource is lent once.
   */
  readonly reuse?: boolean | ReuseOptions;
  /**
   * Which of those that are free is lent first: the one that came back last, the one that has been free for the longest, or
   * the one that was made first. Default: `"most-recently-used"`.
   */
  readonly lend?: "most-recently-used" | "least-recently-used" | "oldest";
  /** What becomes of a resource that its holder released as failed: deleted, reset, or kept for a look. Default: `"dispose"`. */
  readonly onFailed?: "dispose" | "reset" | "hold";
  /** How long a held resource is kept. Default: `"1h"`. */
  readonly holdFor?: Duration;
  /** What waiting tickets are told when every pool that could serve them has failed for good. Default: `"reject"`. */
  readonly onPermanent?: "reject" | "wait";

  readonly lease?: {
    /**
     * A lease ends when its holder was not heard of for so long. The holder of an `acquire` is this process, which renews
     * by itself while it lives. Default: `"2m"` on a durable store, none in memory.
     */
    readonly ttl?: Duration;
    /** How long after its end renewing and releasing still count, before the resource is taken away. Default: `"30s"`. */
    readonly grace?: Duration;
    /**
     * A ticket of `request` whose holder did not take its lease (by `wait`) within this time of the grant is cancelled, and
     * the resource is free again as if it had never been lent. Default: none, the lease waits for its holder.
     */
    readonly ackWithin?: Duration;
    /** How long a lease lasts at most, however often its holder is heard of. A lease of several pools has the least of each. */
    readonly lifespan?: {
      /** Of a lease whose holder asks for nothing. Default: no limit. */
      readonly default?: Duration;
      /** From the lease's start, extensions included. Default: no limit. */
      readonly maximum?: Duration;
      /** From now, whenever an end is asked for: at the start, and by each extension. Default: no limit. */
      readonly relativeMaximum?: Duration;
    };
  };

  /** Longest wait of an `acquire`. Default: `"5m"`. */
  readonly acquireTimeout?: Duration;

  /** Pauses after failures: doubling from `first` to `max`, less up to a quarter at random. Defaults: `"1s"`, `"5m"`. */
  readonly backoff?: { readonly first?: Duration; readonly max?: Duration };
  /** Free resources of an older spec that are replaced at the same time, after a change: 1 or more. Default: 1. */
  readonly maxUnavailable?: number;
  /** Deadlines of provider calls. Defaults: allocate `"15m"`, delete `"5m"`, reset `"5m"`, find `"1m"`. */
  readonly timeouts?: {
    readonly allocate?: Duration;
    readonly delete?: Duration;
    readonly reset?: Duration;
    readonly find?: Duration;
  };
}

const optional = v.optional;

type Part<Name extends keyof PoolOptions> = NonNullable<PoolOptions[Name]>;
type Lifespan = NonNullable<Part<"lease">["lifespan"]>;
type Tag = Exclude<Part<"tags">[number], string>;
const tag = object<Tag>({ name: text(), priority: optional(whole) });
const tagName = text("must be a text, or { name, priority }");
const tags = v.array(
  v.lazy((given) => (isObject(given) ? tag : tagName) as v.GenericSchema),
  "must be a list of tags",
);

const entries: Entries<PoolOptions> = {
  provider: v.custom(isProvider, "must be a provider: an object with name, allocate and delete"),
  params: optional(v.unknown()),
  max: positive,
  warm: optional(v.pipe(whole, v.minValue(0, "must be 0 or more"))),
  maxAllocating: optional(positive),
  allocateDelay: optional(duration),
  shrinkAfter: optional(duration),
  tags: optional(tags),
  tagsOnDemand: optional(tags),
  counters: optional(v.array(text(), "must be a list of names")),
  nameOf: optional(v.function("must be a function")),
  conditions: optional(conditions),
  check: optional(
    object<Part<"check">>({
      every: optional(span),
      attempts: optional(positive),
      timeout: optional(span),
      onAcquire: optional(flag),
    }),
  ),
  maxUses: optional(positive),
  maxAge: optional(span),
  reuse: optional(reuse),
  lend: optional(
    v.picklist(
      ["most-recently-used", "least-recently-used", "oldest"],
      'must be "most-recently-used", "least-recently-used" or "oldest"',
    ),
  ),
  onFailed: optional(v.picklist(["dispose", "reset", "hold"], 'must be "dispose", "reset" or "hold"')),
  holdFor: optional(duration),
  onPermanent: optional(v.picklist(["reject", "wait"], 'must be "reject" or "wait"')),
  unclaimed: optional(span),
  lease: optional(
    object<Part<"lease">>({
      ttl: optional(span),
      grace: optional(duration),
      ackWithin: optional(span),
      lifespan: optional(
        object<Lifespan>({ default: optional(span), maximum: optional(span), relativeMaximum: optional(span) }),
      ),
    }),
  ),
  acquireTimeout: optional(duration),
  backoff: optional(object<Part<"backoff">>({ first: optional(span), max: optional(span) })),
  maxUnavailable: optional(positive),
  timeouts: optional(
    object<Part<"timeouts">>({
      allocate: optional(span),
      delete: optional(span),
      reset: optional(span),
      find: optional(span),
    }),
  ),
};

const schema = object(entries);

export const POOL_OPTIONS: readonly string[] = Object.keys(entries);

function isProvider(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, allocate, delete: remove } = value as Record<string, unknown>;
  return typeof name === "string" && name !== "" && typeof allocate === "function" && typeof remove === "function";
}

/** A parsed pool: what the engine goes by, and what only the runtime needs. */
export interface ParsedPool {
  readonly policy: PoolPolicy;
  readonly provider: Provider<unknown, unknown>;
  readonly params: unknown;
  readonly acquireTimeoutMs: number;
}

/** @throws {WarmpoolError} `INVALID_OPTIONS`, naming each problem. */
export function parsePool(name: string, options: PoolOptions<never, never>, durable: boolean, path = ""): ParsedPool {
  const given = parse(schema, options, path);
  const problems = contradictions(given as never, path);
  if (problems.length > 0) throw problem(problems);
  const { check, lease, backoff, timeouts, provider } = given;
  const ms = (value: Duration | undefined, fallback: Duration) => durationMs(value ?? fallback, name);
  const never = Number.POSITIVE_INFINITY;
  const ttl = lease?.ttl ?? (durable ? "2m" : undefined);
  return {
    provider: provider as unknown as Provider<unknown, unknown>,
    params: given.params,
    acquireTimeoutMs: ms(given.acquireTimeout, "5m"),
    policy: {
      name,
      max: given.max,
      warm: given.warm ?? 0,
      maxAllocating: given.maxAllocating ?? 4,
      allocateDelayMs: ms(given.allocateDelay, 0),
      shrinkAfterMs: ms(given.shrinkAfter, "10m"),
      tags: tagsOf(given.tags),
      check: {
        everyMs: ms(check?.every, "1m"),
        attempts: check?.attempts ?? 3,
        timeoutMs: ms(check?.timeout, "10s"),
        onAcquire: check?.onAcquire ?? false,
      },
      maxUses: given.maxUses ?? never,
      maxAgeMs: given.maxAge === undefined ? never : ms(given.maxAge, 0),
      unclaimedMs: given.unclaimed === undefined ? never : ms(given.unclaimed, 0),
      tagsOnDemand: tagsOf(given.tagsOnDemand),
      aliases: [],
      counters: given.counters ?? [],
      conditions: conditionsOf(given.conditions),
      nameOf: nameOf(given as never),
      names: (provider as Provider).slotNames,
      reuse: reuseOf(isReused(given as never)),
      lend: given.lend ?? "most-recently-used",
      onFailed: given.onFailed ?? "dispose",
      holdForMs: ms(given.holdFor, "1h"),
      onPermanent: given.onPermanent ?? "reject",
      lease: {
        ttlMs: ttl === undefined ? undefined : ms(ttl, 0),
        graceMs: ms(lease?.grace, "30s"),
        ackWithinMs: lease?.ackWithin === undefined ? undefined : ms(lease.ackWithin, 0),
        lifespan: lifespanOf(lease?.lifespan),
      },
      backoff: { firstMs: ms(backoff?.first, "1s"), maxMs: ms(backoff?.max, "5m") },
      maxUnavailable: given.maxUnavailable ?? 1,
      timeouts: {
        allocateMs: ms(timeouts?.allocate, "15m"),
        deleteMs: ms(timeouts?.delete, "5m"),
        resetMs: ms(timeouts?.reset, "5m"),
        findMs: ms(timeouts?.find, "1m"),
      },
      spec: specOf(provider as unknown as Provider<unknown, unknown>, given.params),
    },
  };
}

/** Nothing, where no limit is set: most leases have none, and nothing is to be computed for them. */
function lifespanOf(given: Lifespan | undefined): LifespanPolicy | undefined {
  const limit = (value: Duration | undefined) =>
    value === undefined ? Number.POSITIVE_INFINITY : durationMs(value, "lifespan");
  const { default: usual, maximum, relativeMaximum } = given ?? {};
  if (usual === undefined && maximum === undefined && relativeMaximum === undefined) return undefined;
  return { defaultMs: limit(usual), maximumMs: limit(maximum), relativeMaximumMs: limit(relativeMaximum) };
}

function tagsOf(given: Part<"tags"> = []): PoolPolicy["tags"] {
  return given.map((tag) =>
    typeof tag === "string" ? { name: tag, priority: 0 } : { name: tag.name, priority: tag.priority ?? 0 },
  );
}

/** What it says, if the pool doesn't. What has a condition comes back in order to have one. */
function isReused({ reuse, conditions, provider }: PoolOptions<unknown, unknown>): boolean | ReuseOptions {
  return reuse ?? (conditions !== undefined || (provider.reuse ?? false));
}

/** What users wrote may throw, or say nothing. */
function nameOf({ nameOf: own, provider }: PoolOptions<unknown, unknown>): PoolPolicy["nameOf"] {
  const nameOf = own ?? provider.nameOf?.bind(provider);
  if (nameOf === undefined) return undefined;
  return (data) => {
    try {
      const name: unknown = nameOf(data);
      return typeof name === "string" && name !== "" ? name : undefined;
    } catch {
      return undefined;
    }
  };
}

/** Options that parse, each by itself, and make no sense together. */
function contradictions(given: PoolOptions<unknown, unknown>, path: string): Problem[] {
  const problems: Problem[] = [];
  const { warm = 0, max, tags = [], tagsOnDemand = [], check, provider, maxUses, onFailed, conditions } = given;
  const { counters = [] } = given;
  const reuse = isReused(given);
  const { first = "1s", max: longest = "5m" } = given.backoff ?? {};
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  if (warm > max)
    problems.push({ path: at("warm"), problem: `is ${warm}, above max (${max}). Raise max, or keep fewer warm` });
  if (warm > 0 && tagsOnDemand.length > 0) {
    problems.push({ path: at("warm"), problem: `is ${warm}, but with tagsOnDemand nothing is kept warm` });
  }
  if (conditions !== undefined) {
    const found = contradictionsOfConditions(conditions, provider);
    problems.push(...found.map((one) => ({ ...one, path: at(one.path) })));
    if (reuse === false) {
      problems.push({ path: at("reuse"), problem: "is false, but conditions are of what comes back" });
    } else if (typeof reuse === "object" && (reuse.within ?? "any") !== "any") {
      problems.push({ path: at("reuse.within"), problem: "is of no use with conditions: they say who may have it" });
    }
  }
  const names = [...tags, ...tagsOnDemand].map((tag) => (typeof tag === "string" ? tag : tag.name));
  for (const [key, list] of Object.entries({ tags: names, counters })) {
    const twice = twiceIn(list);
    if (twice !== undefined) problems.push({ path: at(key), problem: `has "${twice}" twice` });
  }
  if (check !== undefined && provider.check === undefined) {
    problems.push({ path: at("check"), problem: `provider "${provider.name}" has no check` });
  }
  if (typeof reuse === "object")
    problems.push(...contradictionsOfReuse(reuse, provider).map((one) => ({ ...one, path: at(one.path) })));
  if (maxUses !== undefined && maxUses > 1 && reuse === false) {
    problems.push({ path: at("maxUses"), problem: "is above 1, but resources are not reused. Set reuse: true" });
  }
  if (onFailed === "reset" && provider.reset === undefined) {
    problems.push({ path: at("onFailed"), problem: `is "reset", but provider "${provider.name}" has no reset` });
  }
  const { default: usual, maximum, relativeMaximum } = given.lease?.lifespan ?? {};
  for (const [name, limit] of Object.entries({ maximum, relativeMaximum })) {
    if (usual === undefined || limit === undefined || durationMs(usual, "default") <= durationMs(limit, name)) continue;
    const problem = `is ${usual}, longer than lease.lifespan.${name} (${limit})`;
    problems.push({ path: at("lease.lifespan.default"), problem });
  }
  if (durationMs(first, "first") > durationMs(longest, "max")) {
    problems.push({ path: at("backoff.first"), problem: `is ${first}, longer than backoff.max (${longest})` });
  }
  return problems;
}

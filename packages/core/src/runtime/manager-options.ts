import * as v from "valibot";
import type { OwnerTerms } from "../engine/owners.js";
import type { ProviderPolicy, ReapPolicy } from "../engine/policy.js";
import { type Duration, durationMs } from "../model/duration.js";
import { type Logger, silentLogger } from "../model/logger.js";
import { capabilitiesOf, DEFAULT_SETTLES_WITHIN_MS, type Provider } from "../provider/provider.js";
import { memoryStore } from "../store/memory.js";
import type { Store } from "../store/store.js";
import { type Clock, SystemClock } from "./clock.js";
import { type Ids, systemIds } from "./ids.js";
import type { Retention } from "./kept-events.js";
import type { Access } from "./may.js";
import { type OwnersOption, owners, ownerTerms } from "./owner-options.js";
import {
  duration,
  type Entries,
  flag,
  isObject,
  object,
  parse,
  positive,
  problem,
  record,
  span,
  text,
} from "./parse.js";

/** How leaked resources are looked for. Needs the provider's `list`. */
export interface ReapOptions {
  /** Time between two listings. Default: `"5m"`. */
  readonly every?: Duration;
  /** Nothing younger is touched. Default: `"10m"`. */
  readonly minAge?: Duration;
  /** The most that one listing may end: 1 or more. Default: 10. */
  readonly limit?: number;
  /** What becomes of a thing of ours that has no record. Default: `"delete"`. */
  readonly mode?: "delete" | "adopt" | "report";
}

/** What holds for all pools of one provider. */
export interface ProviderOptions {
  /** The most resources of all its pools together: 1 or more. Default: no limit. */
  readonly max?: number;
  /** Allocations that fail in a row before the provider is left alone for a while: 1 or more. Default: 5. */
  readonly breakAfter?: number;
  /** Longest listing. Default: `"2m"`. */
  readonly listTimeout?: Duration;
  /** How leaks of this provider are looked for. Default: the manager's `reap`. */
  readonly reap?: ReapOptions;
}

/** How much of what happens is kept. The newest event always is. */
export interface EventLogOptions {
  /** The most events: 1 or more. Default: 10,000. */
  readonly keep?: number;
  /** Older ones are dropped. Default: no limit. */
  readonly keepFor?: Duration;
  /** Write them into the store, each in the batch that made it true. Needs a durable store. Default: `false`. */
  readonly durable?: boolean;
}

/** What holds for a manager and all its pools. */
export interface ManagerOptions<S extends Store = Store> {
  /** Where records are kept. Default: memory. */
  readonly store?: S;
  /** Separates managers that use the same store. Default: `"default"`; of `createPool`: the pool's name. */
  readonly namespace?: string;
  /** Who acquires unless told otherwise. Default: `host:pid`. */
  readonly owner?: string;
  /** Of pino's shape. Default: silent, for events tell the same. */
  readonly logger?: Logger;
  /**
   * Names for several pools: a list is by order, the first that can serve is taken; with a weight each, they take turns.
   * Default: none.
   */
  readonly aliases?: Readonly<Record<string, readonly string[] | Readonly<Record<string, number>>>>;
  /** Providers by name. */
  readonly providers?: Readonly<Record<string, ProviderOptions>>;
  /** How leaks are looked for, at providers that say nothing themselves. */
  readonly reap?: ReapOptions;
  /** Which events are kept, for `events({ after })` to read. Default: none. */
  readonly events?: EventLogOptions;
  /**
   * By so much earlier a ticket counts as having come, for each step of its `priority`; `false`: a higher priority always
   * goes first. Default: `"1m"`.
   */
  readonly ageing?: Duration | false;
  /** Owners take turns, by their weights, instead of whoever came first. Default: `false`. */
  readonly fair?: boolean;
  /** Weights and quotas by owner, `default` for all others; or a function of the owner's name. Default: none. */
  readonly owners?: OwnersOption;
  /**
   * Whether somebody who uses the manager by `as(owner)` may see a ticket, take its leases, or end it. Default: whoever asked
   * for it may.
   */
  readonly access?: Access;
  /** How long closed tickets of `request` can be asked about. Default: `"1d"`. */
  readonly keepClosed?: Duration;
  /**
   * On a store that several processes share: `"auto"` takes part in the election of the one that leads, `"client"` never leads,
   * and its `pools` are names to acquire from, without providers. Default: `"auto"`.
   */
  readonly role?: "auto" | "client";
  /**
   * On a store that several processes share: raise it with each change of the configuration. A process whose configuration
   * differs from the leader's leads only with a higher one. A whole number, 0 or more. Default: 0.
   */
  readonly revision?: number;
  /**
   * On a store that several processes share: how long nothing may be heard of this process before its waiting acquires are
   * cancelled. Default: `"2m"`.
   */
  readonly sessionTtl?: Duration;
  /** How long `release` waits for its commit, which goes on behind it. Default: `"10s"`. */
  readonly releaseTimeout?: Duration;
  /** How long `close` waits for provider calls and for the last commit. Default: `"30s"`. */
  readonly closeTimeout?: Duration;
  /** Calls that may wait for one commit before further ones are refused with `STORE_BUSY`. Default: 100,000. */
  readonly backlog?: number;
  /** Let the process exit when nobody waits, though pools are open. Default: `false`. */
  readonly allowExitOnIdle?: boolean;
  /** For tests: another clock. Default: the machine's. */
  readonly clock?: Clock;
  /** For tests: other random ids. Default: unguessable ones. */
  readonly ids?: Ids;
}

/** Options of a manager or pool that never leads: what only a leader does cannot be configured. */
export interface ClientOptions
  extends Omit<ManagerOptions<Store<true>>, "role" | "store" | "providers" | "reap" | "keepClosed" | "revision"> {
  readonly role: "client";
  /** One that several processes share. */
  readonly store: Store<true>;
}

const optional = v.optional;
const having = (requirement: string, ...methods: string[]) =>
  v.custom((value) => isObject(value) && methods.every((name) => typeof value[name] === "function"), requirement);

const reap = object<ReapOptions>({
  every: optional(span),
  minAge: optional(duration),
  limit: optional(positive),
  mode: optional(v.picklist(["delete", "adopt", "report"], 'must be "delete", "adopt" or "report"')),
});

const provider = object<ProviderOptions>({
  max: optional(positive),
  breakAfter: optional(positive),
  listTimeout: optional(span),
  reap: optional(reap),
});

const revision = v.pipe(
  v.number("must be a number"),
  v.safeInteger("must be a whole number"),
  v.minValue(0, "must be 0 or more"),
);
const weight = v.pipe(v.number("must be a number"), v.minValue(0, "must be 0 or more"));
const alias = v.lazy(
  (given) =>
    (isObject(given)
      ? record(weight)
      : v.array(text(), "must be a list of pools, or a weight by pool")) as v.GenericSchema,
);

const entries: Entries<ManagerOptions> = {
  store: optional(having("must be a store, such as memoryStore() or sqliteStore(path)", "open")),
  namespace: optional(text()),
  owner: optional(text()),
  logger: optional(having("must have debug, info, warn and error", "debug", "info", "warn", "error")),
  aliases: optional(record(alias)),
  providers: optional(record(provider)),
  reap: optional(reap),
  events: optional(
    object<EventLogOptions>({ keep: optional(positive), keepFor: optional(span), durable: optional(flag) }),
  ),
  ageing: optional(v.union([v.literal(false), span], 'must be a duration longer than 0, such as "1m", or false')),
  fair: optional(flag),
  owners: optional(owners),
  access: optional(v.custom<Access>((value) => typeof value === "function", "must be a function")),
  keepClosed: optional(duration),
  role: optional(v.picklist(["auto", "client"], 'must be "auto" or "client"')),
  revision: optional(revision),
  sessionTtl: optional(span),
  releaseTimeout: optional(duration),
  closeTimeout: optional(duration),
  backlog: optional(positive),
  allowExitOnIdle: optional(flag),
  clock: optional(having("must be a Clock", "now", "turn", "after")),
  ids: optional(having("must be an Ids", "draw", "jitter")),
};

const schema = object(entries);

export const MANAGER_OPTIONS: readonly string[] = Object.keys(entries);

export interface ParsedManager {
  readonly store: Store;
  readonly namespace: string;
  readonly owner: string | undefined;
  readonly logger: Logger;
  readonly events: (Retention & { readonly durable: boolean }) | undefined;
  /** `Infinity`: a higher priority always goes first. */
  readonly ageingMs: number;
  /** `undefined`: it makes no difference who asks. */
  readonly owners: OwnerTerms | undefined;
  readonly fair: boolean;
  readonly access: Access | undefined;
  readonly keepClosedMs: number;
  readonly role: "auto" | "client";
  readonly revision: number;
  readonly sessionTtlMs: number;
  readonly releaseTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly backlog: number;
  readonly allowExitOnIdle: boolean;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly aliases: ManagerOptions["aliases"];
  /** Names of providers that options speak of. */
  readonly providers: readonly string[];
  /** What a provider's pools share. */
  readonly policyOf: (provider: Provider<unknown, unknown>) => ProviderPolicy;
}

const change = object<{ readonly pools: unknown; readonly revision?: number }>({
  pools: v.unknown(),
  revision: optional(revision),
});

/**
 * Options of `configure`. Its pools are parsed by themselves.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function parseChange(options: unknown): { readonly revision?: number } {
  return parse(change, options);
}

/** @throws {WarmpoolError} `INVALID_OPTIONS`, naming each problem. */
export function parseManager(options: ManagerOptions): ParsedManager {
  const given = parse(schema, options);
  if (given.role === "client" && given.store?.connect === undefined) {
    const hint = "with any other, the process that opens it is the only one";
    throw problem([{ path: "role", problem: `"client" needs a store that several processes share: ${hint}` }]);
  }
  if (given.store?.connect !== undefined && given.store.sharing === undefined) {
    const text = `store "${given.store.name}" can be connected to, and has no sharing: give it that of @warmpool/core`;
    throw problem([{ path: "store", problem: text }]);
  }
  const ms = (value: Duration | undefined, fallback: Duration) => durationMs(value ?? fallback, "options");
  const reapPolicy = (own: ReapOptions | undefined): ReapPolicy => {
    const { every, minAge, limit, mode } = { ...given.reap, ...own };
    return { everyMs: ms(every, "5m"), minAgeMs: ms(minAge, "10m"), limit: limit ?? 10, mode: mode ?? "delete" };
  };
  const { store = memoryStore(), events } = given;
  if (events?.durable === true && !store.durable) {
    const text = `store "${store.name}" does not outlive the process. Give a durable one, or leave durable out`;
    throw problem([{ path: "events.durable", problem: text }]);
  }
  return {
    store,
    events: events && {
      keep: events.keep ?? 10_000,
      keepForMs: events.keepFor === undefined ? Number.POSITIVE_INFINITY : ms(events.keepFor, 0),
      durable: events.durable ?? false,
    },
    namespace: given.namespace ?? "default",
    owner: given.owner,
    logger: given.logger ?? silentLogger,
    ageingMs: given.ageing === false ? Number.POSITIVE_INFINITY : ms(given.ageing, "1m"),
    fair: given.fair ?? false,
    access: given.access,
    owners: ownerTerms(given.owners, given.fair ?? false, given.logger ?? silentLogger),
    keepClosedMs: ms(given.keepClosed, "1d"),
    role: given.role ?? "auto",
    revision: given.revision ?? 0,
    sessionTtlMs: ms(given.sessionTtl, "2m"),
    releaseTimeoutMs: ms(given.releaseTimeout, "10s"),
    closeTimeoutMs: ms(given.closeTimeout, "30s"),
    backlog: given.backlog ?? 100_000,
    allowExitOnIdle: given.allowExitOnIdle ?? false,
    clock: given.clock ?? new SystemClock(),
    ids: given.ids ?? systemIds,
    aliases: given.aliases,
    providers: Object.keys(given.providers ?? {}),
    policyOf: (provider) => {
      const { providers = {} } = given;
      const own = Object.hasOwn(providers, provider.name) ? providers[provider.name] : undefined;
      const { settlesWithin } = provider;
      return {
        name: provider.name,
        can: capabilitiesOf(provider),
        settlesWithinMs:
          settlesWithin === undefined ? DEFAULT_SETTLES_WITHIN_MS : durationMs(settlesWithin, "provider.settlesWithin"),
        max: own?.max ?? Number.POSITIVE_INFINITY,
        breakAfter: own?.breakAfter ?? 5,
        listTimeoutMs: ms(own?.listTimeout, "2m"),
        reap: reapPolicy(own?.reap),
      };
    },
  };
}

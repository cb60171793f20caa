import type { ConfigureResult, PoolOrder } from "../engine/configuring.js";
import type { PoolPolicy } from "../engine/policy.js";
import type { ConfigurationMark } from "../model/configuration-mark.js";
import { nearest } from "../model/nearest.js";
import type { PoolDefinitions } from "./define-pool.js";
import type { ManagerOptions, ParsedManager } from "./manager-options.js";
import { problem, twiceIn } from "./parse.js";
import { type ParsedPool, type PoolOptions, parsePool } from "./pool-options.js";
import { canonical, digestOf } from "./spec.js";

/** How long whoever never leads waits for a resource unless told otherwise: the default of a pool's `acquireTimeout`. */
const CLIENT_ACQUIRE_TIMEOUT_MS = 300_000;

/** The pools of a manager, as configured last. One that never leads knows none. */
export class Configuration {
  readonly #options: ParsedManager;
  readonly #pathOf: (pool: string) => string;
  /** As they were written. */
  readonly #given: ManagerOptions;
  #pools: ReadonlyMap<string, ParsedPool>;
  #mark: ConfigurationMark | undefined;

  /**
   * @param given The manager's options as they were written, pools among them.
   * @param pathOf Where a pool's options stand, for messages.
   * @throws {WarmpoolError} `INVALID_OPTIONS`.
   */
  constructor(
    options: ParsedManager,
    { pools, ...given }: ManagerOptions & { readonly pools?: PoolDefinitions },
    pathOf: (pool: string) => string,
  ) {
    this.#options = options;
    this.#given = given;
    this.#pathOf = pathOf;
    const isClient = options.role === "client" && pools === undefined;
    this.#pools = isClient ? new Map() : this.parse(pools as PoolDefinitions);
    if (!isClient) this.#checkProviders();
    this.#mark = pools && this.markOf(pools, options.revision);
  }

  /** What tells it from others, where several processes share the store and this one may lead. */
  get mark(): ConfigurationMark | undefined {
    return this.#mark;
  }

  /** Of other pools, under the same options of the manager. */
  markOf(pools: PoolDefinitions, revision = this.#mark?.revision ?? 0): ConfigurationMark | undefined {
    const { store, role } = this.#options;
    if (store.connect === undefined || role === "client") return undefined;
    const { aliases, providers, reap, events, ageing, fair, owners, keepClosed } = this.#given;
    // As they were written: what they mean in this release, another release may see differently.
    const written = Object.entries(pools).map(([name, definition]) => {
      const { provider, ...policy } = definition as PoolOptions<unknown, unknown>;
      return [name, provider.name, provider.spec, policy];
    });
    const hash = digestOf([written, { aliases, providers, reap, events, ageing, fair, owners, keepClosed }]);
    return { revision, hash };
  }

  /** What other pools would change. */
  difference(pools: ReadonlyMap<string, ParsedPool>): ConfigureResult {
    const before = this.#pools;
    const names = [...pools.keys()];
    return {
      added: names.filter((name) => !before.has(name)),
      changed: names.filter((name) => before.has(name) && written(before, name) !== written(pools, name)),
      draining: [...before.keys()].filter((name) => !pools.has(name)),
    };
  }

  has(pool: string): boolean {
    return this.#options.role === "client" || this.#pools.has(pool);
  }

  paramsOf(pool: string): unknown {
    return this.#pools.get(pool)?.params;
  }

  /** Of a pool, or of several that might serve: the longest. */
  acquireTimeoutMs(pool: string | undefined): number {
    if (this.#options.role === "client") return CLIENT_ACQUIRE_TIMEOUT_MS;
    if (pool !== undefined) return this.#pools.get(pool)?.acquireTimeoutMs ?? 0;
    let longest = 0;
    for (const { acquireTimeoutMs } of this.#pools.values()) longest = Math.max(longest, acquireTimeoutMs);
    return longest;
  }

  /** As the engine gets them. */
  orders(): PoolOrder[] {
    return [...this.#pools.values()].map(({ policy, provider }) => ({
      policy: { ...policy, aliases: this.#aliasesOf(policy.name) },
      provider: { identity: provider, policy: this.#options.policyOf(provider) },
    }));
  }

  /** From now on, these are the pools. */
  replace(pools: ReadonlyMap<string, ParsedPool>, mark: ConfigurationMark | undefined): void {
    this.#pools = pools;
    this.#mark = mark;
  }

  /** @throws {WarmpoolError} `INVALID_OPTIONS`; then nothing has changed. */
  parse(pools: PoolDefinitions): Map<string, ParsedPool> {
    if (this.#options.role === "client") {
      throw problem([
        { path: "pools", problem: 'are configured by the processes that may lead: leave them out with role "client"' },
      ]);
    }
    if (typeof pools !== "object" || pools === null || Object.keys(pools).length === 0) {
      throw problem([{ path: "pools", problem: "must be an object with at least one pool" }]);
    }
    const { durable } = this.#options.store;
    const parsed = new Map<string, ParsedPool>();
    const providers = new Map<string, unknown>();
    for (const [name, definition] of Object.entries(pools)) {
      if (name === "") throw problem([{ path: "pools", problem: "has a pool without a name" }]);
      const pool = parsePool(name, definition as never, durable, this.#pathOf(name));
      parsed.set(name, pool);
      const { provider } = pool;
      const capped = this.#options.policyOf(provider).max !== Number.POSITIVE_INFINITY;
      if (capped && (providers.get(provider.name) ?? provider) !== provider) {
        const hint = "give its pools the same object, or the providers different names";
        throw problem([
          { path: `providers.${provider.name}`, problem: `has a max, but two providers have that name: ${hint}` },
        ]);
      }
      providers.set(provider.name, provider);
    }
    this.#checkAliases(parsed);
    checkTagsOnDemand(parsed);
    return parsed;
  }

  /** The aliases that a pool is behind: in a list, the first comes first. */
  #aliasesOf(pool: string): PoolPolicy["aliases"] {
    return Object.entries(this.#options.aliases ?? {}).flatMap(([name, pools]) => {
      if (isList(pools)) return pools.includes(pool) ? [{ name, priority: -pools.indexOf(pool) }] : [];
      return Object.hasOwn(pools, pool) ? [{ name, priority: 0, weight: pools[pool] as number }] : [];
    });
  }

  #checkAliases(pools: ReadonlyMap<string, ParsedPool>): void {
    const known = [...pools.keys()];
    for (const [alias, behind] of Object.entries(this.#options.aliases ?? {})) {
      const path = `aliases.${alias}`;
      const names = isList(behind) ? behind : Object.keys(behind);
      if (names.length === 0) throw problem([{ path, problem: "must have at least one pool" }]);
      const twice = twiceIn(names);
      if (twice !== undefined) throw problem([{ path, problem: `has "${twice}" twice` }]);
      for (const name of names) {
        if (pools.has(name)) continue;
        const near = nearest(name, known);
        const hint = near === undefined ? `the pools are ${known.join(", ")}` : `did you mean "${near}"?`;
        throw problem([{ path, problem: `there is no pool "${name}", ${hint}` }]);
      }
    }
  }

  /** A cap for a provider that nobody has would be no cap. */
  #checkProviders(): void {
    const known = [...new Set([...this.#pools.values()].map(({ provider }) => provider.name))];
    for (const name of this.#options.providers) {
      if (known.includes(name)) continue;
      const near = nearest(name, known);
      const hint = near === undefined ? `the providers are ${known.join(", ")}` : `did you mean "${near}"?`;
      throw problem([{ path: `providers.${name}`, problem: `no pool has a provider of that name, ${hint}` }]);
    }
  }
}

/** What a pool is made of, to be compared. */
function written(pools: ReadonlyMap<string, ParsedPool>, name: string): string {
  const { policy, provider } = pools.get(name) as ParsedPool;
  return canonical([policy, provider.name, provider.spec]);
}

function isList(pools: readonly string[] | Readonly<Record<string, number>>): pools is readonly string[] {
  return Array.isArray(pools);
}

/** Who asks for a tag on demand is to get what is made for him: nothing may be kept warm under that tag. */
function checkTagsOnDemand(pools: ReadonlyMap<string, ParsedPool>): void {
  for (const { policy } of pools.values()) {
    for (const { name: tag } of policy.tagsOnDemand) {
      for (const other of pools.values()) {
        if (!other.policy.tags.some(({ name }) => name === tag)) continue;
        const text = `has "${tag}", which pool "${other.policy.name}" has among its tags. A tag is on demand everywhere, or nowhere`;
        throw problem([{ path: `pools.${policy.name}.tagsOnDemand`, problem: text }]);
      }
    }
  }
}

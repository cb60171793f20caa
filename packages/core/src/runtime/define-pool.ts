import type { IsJson } from "../model/json.js";
import type { Store } from "../store/store.js";
import type { ItemOptions } from "./acquire-options.js";
import type { Lease } from "./lease.js";
import type { PoolOptions } from "./pool-options.js";

/** Exists for the compiler only, whose message names it when a pool was written by hand. */
declare const useDefinePool: unique symbol;

/** A pool's policy with the types of its provider: only `definePool` makes one, which checks options and parameters. */
export interface PoolDefinition<Data = unknown, Params = unknown> extends PoolOptions<Data, never> {
  readonly [useDefinePool]: { readonly data: Data; readonly params: Params };
}

/** The data that a pool's resources have. */
export type DataOf<Definition> = Definition extends { readonly [useDefinePool]: { readonly data: infer Data } }
  ? Data
  : unknown;

/** `params` is required exactly if the provider takes parameters, and refused otherwise. */
export type ParamsOption<Params> = [Params] extends [void] ? { readonly params?: never } : { readonly params: Params };

/** Refuses, at compile time, a provider of live objects on a store that writes records down. */
export type StorableData<Data, S extends Store> =
  S extends Store<true>
    ? IsJson<Data> extends true
      ? unknown
      : { readonly provider: "a durable store keeps only JSON: this provider's data is not" }
    : unknown;

/** Pools by name, each made by `definePool`. */
// biome-ignore lint/suspicious/noExplicitAny: the constraint of a mapped type, where unknown would refuse every pool.
export type PoolDefinitions = Readonly<Record<string, PoolDefinition<any, any>>>;

/** Names of a manager's pools. */
export type PoolName<Pools extends PoolDefinitions> = keyof Pools & string;

/** A lease of one pool, or of any: then `lease.pool` tells the type of `lease.data`. */
export type LeaseOf<Pools extends PoolDefinitions, Name extends PoolName<Pools> = PoolName<Pools>> = {
  [Each in Name]: Lease<DataOf<Pools[Each]>, Each>;
}[Name];

/** The leases of a list of items, as long as that is known to the compiler: so many of each as its `count`. */
export type LeasesOf<
  Pools extends PoolDefinitions,
  Items extends readonly ItemOptions<PoolName<Pools>>[],
> = Items extends readonly [
  infer First extends ItemOptions<PoolName<Pools>>,
  ...infer Rest extends readonly ItemOptions<PoolName<Pools>>[],
]
  ? [...Times<LeaseOfItem<Pools, First>, CountOf<First>>, ...LeasesOf<Pools, Rest>]
  : Items extends readonly []
    ? []
    : LeaseOfItem<Pools, Items[number]>[];

type LeaseOfItem<Pools extends PoolDefinitions, Item> = Item extends {
  readonly pool: infer Name extends PoolName<Pools>;
}
  ? LeaseOf<Pools, Name>
  : LeaseOf<Pools>;

type CountOf<Item> = Item extends { readonly count: infer Count extends number } ? Count : 1;

type Times<Each, Count extends number, Found extends Each[] = []> = number extends Count
  ? Each[]
  : Found["length"] extends Count
    ? Found
    : Times<Each, Count, [...Found, Each]>;

/** Refuses pools whose data a durable store cannot keep. */
export type StorablePools<Pools extends PoolDefinitions, S extends Store> = {
  readonly [Name in keyof Pools]: StorableData<DataOf<Pools[Name]>, S>;
};

/**
 * A pool for `createManager`, with its types inferred from its provider.
 *
 * ```ts
 * const manager = createManager({ pools: { web: definePool({ provider, warm: 3, max: 8 }) } });
 * ```
 *
 * Its options are checked when the manager is made or configured.
 */
export function definePool<Data, Params = void>(
  options: Omit<PoolOptions<Data, Params>, "params"> & ParamsOption<Params>,
): PoolDefinition<Data, Params> {
  return options as unknown as PoolDefinition<Data, Params>;
}

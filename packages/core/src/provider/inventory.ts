import { WarmpoolError } from "../model/error.js";
import type { Health } from "../model/health.js";
import type { CallContext, Made, Provider } from "./provider.js";
import { ProviderError } from "./provider-error.js";

/** Things that exist already: named, nothing to make and nothing to delete. */
export interface Inventory<Item> {
  /** Name of the provider. Default: `"inventory"`. */
  readonly name?: string;
  /** The things by name. A name is the identity: keep it over restarts. */
  readonly items: Readonly<Record<string, Item>>;
  /** Whether a thing works. */
  check?(
    item: Made<Inventoried<Item>>,
    context: CallContext<Inventoried<Item>>,
  ): Promise<void | Health<Inventoried<Item>>>;
  /** Makes a used thing clean for its next holder. */
  reset?(item: Made<Inventoried<Item>>, context: CallContext<Inventoried<Item>>): Promise<void>;
}

/** An item of an inventory, with its name. */
export type Inventoried<Item> = Item & {
  /** Its key in `items`. */
  readonly name: string;
};

/**
 * A provider of things that exist already: phones on a shelf, licences, accounts, lab machines. Each is in the pool at
 * most once; they are reused after release unless the pool says otherwise. "Deleting" one gives its name back, so that a
 * thing that failed its checks is tried again later.
 *
 * A slot of the pool is an item, in the order of `items`: give the pool `max` and `warm` of as many as there are. Use one
 * inventory in one pool.
 */
export function inventoryProvider<Item extends object>(inventory: Inventory<Item>): Provider<Inventoried<Item>> {
  const names = Object.keys(inventory.items);
  if (names.length === 0) {
    throw new WarmpoolError("INVALID_OPTIONS", "items: an inventory needs at least one item.", {
      details: { problems: [{ path: "items", problem: "must not be empty" }] },
    });
  }
  const provider: Provider<Inventoried<Item>> = {
    name: inventory.name ?? "inventory",
    reuse: true,
    settlesWithin: 0,
    spec: inventory.items,
    slotNames: names,
    nameOf: ({ name }) => name,
    async allocate({ slot, key, pool, id }, context) {
      const name = names[slot];
      if (name === undefined) {
        throw new ProviderError(`The inventory has ${names.length} items, and all are in use. Lower the pool's max.`, {
          kind: "capacity",
          made: "nothing",
        });
      }
      const data = { ...(inventory.items[name] as Item), name };
      // Its name comes back at once after a failed check: only one that works again may go into the pool.
      const health = await inventory.check?.({ key, pool, slot, id, data }, context);
      if (health?.status === "unhealthy") {
        throw new ProviderError(`${name} is unhealthy: ${health.reason ?? "its check says so"}`, { made: "nothing" });
      }
      return data;
    },
    async delete() {},
  };
  const { check, reset } = inventory;
  if (check !== undefined) provider.check = (made, context) => check(made, context);
  if (reset !== undefined) provider.reset = (made, context) => reset(made, context);
  return provider;
}

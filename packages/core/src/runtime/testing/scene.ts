import type { AnyEvent } from "../../model/event.js";
import type { Store } from "../../store/store.js";
import { createPool, type Pool } from "../pool.js";
import type { PoolOptions } from "../pool-options.js";
import { countedIds } from "./counted-ids.js";
import { FakeCloud, type Thing } from "./fake-cloud.js";
import { MapStore } from "./map-store.js";
import { SimulatedClock } from "./simulated-clock.js";

export type ScenePool = Omit<PoolOptions<Thing>, "params"> & { readonly name: string; readonly store: Store } & Record<
    string,
    unknown
  >;

/** A pool, with all around it in the hands of the test. */
export interface Scene {
  readonly clock: SimulatedClock;
  readonly cloud: FakeCloud;
  readonly store: MapStore;
  /** Every event of every pool of this scene, in the order in which they were told. */
  readonly events: AnyEvent[];
  /** A pool of `cloud` on `store`, open; called again, another process on the same store. */
  durable(options?: Partial<ScenePool>): Promise<Pool<Thing>>;
  /** A pool of `cloud` in memory, open. */
  memory(options?: Partial<ScenePool>): Promise<Pool<Thing>>;
  /** A pool that nobody waited for yet. */
  create(options: Partial<ScenePool>): Pool<Thing>;
}

export function scene(): Scene {
  const clock = new SimulatedClock();
  const cloud = new FakeCloud();
  const store = new MapStore();
  const events: AnyEvent[] = [];
  const ids = countedIds();
  const create = (options: Partial<ScenePool>) => {
    const pool = createPool({ provider: cloud.provider(), max: 2, clock, ids, ...options } as never) as Pool<Thing>;
    pool.on("event", (event) => events.push(event));
    return pool;
  };
  const open = async (options: Partial<ScenePool>) => {
    const pool = create(options);
    await pool.ready();
    return pool;
  };
  return {
    clock,
    cloud,
    store,
    events,
    create,
    durable: (options = {}) => open({ store, ...options }),
    memory: (options = {}) => open(options),
  };
}

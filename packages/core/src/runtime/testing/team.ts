import type { AnyEvent } from "../../model/event.js";
import { createPool, type Pool } from "../pool.js";
import { countedIds } from "./counted-ids.js";
import { FakeCloud, type Thing } from "./fake-cloud.js";
import type { ScenePool } from "./scene.js";
import { SharedMap, SharedMapStore } from "./shared-map-store.js";
import { SimulatedClock, settled } from "./simulated-clock.js";

/** Several processes that share a store, with all around them in the hands of the test. The first one leads. */
export interface Team {
  readonly clock: SimulatedClock;
  readonly cloud: FakeCloud;
  readonly map: SharedMap;
  /** Events of each process that listens. */
  readonly events: AnyEvent[];
  /** Another process. */
  join(options?: Partial<ScenePool>): Promise<Pool<Thing>>;
}

export function team(): Team {
  const clock = new SimulatedClock();
  const cloud = new FakeCloud();
  const map = new SharedMap();
  const ids = countedIds();
  return {
    clock,
    cloud,
    map,
    events: [],
    async join(options = {}) {
      const store = new SharedMapStore(map);
      const pool = createPool({ provider: cloud.provider(), max: 2, clock, ids, store, ...options } as never);
      await settled();
      return pool as Pool<Thing>;
    },
  };
}

/** Two processes, the first of which leads a pool with so many warm. */
export async function two(options: Record<string, unknown> = {}) {
  const all = team();
  const leader = await all.join({ warm: 1, lease: { ttl: "60s", grace: "10s" }, ...options });
  const follower = await all.join({ warm: 1, lease: { ttl: "60s", grace: "10s" }, ...options });
  return { ...all, leader, follower };
}

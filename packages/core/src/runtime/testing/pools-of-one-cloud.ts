import { definePool, type PoolDefinition } from "../define-pool.js";
import { FakeCloud, type Thing } from "./fake-cloud.js";
import { SimulatedClock } from "./simulated-clock.js";

/** What a manager of several pools of one cloud is made of. */
export function poolsOfOneCloud() {
  const clock = new SimulatedClock();
  const cloud = new FakeCloud();
  const pool = (options: object = {}): PoolDefinition<Thing, void> =>
    definePool({ provider: cloud.provider(), max: 2, ...options });
  return { clock, cloud, pool };
}

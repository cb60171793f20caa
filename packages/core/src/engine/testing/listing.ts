import type { ListedThing } from "../call.js";
import { Harness } from "./harness.js";
import { type PoolSketch, type ProviderSketch, self } from "./policies.js";

/** Tags of a thing of ours. */
export const ours = { namespace: "test", installation: self.installation, pool: "web" };
/** A thing of an earlier life of a store in memory. */
export const left: ListedThing = { key: `wp-${self.installation}-before-1`, tags: ours, data: { id: "i-1" } };

/** A provider that can list is listed for the first time. */
export function listing(provider: ProviderSketch = {}, sketch: PoolSketch = {}, durable = false): Harness {
  const can = { list: true, ...provider.can };
  const harness = new Harness({
    pools: { web: sketch },
    providers: { cloud: { ...provider, can } },
    self: { durable },
  });
  harness.tick();
  return harness;
}

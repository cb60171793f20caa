import { Pool } from "lightning-pool";
import { type Contestant, type Opening, Thing, TIMEOUT_MS } from "./contestant.ts";

export function openLightningPool({ max, timeout }: Opening): Contestant<Thing> {
  const pool = new Pool<Thing>(
    { create: async () => new Thing(), destroy: async () => undefined },
    // A thousand may wait by default.
    { max, maxQueue: 1_000_000, ...(timeout && { acquireTimeoutMillis: TIMEOUT_MS }) },
  );
  pool.start();
  // `releaseAsync`, which its README awaits, is slower.
  return { acquire: () => pool.acquire(), release: (thing) => pool.release(thing) };
}

import { createPool } from "generic-pool";
import { type Contestant, type Opening, Thing, TIMEOUT_MS } from "./contestant.ts";

export function openGenericPool({ max, timeout }: Opening): Contestant<Thing> {
  const pool = createPool(
    { create: async () => new Thing(), destroy: async () => undefined },
    { max, ...(timeout && { acquireTimeoutMillis: TIMEOUT_MS }) },
  );
  return {
    acquire: () => pool.acquire() as Promise<Thing>,
    // Returns a promise, which its README leaves alone.
    release: (thing) => void pool.release(thing),
  };
}

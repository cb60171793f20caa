import { Pool } from "tarn";
import { type Contestant, type Opening, Thing, TIMEOUT_MS } from "./contestant.ts";

/** Its acquires always have a timeout; 30 s is the default. */
export function openTarn({ max }: Opening): Contestant<Thing> {
  const pool = new Pool<Thing>({
    create: () => new Thing() as never,
    destroy: () => undefined,
    min: 0,
    max,
    acquireTimeoutMillis: TIMEOUT_MS,
  });
  return { acquire: () => pool.acquire().promise, release: (thing) => void pool.release(thing) };
}

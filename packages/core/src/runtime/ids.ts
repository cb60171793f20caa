import { drawId } from "../model/id.js";

/** All that the runtime draws at random. Handed in, so that a simulated one can take its place. */
export interface Ids {
  /** An unguessable id of that many characters of `[a-z0-9]`. */
  draw(length: number): string;
  /** In [0, 1): spreads retries. */
  jitter(): number;
}

export const systemIds: Ids = { draw: drawId, jitter: Math.random };

import type { Need } from "./need.js";
import type { World } from "./world.js";

/** One thing that a provider must do. Its name, a sentence, is its key in the file of its kind. */
export interface ProviderCase {
  /** All of these. */
  readonly needs?: readonly Need[];
  /** At least one of these: some way to see what exists. */
  readonly needsOneOf?: readonly Need[];
  run(world: World): Promise<void>;
}

/** The ways to see from a key whether something exists under it. */
export const SIGHT = ["count", "find", "list"] as const satisfies readonly Need[];

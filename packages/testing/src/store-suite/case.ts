import type { Trial } from "./trial.js";

/** One thing that a store must do. Its name, a sentence, is its key in the file of its kind. */
export interface StoreCase {
  run(trial: Trial): Promise<void>;
}

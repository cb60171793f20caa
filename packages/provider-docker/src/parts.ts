import type { Failures } from "./failures.js";
import type { Inventory } from "./inventory.js";
import type { Plans } from "./plan.js";

/** What all calls of one provider share. */
export interface Parts {
  readonly inventory: Inventory;
  readonly plans: Plans;
  readonly failures: Failures;
  readonly settlesWithinMs: number;
}

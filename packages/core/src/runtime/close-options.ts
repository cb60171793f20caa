import type { Duration } from "../model/duration.js";
import { checkKnown, problem } from "./parse.js";

/** Ways to end a manager or pool. */
export interface CloseOptions {
  /** How long to wait for provider calls and the last commit. Default: the manager's `closeTimeout`. */
  readonly timeout?: Duration;
  /**
   * What becomes of the resources. Default: `"delete"` in memory, for nobody would know them any more; `"keep"` on a durable
   * store, where the next process finds them.
   */
  readonly resources?: "keep" | "delete";
}

/** @throws {WarmpoolError} `INVALID_OPTIONS`. A slip here could delete what should be kept. */
export function parseClose(options: CloseOptions): CloseOptions {
  checkKnown(options, ["timeout", "resources"]);
  const { resources } = options;
  if (resources !== undefined && resources !== "keep" && resources !== "delete")
    throw problem([{ path: "resources", problem: 'must be "keep" or "delete"' }]);
  return options;
}

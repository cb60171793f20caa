import type { ResourceState } from "@warmpool/core";
import type { Fleet } from "../fleet.js";

/** What must be in the store before a call leaves. A decision that came since may have changed it to `deleting`. */
const COMMITTED: Record<"allocate" | "delete" | "reset", readonly ResourceState[]> = {
  allocate: ["allocating", "deleting"],
  delete: ["deleting"],
  reset: ["resetting", "deleting"],
};

/** No provider call leaves before the records of its decision are committed. */
export function checkWriteFirst({ vault, world }: Fleet, call: keyof typeof COMMITTED, key: string): void {
  if (vault === undefined) return;
  const state = vault.resource(key)?.state;
  if (state !== undefined && COMMITTED[call].includes(state)) return;
  world.violated("write first", `${call} of ${key} leaves while the store says: ${state ?? "no such record"}`);
}

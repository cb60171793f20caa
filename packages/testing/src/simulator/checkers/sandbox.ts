import type { Fleet } from "../fleet.js";
import type { Hold } from "../history.js";

/** Where what was used is deleted when its sandbox leaves it, it is never used by another. */
export function checkSandbox({ clouds, scenario, world }: Fleet, { key, holder, sandbox }: Hold): void {
  for (const cloud of clouds) {
    const thing = cloud.things.get(key);
    if (thing === undefined || scenario.pools.find(({ name }) => name === thing.pool)?.sandboxed !== "dispose")
      continue;
    const before = thing.sandbox;
    thing.sandbox = sandbox;
    if (before === undefined || before === sandbox) continue;
    world.violated("sandboxes apart", `${holder} (${sandbox}) is given ${key}, which ${before} used`);
  }
}

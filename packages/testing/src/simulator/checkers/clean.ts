import type { Fleet } from "../fleet.js";
import type { Hold } from "../history.js";

/** Where a provider can reset, nobody is given what somebody used before it was reset. */
export function checkClean({ clouds, scenario, world }: Fleet, { key, holder, token }: Hold): void {
  clouds.forEach((cloud, n) => {
    const thing = cloud.things.get(key);
    const used = thing?.dirtyBy !== undefined && thing.dirtyBy !== token;
    if (!used || scenario.providers[n]?.can.reset !== true) return;
    world.violated("reset before reuse", `${holder} is given ${key}, which somebody used since its last reset`);
  });
}

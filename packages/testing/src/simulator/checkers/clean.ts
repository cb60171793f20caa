import type { Fleet } from "../fleet.js";
import type { Hold } from "../history.js";

/** Where a provider or a janitor cleans, nobody is given what somebody used before it was clean; but for who comes to clean it. */
export function checkClean({ clouds, scenario, world }: Fleet, { key, holder, token, cleans }: Hold): void {
  if (cleans) return;
  clouds.forEach((cloud, n) => {
    const thing = cloud.things.get(key);
    const used = thing?.dirtyBy !== undefined && thing.dirtyBy !== token;
    const isCleaned = scenario.pools.find(({ name }) => name === thing?.pool)?.cleanedBy !== undefined;
    if (!used || !(isCleaned || scenario.providers[n]?.can.reset === true)) return;
    world.violated("reset before reuse", `${holder} is given ${key}, which somebody used since its last reset`);
  });
}

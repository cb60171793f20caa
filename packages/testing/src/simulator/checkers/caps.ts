import type { Cloud } from "../cloud.js";
import type { Fleet } from "../fleet.js";

/**
 * Never over a cap, in the provider's own count: what it has, what it is deleting, and what it was asked to make and may
 * still make. Not counted is what no manager can know of: things that came back after they were really gone, and what a
 * lost memory or an older backup has forgotten.
 */
export function checkCaps(fleet: Fleet, cloud: Cloud, pool: string): void {
  const { world, scenario } = fleet;
  const count = cloud.count(pool);
  const cap = fleet.capOf(pool);
  if (count > cap)
    world.violated("never over", `${pool} has ${count} things at ${cloud.temper.name}, its cap is ${cap}`);
  const { max } = scenario.providers.find(({ temper }) => temper === cloud.temper) ?? {};
  if (max === undefined) return;
  const all = cloud.count();
  if (all > max) world.violated("never over", `${cloud.temper.name} has ${all} things, the cap of its pools is ${max}`);
}

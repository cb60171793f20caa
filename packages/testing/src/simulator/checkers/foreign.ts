import type { Cloud } from "../cloud.js";
import type { Fleet } from "../fleet.js";

/** Another installation's things are never touched. */
export function checkForeign({ world }: Fleet, cloud: Cloud, key: string): void {
  if (cloud.foreign.some((thing) => thing.key === key)) {
    world.violated("nothing of others", `${key} is another installation's, and is being deleted`);
  }
}

import type { AllocateRequest } from "@warmpool/core";
import type { Cloud } from "../cloud.js";
import type { Fleet } from "../fleet.js";

/** What numbers a thing has: its slot in its pool, and those of counters that pools share. */
export function numbersOf({ pool, slot, counters }: Pick<AllocateRequest, "pool" | "slot" | "counters">): string[] {
  return [`slot ${slot} of ${pool}`, ...Object.entries(counters ?? {}).map(([name, n]) => `${name} ${n}`)];
}

/** A number is given to one thing at a time, counted where things really exist: see `checkCaps`. */
export function checkNumbers({ clouds, world }: Fleet, { key, ...request }: AllocateRequest<unknown>): void {
  for (const number of numbersOf(request)) {
    const other = clouds.flatMap((cloud: Cloud) => cloud.having(number)).find((one) => one !== key);
    if (other !== undefined) world.violated("a number for one", `${key} is to have ${number}, which ${other} has`);
  }
}

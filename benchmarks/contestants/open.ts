import { load } from "../lib/build.ts";
import type { Contestant, ContestantName, Opening } from "./contestant.ts";

/** Loads one contestant and nothing of the others. */
export async function open(name: ContestantName, opening: Opening): Promise<Contestant> {
  switch (name) {
    case "floor":
      return (await import("./floor.ts")).openFloor(opening) as Contestant;
    case "generic-pool":
      return (await import("./generic-pool.ts")).openGenericPool(opening) as Contestant;
    case "tarn":
      return (await import("./tarn.ts")).openTarn(opening) as Contestant;
    case "lightning-pool":
      return (await import("./lightning-pool.ts")).openLightningPool(opening) as Contestant;
    case "warmpool":
    case "baseline":
      return (await import("./warmpool.ts")).openWarmpool(await load(name, "."), opening) as Contestant;
  }
}

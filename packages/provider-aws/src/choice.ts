import type { Ec2Settings } from "./parse-options.js";

/** One of the ways in which an instance can be had. */
export interface Choice {
  /** `undefined`: the launch's. */
  readonly type: string | undefined;
  /** `undefined`: the launch's. */
  readonly place: Ec2Settings["places"][number];
  /** `undefined`: as the launch says. */
  readonly market: "spot" | "on-demand" | undefined;
}

/**
 * All choices in the order in which they are tried: spot before on-demand, each type in all places before the next type.
 * What is spread begins elsewhere for each slot, so that slots that fill from 0 are spread evenly, and the same slot
 * begins at the same place after a restart.
 */
export function choicesOf(settings: Ec2Settings, slot: number): Choice[] {
  const { spot } = settings;
  const markets: Choice["market"][] =
    spot === undefined ? [undefined] : spot.onDemand ? ["spot", "on-demand"] : ["spot"];
  const placeTurn = settings.spreadPlaces ? slot : 0;
  // Spread over both, a slot that comes round to the first place goes on to the next type.
  const typeTurn = settings.spreadTypes ? Math.floor(slot / (settings.spreadPlaces ? settings.places.length : 1)) : 0;
  const types = rotated(settings.instanceTypes, typeTurn);
  const places = rotated(settings.places, placeTurn);
  return markets.flatMap((market) => types.flatMap((type) => places.map((place) => ({ type, place, market }))));
}

/** For people. */
export function describeChoice({ type, place, market }: Choice): string {
  const where = place === undefined ? undefined : "subnet" in place ? place.subnet : place.zone;
  return [market, type, where].filter((part) => part !== undefined).join(" ") || "the launch's own choice";
}

function rotated<Item>(items: readonly Item[], turn: number): readonly Item[] {
  const from = turn % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}

import { CPU } from "../lib/cpu.ts";
import { chosen, type Options } from "../lib/options.ts";
import type { Bar, Figures, Report } from "../lib/report.ts";
import { footprint } from "./footprint.ts";
import { growth } from "./growth.ts";
import { manyPools } from "./many-pools.ts";
import { wishes } from "./wishes.ts";

type Part = (options: Options) => Promise<{ figures: Figures; bars: Bar[] }>;

const PARTS: Record<string, Part> = {
  churn: (options) => growth("churn", options),
  crowd: (options) => growth("crowd", options),
  footprint,
  pools: manyPools,
  wishes,
};

/** What becomes dearer when there is more of it. */
export async function scale(options: Options): Promise<Report> {
  console.log(`Rates are of processor time ${CPU}; medians of ${options.rounds}.`);
  const figures: Record<string, Figures> = {};
  const bars: Bar[] = [];
  for (const name of chosen(Object.keys(PARTS), options)) {
    const part = await PARTS[name]!(options);
    figures[name] = part.figures;
    bars.push(...part.bars);
  }
  return { bench: "scale", figures: { cpu: CPU, rounds: options.rounds, ...figures }, bars };
}

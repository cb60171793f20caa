import { Scratch } from "../durable/scratch.ts";
import { chosen, type Options } from "../lib/options.ts";
import type { Bar, Figures, Report } from "../lib/report.ts";
import { keyv } from "./durable-keyv.ts";
import { latency } from "./durable-latency.ts";
import { restarts } from "./durable-restart.ts";
import { throughput } from "./durable-throughput.ts";

type Part = (options: Options, scratch: Scratch) => Promise<{ figures: Figures; bars: Bar[] }>;

const PARTS: Record<string, Part> = { throughput, latency, restart: restarts, keyv };

/** What is kept on the disk, through SQLite. By the wall clock: one waits for the disk. */
export async function durable(options: Options): Promise<Report> {
  console.log(`SQLite with synchronous=FULL, by the wall clock; medians of ${options.rounds}.`);
  const figures: Record<string, Figures> = {};
  const bars: Bar[] = [];
  const scratch = new Scratch();
  try {
    for (const name of chosen(Object.keys(PARTS), options)) {
      const part = await PARTS[name]!(options, scratch);
      figures[name] = part.figures;
      bars.push(...part.bars);
    }
  } finally {
    scratch.remove();
  }
  return { bench: "durable", figures: { rounds: options.rounds, ...figures }, bars };
}

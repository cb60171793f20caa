import { copyStore } from "../durable/restart.ts";
import type { Scratch } from "../durable/scratch.ts";
import type { Built } from "../lib/build.ts";
import { measure } from "../lib/child.ts";
import type { Options } from "../lib/options.ts";
import { type Bar, below, type Figures } from "../lib/report.ts";
import { interleaved } from "../lib/rounds.ts";
import { median, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";

const RECORDS = 10_000;

/** A new process opens what a crash has left. */
export async function restarts({ rounds, baseline }: Options, scratch: Scratch) {
  const built: Built[] = baseline === undefined ? ["warmpool"] : ["warmpool", "baseline"];
  const left = {} as Record<Built, string>;
  for (const contestant of built) {
    left[contestant] = scratch.file();
    const made = await measure("prepareRestart", {
      contestant,
      store: "sqlite",
      file: left[contestant],
      records: RECORDS,
    });
    if (made.records !== RECORDS) throw new Error(`There are ${made.records} records instead of ${RECORDS}.`);
  }
  const results = await interleaved(built, rounds, async (contestant) => {
    const file = scratch.file();
    copyStore(left[contestant], file);
    const result = await measure("restart", { contestant, store: "sqlite", file, records: RECORDS });
    if (result.leases !== RECORDS / 2) throw new Error(`${result.leases} leases are there of ${RECORDS / 2}.`);
    return result;
  });
  const readyMs = (name: Built) => median(results[name].map((result) => result.readyMs));
  const acquiredMs = (name: Built) => median(results[name].map((result) => result.acquiredMs));
  console.log(`\nrestart after a crash with ${RECORDS} records: resources, and tickets that hold them; milliseconds\n`);
  console.log(
    table(
      ["", "until ready", "until the next lease"],
      built.map((name) => [name, readyMs(name).toFixed(0), acquiredMs(name).toFixed(0)]),
    ),
  );
  const figures: Figures = Object.fromEntries(
    built.map((name) => [name, { readyMs: rounded(readyMs(name)), acquiredMs: rounded(acquiredMs(name)) }]),
  );
  const bars: Bar[] = [below(`ms, restart with ${RECORDS} records`, acquiredMs("warmpool"), 1_000)];
  return { figures, bars };
}

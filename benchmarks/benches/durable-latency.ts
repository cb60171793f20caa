import { writeFileSync } from "node:fs";
import type { BareResult } from "../durable/bare.ts";
import type { ClientsResult } from "../durable/clients.ts";
import type { Scratch } from "../durable/scratch.ts";
import type { Built } from "../lib/build.ts";
import { measure } from "../lib/child.ts";
import type { Options } from "../lib/options.ts";
import { type Bar, below, type Figures } from "../lib/report.ts";
import { interleaved } from "../lib/rounds.ts";
import { median, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";

/** How many of our rows the bare contestant writes, over and over. */
const KEEP = 2_000;

/** One client alone: each acquire and each release waits for a commit of its own. */
export async function latency({ rounds, quick, baseline }: Options, scratch: Scratch) {
  const length = quick ? { warmUpMs: 200, measureMs: 500 } : { warmUpMs: 500, measureMs: 1_500 };
  const built: Built[] = baseline === undefined ? ["warmpool"] : ["warmpool", "baseline"];
  const run = (contestant: Built, keep: number) =>
    measure("clients", { contestant, store: "sqlite", file: scratch.file(), clients: 1, keep, ...length });
  const sample = await run("warmpool", KEEP);
  const kept = scratch.file();
  writeFileSync(kept, JSON.stringify(sample.changes));
  const rowsPerTransaction = Math.round(sample.rowsPerBatch);

  const bares: BareResult[] = [];
  const results = await interleaved(built, rounds, async (contestant) => {
    if (contestant === "warmpool") {
      bares.push(await measure("bare", { file: scratch.file(), changes: kept, rowsPerTransaction, ...length }));
    }
    return await run(contestant, 0);
  });
  const bare = { p50Ms: median(bares.map(({ p50Ms }) => p50Ms)), p99Ms: median(bares.map(({ p99Ms }) => p99Ms)) };
  const of = (name: Built, figure: (result: ClientsResult) => number) => median(results[name].map(figure));
  const calls = ["acquire", "release", "pair"] as const;
  const figuresOf = (name: Built): Figures =>
    Object.fromEntries(
      calls.map((call) => [
        call,
        { p50Ms: rounded(of(name, ({ p50Ms }) => p50Ms[call])), p99Ms: rounded(of(name, ({ p99Ms }) => p99Ms[call])) },
      ]),
    );
  const figures: Figures = {
    ...Object.fromEntries(built.map((name) => [name, figuresOf(name)])),
    bareCommit: { p50Ms: rounded(bare.p50Ms), p99Ms: rounded(bare.p99Ms) },
  };
  console.log("\none client alone, milliseconds\n");
  const head = ["", ...calls.flatMap((call) => [`${call} p50`, "p99"])];
  const row = (name: Built) =>
    calls.flatMap((call) => [of(name, ({ p50Ms }) => p50Ms[call]), of(name, ({ p99Ms }) => p99Ms[call])]);
  console.log(
    table(head, [
      ...built.map((name) => [name, ...row(name).map((ms) => ms.toFixed(3))]),
      [`a bare commit of ${rowsPerTransaction} rows`, bare.p50Ms.toFixed(3), bare.p99Ms.toFixed(3)],
    ]),
  );
  const bars: Bar[] = [
    below(
      "ms, p99 of acquire + release, alone",
      of("warmpool", ({ p99Ms }) => p99Ms.pair),
      2,
    ),
  ];
  return { figures, bars };
}

import { writeFileSync } from "node:fs";
import type { BareResult } from "../durable/bare.ts";
import type { ClientsResult } from "../durable/clients.ts";
import type { Scratch } from "../durable/scratch.ts";
import type { Built } from "../lib/build.ts";
import { measure } from "../lib/child.ts";
import type { Options } from "../lib/options.ts";
import { atLeast, type Bar, type Figures } from "../lib/report.ts";
import { interleaved } from "../lib/rounds.ts";
import { median, ratio, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";

const CLIENTS = 64;
/** Rows in a transaction of the bare contestant. */
const GROUP = 100;
/** How many of our rows it writes, over and over. */
const KEEP = 20_000;

/** Acquire and release of many clients, against the same rows written with bare `node:sqlite`. */
export async function throughput({ rounds, quick, baseline }: Options, scratch: Scratch) {
  const length = quick ? { warmUpMs: 200, measureMs: 500 } : { warmUpMs: 500, measureMs: 1_500 };
  const built: Built[] = baseline === undefined ? ["warmpool"] : ["warmpool", "baseline"];
  const run = (contestant: Built, keep: number) =>
    measure("clients", { contestant, store: "sqlite", file: scratch.file(), clients: CLIENTS, keep, ...length });

  const { changes } = await run("warmpool", KEEP);
  const kept = scratch.file();
  writeFileSync(kept, JSON.stringify(changes));
  const bare = (rowsPerTransaction: number) =>
    measure("bare", { file: scratch.file(), changes: kept, rowsPerTransaction, ...length });

  const names = [...built, "grouped", "single"] as const;
  const results = await interleaved<(typeof names)[number], ClientsResult | BareResult>(names, rounds, (name) =>
    name === "grouped" ? bare(GROUP) : name === "single" ? bare(1) : run(name, 0),
  );
  const rows = (name: (typeof names)[number]) => results[name].map(({ rowsPerSecond }) => rowsPerSecond);
  const of = (name: Built, figure: (result: ClientsResult) => number) =>
    median((results[name] as ClientsResult[]).map(figure));

  const characters = changes.reduce((sum, { record }) => sum + (record?.length ?? 0), 0) / changes.length;
  console.log(
    `\n${CLIENTS} clients acquire and release, ${CLIENTS} resources; a row has ${characters.toFixed(0)} characters\n`,
  );
  const thousands = (value: number) => (value / 1_000).toFixed(1);
  const head = ["", "k rows/s", "÷ bare in hundreds", "k pairs/s", "rows a commit", "pair p50 ms", "pair p99 ms"];
  const share = (name: (typeof names)[number]) => ratio(rows(name), rows("grouped"));
  console.log(
    table(head, [
      ...built.map((name) => [
        name,
        thousands(median(rows(name))),
        share(name).toFixed(2),
        thousands(of(name, ({ pairsPerSecond }) => pairsPerSecond)),
        of(name, ({ rowsPerBatch }) => rowsPerBatch).toFixed(0),
        of(name, ({ p50Ms }) => p50Ms.pair).toFixed(2),
        of(name, ({ p99Ms }) => p99Ms.pair).toFixed(2),
      ]),
      [`bare, ${GROUP} rows a commit`, thousands(median(rows("grouped"))), "1.00", "", String(GROUP)],
      ["bare, a row a commit", thousands(median(rows("single"))), share("single").toFixed(2), "", "1"],
    ]),
  );
  const figures: Figures = {
    charactersPerRow: Math.round(characters),
    rowsPerSecond: Object.fromEntries(names.map((name) => [name, Math.round(median(rows(name)))])),
    pairsPerSecond: Object.fromEntries(
      built.map((name) => [name, Math.round(of(name, ({ pairsPerSecond }) => pairsPerSecond))]),
    ),
    rowsPerCommit: rounded(of("warmpool", ({ rowsPerBatch }) => rowsPerBatch)),
  };
  const bars: Bar[] = [atLeast("rows a second ÷ the same rows, bare in hundreds", share("warmpool"), 0.3)];
  return { figures, bars };
}

import { writeFileSync } from "node:fs";
import type { BareResult } from "../durable/bare.ts";
import type { ClientsResult } from "../durable/clients.ts";
import { copyStore, type RestartResult } from "../durable/restart.ts";
import type { Scratch } from "../durable/scratch.ts";
import { measure } from "../lib/child.ts";
import type { Options } from "../lib/options.ts";
import { atLeast, type Bar, below, type Figures } from "../lib/report.ts";
import { interleaved } from "../lib/rounds.ts";
import { median, ratio, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";

const GROUP = 100;
const KEEP = 20_000;
const RECORDS = 10_000;
const STORE = { contestant: "warmpool", store: "keyv" } as const;

/** The same on a Keyv backend: 64 clients, one alone, and a restart. */
export async function keyv({ rounds, quick }: Options, scratch: Scratch) {
  const length = quick ? { warmUpMs: 200, measureMs: 500 } : { warmUpMs: 500, measureMs: 1_500 };
  const run = (clients: number, keep = 0) =>
    measure("clients", { ...STORE, file: scratch.file(), clients, keep, ...length });
  const kept = scratch.file();
  writeFileSync(kept, JSON.stringify((await run(64, KEEP)).changes));
  const left = scratch.file();
  await measure("prepareRestart", { ...STORE, file: left, records: RECORDS });

  const names = ["many", "alone", "restart", "grouped"] as const;
  const results = await interleaved<(typeof names)[number], ClientsResult | BareResult | RestartResult>(
    names,
    rounds,
    async (name) => {
      switch (name) {
        case "many":
          return await run(64);
        case "alone":
          return await run(1);
        case "grouped":
          return await measure("bare", { file: scratch.file(), changes: kept, rowsPerTransaction: GROUP, ...length });
        case "restart": {
          const file = scratch.file();
          copyStore(left, file);
          return await measure("restart", { ...STORE, file, records: RECORDS });
        }
      }
    },
  );
  const [many, alone] = [results.many, results.alone] as [ClientsResult[], ClientsResult[]];
  const rows = (list: readonly { rowsPerSecond: number }[]) => list.map(({ rowsPerSecond }) => rowsPerSecond);
  const share = ratio(rows(many), rows(results.grouped as BareResult[]));
  const pairsPerSecond = median(many.map((result) => result.pairsPerSecond));
  const aloneMs = median(alone.map(({ p99Ms }) => p99Ms.pair));
  const restartMs = median((results.restart as RestartResult[]).map(({ acquiredMs }) => acquiredMs));
  console.log("\nKeyv on a SQLite file, a transaction a call, with a heartbeat of 100 ms\n");
  console.log(
    table(
      ["", ""],
      [
        ["64 clients, k rows/s", (median(rows(many)) / 1_000).toFixed(1)],
        ["÷ bare in hundreds", share.toFixed(2)],
        ["64 clients, k pairs/s", (pairsPerSecond / 1_000).toFixed(1)],
        ["one alone, pair p99 ms", aloneMs.toFixed(3)],
        [`restart after a crash, ${RECORDS} records, ms`, restartMs.toFixed(0)],
      ],
    ),
  );
  const figures: Figures = {
    rowsPerSecond: Math.round(median(rows(many))),
    pairsPerSecond: Math.round(pairsPerSecond),
    aloneP99Ms: rounded(aloneMs),
    restartMs: rounded(restartMs),
  };
  const bars: Bar[] = [
    atLeast("Keyv: rows a second ÷ the same rows, bare in hundreds", share, 0.3),
    below("Keyv: ms, p99 of acquire + release, alone", aloneMs, 2),
    below(`Keyv: ms, restart with ${RECORDS} records, 375 of them the dead owner's and the claim's`, restartMs, 1_000),
  ];
  return { figures, bars };
}

import { type ContestantName, PEERS } from "../contestants/contestant.ts";
import { measure, WHOLE_COST } from "../lib/child.ts";
import { CPU } from "../lib/cpu.ts";
import { chosen, type Options } from "../lib/options.ts";
import { above, atLeast, type Bar, type Figures, type Report } from "../lib/report.ts";
import { interleaved } from "../lib/rounds.ts";
import { median, ratio, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";

interface Cell {
  /** `100x0+timeout`: size, clients that always wait, and whether each acquire has a timeout. */
  readonly name: string;
  readonly max: number;
  readonly queue: number;
  readonly timeout: boolean;
}

/** Every cell there is, those without timeouts first. */
const CELLS: readonly Cell[] = [false, true].flatMap((timeout) =>
  [1, 10, 100, 1_000].flatMap((max) =>
    [0, 100, 10_000].map((queue) => ({ name: `${max}x${queue}${timeout ? "+timeout" : ""}`, max, queue, timeout })),
  ),
);
const QUICK = ["1x0", "100x0", "1000x10000", "100x0+timeout", "10x10000+timeout"];

/** Longer brings little: what varies is what the compiler makes of each process. */
const SHORT = { warmUpMs: 100, measureMs: 100 };
/** Long enough for all who wait to be served a few times. */
const LONG = { warmUpMs: 150, measureMs: 150 };

/** Acquire and release in memory, against other pools of Node and the least that a pool can be. */
export async function peers(options: Options): Promise<Report> {
  const { rounds, quick, baseline } = options;
  const names: ContestantName[] = ["floor", "warmpool", ...PEERS];
  if (baseline !== undefined) names.push("baseline");
  const only = chosen(
    CELLS.map(({ name }) => name),
    options,
  );
  const cells = CELLS.filter(({ name }) =>
    quick && options.only.length === 0 ? QUICK.includes(name) : only.includes(name),
  );

  console.log(`Pairs of acquire and release, in thousands a second of processor time ${CPU}; medians of ${rounds}.`);
  console.log("SIZExQUEUE: resources, and clients that always wait beyond those that hold.\n");
  const head = ["", ...names, ...PEERS.map((peer) => `÷ ${peer}`), ...(baseline === undefined ? [] : ["÷ baseline"])];
  const rows: string[][] = [];
  const figures: Record<string, Figures> = {};
  /** Our rate ÷ each peer's, in each cell. */
  const ratios: { cell: Cell; peers: number[] }[] = [];
  for (const cell of cells) {
    const results = await interleaved(names, rounds, async (contestant) => {
      const length = cell.queue > 1_000 ? LONG : SHORT;
      const { perSecond } = await measure("rate", { contestant, ...cell, length }, WHOLE_COST);
      return perSecond;
    });
    const against = (name: ContestantName) => ratio(results.warmpool, results[name]);
    const others: ContestantName[] = baseline === undefined ? [...PEERS] : [...PEERS, "baseline"];
    ratios.push({ cell, peers: PEERS.map(against) });
    rows.push([
      cell.name,
      ...names.map((name) => (median(results[name]) / 1_000).toFixed(0)),
      ...others.map((name) => against(name).toFixed(2)),
    ]);
    figures[cell.name] = {
      perSecond: Object.fromEntries(names.map((name) => [name, Math.round(median(results[name]))])),
      ratio: Object.fromEntries(["floor" as const, ...others].map((name) => [name, rounded(against(name))])),
    };
    progress(cell.name);
  }
  progress("");
  console.log(table(head, rows));

  const worst = (of: (peers: number[]) => number, among = ratios) => Math.min(...among.map(({ peers }) => of(peers)));
  const bars: Bar[] = PEERS.map((peer, index) =>
    above(
      `× ${peer}, in our slowest cell`,
      worst((peers) => peers[index]!),
      1,
    ),
  );
  const timed = ratios.filter(({ cell }) => cell.timeout);
  if (timed.length > 0) {
    const slowest = worst((peers) => Math.min(...peers), timed);
    bars.push(atLeast("× the best peer, with timeouts, in our slowest cell", slowest, 2));
  }
  return { bench: "peers", figures: { cpu: CPU, rounds, cells: figures }, bars };
}

/** For people who watch: what was done last. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

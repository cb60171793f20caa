import { type ContestantName, PEERS } from "../contestants/contestant.ts";
import { measure, WHOLE_COST } from "../lib/child.ts";
import type { Options } from "../lib/options.ts";
import { atMost, type Bar, type Figures } from "../lib/report.ts";
import { interleaved } from "../lib/rounds.ts";
import { median, ratio, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";

const LENGTH = { warmUpMs: 150, measureMs: 150 };

const KINDS = {
  churn: "so many resources, half of them always held",
  crowd: "so many waiters on one resource, queued and served",
} as const;
export type GrowthKind = keyof typeof KINDS;

/** How the cost of a pair of acquire and release grows with what there is, against how the floor's grows. */
export async function growth(kind: GrowthKind, { rounds, quick, baseline }: Options) {
  const sizes = quick ? [10, 10_000] : [10, 1_000, 10_000, 100_000];
  const [smallest, largest] = [sizes[0]!, sizes.at(-1)!];
  const ours: ContestantName[] = baseline === undefined ? ["warmpool"] : ["warmpool", "baseline"];
  const once = async (cell: string) => {
    const [contestant, count] = cell.split(" ") as [ContestantName, string];
    const order = { contestant, timeout: false, length: LENGTH };
    const { perSecond } = await (kind === "churn"
      ? measure("churn", { ...order, max: Number(count) }, WHOLE_COST)
      : measure("crowd", { ...order, waiters: Number(count) }, WHOLE_COST));
    return perSecond;
  };
  const cells = (names: readonly ContestantName[]) => names.flatMap((name) => sizes.map((size) => `${name} ${size}`));
  const results = {
    ...(await interleaved(cells(["floor", ...ours]), rounds, once)),
    // For comparison only: some of them take long. They have no part in the bars.
    ...(quick ? {} : await interleaved(cells(PEERS), 1, once)),
  };

  const of = (name: ContestantName, size: number) => results[`${name} ${size}`]!;
  const grows = (name: ContestantName) => ratio(of(name, smallest), of(name, largest));
  const toFloor = (name: ContestantName) => grows(name) / grows("floor");

  const names: ContestantName[] = ["floor", ...ours, ...(quick ? [] : PEERS)];
  const rows = names.map((name) => [
    name,
    ...sizes.map((size) => (median(of(name, size)) / 1_000).toFixed(0)),
    `${grows(name).toFixed(2)} ×`,
    toFloor(name).toFixed(2),
  ]);
  console.log(`\n${kind}: ${KINDS[kind]}; thousands of pairs a second\n`);
  console.log(table(["", ...sizes.map(String), "cost grows", "÷ floor's"], rows));

  const figures: Figures = Object.fromEntries(
    names.map((name) => [
      name,
      {
        perSecond: Object.fromEntries(sizes.map((size) => [size, Math.round(median(of(name, size)))])),
        growth: rounded(grows(name)),
      },
    ]),
  );
  const bars: Bar[] = [
    atMost(`${kind}: growth of the cost ${smallest} → ${largest} ÷ the floor's`, toFloor("warmpool"), 1.25),
  ];
  return { figures, bars };
}

import type { Built } from "../lib/build.ts";
import { measure, WHOLE_COST } from "../lib/child.ts";
import type { Options } from "../lib/options.ts";
import { atLeast, type Bar, type Figures } from "../lib/report.ts";
import { interleaved } from "../lib/rounds.ts";
import { median, ratio, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";

const RESOURCES = 1_000;
const LENGTH = { warmUpMs: 200, measureMs: 200 };

/** The same clients and resources, in one pool and in a thousand pools of one manager. */
export async function manyPools({ rounds, baseline }: Options) {
  const contestants = baseline === undefined ? (["warmpool"] as const) : (["warmpool", "baseline"] as const);
  const cells = contestants.flatMap((name) => [`${name} 1`, `${name} ${RESOURCES}`]);
  const results = await interleaved(cells, rounds, async (cell) => {
    const [contestant, count] = cell.split(" ") as [Built, string];
    const order = { contestant, count: Number(count), max: RESOURCES, length: LENGTH };
    return (await measure("pools", order, WHOLE_COST)).perSecond;
  });
  const of = (name: string, count: number) => results[`${name} ${count}`]!;
  const share = (name: string) => ratio(of(name, RESOURCES), of(name, 1));
  const rows = contestants.map((name) => [
    name,
    ...[1, RESOURCES].map((count) => (median(of(name, count)) / 1_000).toFixed(0)),
    share(name).toFixed(2),
  ]);
  console.log(`\n${RESOURCES} resources and clients in pools of one manager; thousands of pairs a second\n`);
  console.log(table(["", "1 pool", `${RESOURCES} pools`, "ratio"], rows));
  const figures: Figures = Object.fromEntries(
    contestants.map((name) => [
      name,
      {
        onePerSecond: Math.round(median(of(name, 1))),
        manyPerSecond: Math.round(median(of(name, RESOURCES))),
        ratio: rounded(share(name)),
      },
    ]),
  );
  const bars: Bar[] = [atLeast(`${RESOURCES} pools of one manager ÷ one pool`, share("warmpool"), 0.8)];
  return { figures, bars };
}

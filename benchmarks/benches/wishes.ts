import { measure, WHOLE_COST } from "../lib/child.ts";
import type { Options } from "../lib/options.ts";
import { atLeast, type Bar, type Figures } from "../lib/report.ts";
import { interleaved } from "../lib/rounds.ts";
import { median, ratio, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";

const WAITERS = 10_000;
const LENGTH = { warmUpMs: 300, measureMs: 300 };

const CASES = {
  "100 sets of tags": { sets: 100, owners: 1 },
  "10,000 sets of tags": { sets: WAITERS, owners: 1 },
  "10 owners in turn": { sets: 1, owners: 10 },
  "100 owners in turn": { sets: 1, owners: 100 },
} as const;
type Case = keyof typeof CASES;

/** Ten places and ten thousand who wait: what it costs that they ask for different things, or take turns. */
export async function wishes({ rounds }: Options) {
  const cases = Object.keys(CASES) as Case[];
  const results = await interleaved(cases, rounds, async (name) => {
    const order = { contestant: "warmpool", waiters: WAITERS, length: LENGTH, ...CASES[name as Case] } as const;
    return (await measure("asking", order, WHOLE_COST)).perSecond;
  });
  const of = (name: Case) => results[name]!;
  console.log(`\n${WAITERS} wait for 10 places; thousands of pairs a second\n`);
  console.log(
    table(
      ["", "pairs"],
      cases.map((name) => [name, (median(of(name)) / 1_000).toFixed(0)]),
    ),
  );
  const figures: Figures = Object.fromEntries(cases.map((name) => [name, Math.round(median(of(name)))]));
  const share = (many: Case, one: Case) => rounded(ratio(of(many), of(one)));
  const bars: Bar[] = [
    atLeast("10,000 sets of tags ÷ 100", share("10,000 sets of tags", "100 sets of tags"), 0.8),
    // The logarithm of 100 is twice that of 10.
    atLeast("100 owners in turn ÷ 10", share("100 owners in turn", "10 owners in turn"), 0.5),
  ];
  return { figures, bars };
}

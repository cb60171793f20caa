import { measure } from "../lib/child.ts";
import { chosen, type Options } from "../lib/options.ts";
import { atLeast, type Bar, below, type Figures, type Report } from "../lib/report.ts";
import { interleaved } from "../lib/rounds.ts";
import { median, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";
import { type FixtureResult, fixture } from "../socket/fixture.ts";
import type { PairsOrder, PairsResult } from "../socket/pairs.ts";

type Part = (options: Options) => Promise<{ figures: Figures; bars: Bar[] }>;

const PARTS: Record<string, Part> = { pairs, fixture: fixtures };
const CELLS = [1, 64];

/** A pool of another process of this machine. By the wall clock: two processes take part. */
export async function socket(options: Options): Promise<Report> {
  const figures: Record<string, Figures> = {};
  const bars: Bar[] = [];
  console.log(`A local socket, by the wall clock; medians of ${options.rounds}.`);
  for (const name of chosen(Object.keys(PARTS), options)) {
    const part = await PARTS[name]!(options);
    figures[name] = part.figures;
    bars.push(...part.bars);
  }
  return { bench: "socket", figures: { rounds: options.rounds, ...figures }, bars };
}

/** Acquire and release of one client. */
async function pairs({ rounds, quick, baseline }: Options) {
  const length = quick ? { warmUpMs: 500, measureMs: 500 } : { warmUpMs: 1_500, measureMs: 2_000 };
  const built: PairsOrder["contestant"][] =
    baseline === undefined ? ["floor", "warmpool"] : ["floor", "warmpool", "baseline"];
  const figures: Record<string, Figures> = {};
  const rows: string[][] = [];
  const ours = new Map<number, PairsResult[]>();
  for (const inFlight of CELLS) {
    const results = await interleaved(built, rounds, (contestant) =>
      measure("socketPairs", { contestant, inFlight, ...length }),
    );
    ours.set(inFlight, results.warmpool);
    for (const name of built) {
      const of = (figure: (result: PairsResult) => number) => median(results[name].map(figure));
      const [rate, p50Ms, p99Ms] = [of((r) => r.pairsPerSecond), of((r) => r.p50Ms), of((r) => r.p99Ms)];
      rows.push([`${name}, ${inFlight} in flight`, rate.toFixed(0), p50Ms.toFixed(3), p99Ms.toFixed(3)]);
      figures[`${name} ${inFlight}`] = {
        pairsPerSecond: Math.round(rate),
        p50Ms: rounded(p50Ms),
        p99Ms: rounded(p99Ms),
      };
    }
  }
  console.log(`\none client, acquire + release\n\n${table(["", "a second", "p50 ms", "p99 ms"], rows)}`);
  const of = (inFlight: number, figure: (result: PairsResult) => number) => median(ours.get(inFlight)!.map(figure));
  const bars = [
    atLeast(
      "acquire + release a second, 64 in flight",
      of(64, ({ pairsPerSecond }) => pairsPerSecond),
      20_000,
    ),
    below(
      "ms, p99 of acquire + release, alone",
      of(1, ({ p99Ms }) => p99Ms),
      1,
    ),
  ];
  return { figures, bars };
}

/** What a fixture adds to a test. */
async function fixtures({ rounds, quick }: Options) {
  const results: FixtureResult[] = [];
  for (let round = 0; round < rounds; round += 1) results.push(await fixture(quick ? 200 : 1_000));
  const [bareMs, leasedMs, firstMs] = (["bareMs", "leasedMs", "firstMs"] as const).map((figure) =>
    median(results.map((result) => result[figure])),
  ) as [number, number, number];
  const addedMs = leasedMs - bareMs;
  const rows = [
    ["a test that does nothing", bareMs.toFixed(3)],
    ["one that leases something warm", leasedMs.toFixed(3)],
    ["the first that leases, in its file", firstMs.toFixed(1)],
  ];
  console.log(`\na test in Vitest, milliseconds\n\n${table(["", "ms"], rows)}`);
  const figures = { bareMs: rounded(bareMs), leasedMs: rounded(leasedMs), firstMs: rounded(firstMs) };
  return { figures, bars: [below("ms that a fixture adds to a test, when one is warm", addedMs, 5)] };
}

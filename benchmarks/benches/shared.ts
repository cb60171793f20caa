import { startPostgres } from "@warmpool/test-postgres";
import { measure } from "../lib/child.ts";
import { chosen, type Options } from "../lib/options.ts";
import { above, atLeast, type Bar, below, type Figures, type Report } from "../lib/report.ts";
import { interleaved } from "../lib/rounds.ts";
import { median, ratio, rounded } from "../lib/statistics.ts";
import { table } from "../lib/table.ts";
import { RIVALS, type SharedContestant, type SharedResult } from "../shared/rival.ts";

type Part = (options: Options, url: string) => Promise<{ figures: Figures; bars: Bar[] }>;

const PARTS: Record<string, Part> = { throughput, failover, idle, crowd };
const LEADER_TTL_MS = 5_000;

/** Many processes on one PostgreSQL, which npm brings. By the wall clock: one waits for the database. */
export async function shared(options: Options): Promise<Report> {
  const server = await startPostgres();
  const figures: Record<string, Figures> = {};
  const bars: Bar[] = [];
  try {
    console.log(`PostgreSQL with fsync, by the wall clock; medians of ${options.rounds}.`);
    for (const name of chosen(Object.keys(PARTS), options)) {
      const part = await PARTS[name]!(options, server.url);
      figures[name] = part.figures;
      bars.push(...part.bars);
    }
  } finally {
    await server.stop();
  }
  return { bench: "shared", figures: { rounds: options.rounds, ...figures }, bars };
}

/** Acquire and release of followers, against claiming and completing a job. */
async function throughput({ rounds, quick, baseline }: Options, url: string) {
  const contestants: SharedContestant[] = [
    "warmpool",
    ...(baseline === undefined ? [] : ["baseline" as const]),
    ...RIVALS,
  ];
  const length = quick ? { warmUpMs: 500, measureMs: 1_000 } : { warmUpMs: 1_000, measureMs: 3_000 };
  const cells = [1, 4, 16].flatMap((connections) => [1, 16].map((inFlight) => ({ connections, inFlight })));
  const figures: Record<string, Figures> = {};
  const rows: string[][] = [];
  const results = new Map<string, Record<SharedContestant, SharedResult[]>>();
  for (const { connections, inFlight } of cells) {
    const cell = `${connections}x${inFlight}`;
    const of = await interleaved(contestants, rounds, (contestant) =>
      measure("claims", { contestant, url, connections, inFlight, ...length }),
    );
    results.set(cell, of);
    const rate = (name: SharedContestant) => median(of[name].map(({ pairsPerSecond }) => pairsPerSecond));
    rows.push([cell, ...contestants.map((name) => rate(name).toFixed(0))]);
    figures[cell] = Object.fromEntries(contestants.map((name) => [name, Math.round(rate(name))]));
  }
  console.log("\npairs a second, by connections x in flight on each\n");
  console.log(table(["", ...contestants], rows));
  const alone = results.get("1x1")!.warmpool;
  const [p50, p99] = [median(alone.map(({ p50Ms }) => p50Ms)), median(alone.map(({ p99Ms }) => p99Ms))];
  const crowded = results.get("16x16")!;
  const of = (name: SharedContestant) => crowded[name].map(({ pairsPerSecond }) => pairsPerSecond);
  const bars: Bar[] = [
    above("16x16: pairs a second ÷ graphile-worker's with its local queue", ratio(of("warmpool"), of(RIVALS[2])), 1),
    below("ms, p50 of acquire + release, alone", p50, 5),
    below("ms, p99 of acquire + release, alone", p99, 10),
  ];
  return { figures: { ...figures, alone: { p50Ms: rounded(p50), p99Ms: rounded(p99) } }, bars };
}

/** From the end of the leader to the next grant. */
async function failover({ rounds }: Options, url: string) {
  const order = { url, leaderTtlMs: LEADER_TTL_MS, times: rounds };
  const closed = await measure("failover", { ...order, how: "close" });
  const killed = await measure("failover", { ...order, how: "kill -9" });
  const worst = (times: readonly number[]) => Math.max(...times);
  console.log(`\nfrom the leader's end to the next grant, milliseconds, the worst of ${rounds}\n`);
  console.log(
    table(
      ["", "median", "worst"],
      [
        ["clean close", median([...closed.toGrantMs]).toFixed(0), worst(closed.toGrantMs).toFixed(0)],
        [
          `kill -9, leaderTtl ${LEADER_TTL_MS}`,
          median([...killed.toGrantMs]).toFixed(0),
          worst(killed.toGrantMs).toFixed(0),
        ],
      ],
    ),
  );
  const bars = [
    below("ms from a clean close to the next grant, worst", worst(closed.toGrantMs), 200),
    below("ms from kill -9 to the next grant, worst", worst(killed.toGrantMs), LEADER_TTL_MS + 1_000),
  ];
  return { figures: { closeMs: rounded(worst(closed.toGrantMs)), killMs: rounded(worst(killed.toGrantMs)) }, bars };
}

/** What processes without anything to do ask of the database. */
async function idle({ quick }: Options, url: string) {
  const { queriesPerSecond } = await measure("idle", { url, processes: 4, measureMs: quick ? 5_000 : 20_000 });
  console.log(`\n${queriesPerSecond.toFixed(2)} statements a second and process, at rest`);
  const bars = [below("statements a second and process, at rest", queriesPerSecond, 2)];
  return { figures: { queriesPerSecond: rounded(queriesPerSecond) }, bars };
}

/** Large numbers of resources and waiting tickets. */
async function crowd({ quick }: Options, url: string) {
  const measureMs = quick ? 1_000 : 3_000;
  const few = await measure("sharedCrowd", { url, resources: 100, waiting: 100, measureMs });
  const many = quick
    ? await measure("sharedCrowd", { url, resources: 1_000, waiting: 10_000, measureMs })
    : await measure("sharedCrowd", { url, resources: 10_000, waiting: 100_000, measureMs });
  const share = many.pairsPerSecond / few.pairsPerSecond;
  console.log("\nresources lent and tickets waiting\n");
  const row = (name: string, { startMs, pairsPerSecond }: typeof few) => [
    name,
    startMs.toFixed(0),
    pairsPerSecond.toFixed(0),
  ];
  console.log(
    table(
      ["", "start-up ms", "pairs a second"],
      [row("100 and 100", few), row(quick ? "1,000 and 10,000" : "10,000 and 100,000", many)],
    ),
  );
  const bars = [
    below("s, start-up with 10,000 resources and 100,000 tickets waiting", many.startMs / 1_000, 5),
    atLeast("throughput with them ÷ with a hundred", share, 0.5),
  ];
  return { figures: { startMs: Math.round(many.startMs), share: rounded(share) }, bars };
}

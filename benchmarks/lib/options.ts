import { parseArgs } from "node:util";

export const BENCHES = ["peers", "scale", "durable", "size", "shared", "socket"] as const;
export type BenchName = (typeof BENCHES)[number];

export interface Options {
  readonly bench: BenchName;
  /** How often everything is measured; the median counts. */
  readonly rounds: number;
  /** Fewer rounds, shorter ones and fewer cells: to see whether it works, or for a first glance. */
  readonly quick: boolean;
  /** Also measures the packages of this commit. */
  readonly baseline: string | undefined;
  /** Only these cells or sizes (`100x0`, `100x0+timeout`). Empty: all. */
  readonly only: readonly string[];
}

export const USAGE = `npm run bench -- NAME [--quick] [--rounds N] [--only CELL]... [--baseline REF]
NAME is one of ${BENCHES.join(", ")}; see benchmarks/README.md`;

/** What the user got wrong, in words for the user. */
export class UsageError extends Error {}

/**
 * The parts of a benchmark to run: those of `--only`, or else all.
 *
 * @throws {UsageError} when there is no such part.
 */
export function chosen(known: readonly string[], { only }: Options): readonly string[] {
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`--only: there is no ${unknown}, but ${known.join(", ")}.`);
  return only.length === 0 ? known : known.filter((name) => only.includes(name));
}

/** @throws {UsageError} */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parsed(args);
  const bench = BENCHES.find((name) => name === positionals[0]);
  if (bench === undefined || positionals.length !== 1) throw new UsageError("Give the name of one benchmark.");
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new UsageError("--rounds must be a whole number, 1 or more.");
  return { bench, rounds, quick: values.quick, baseline: values.baseline, only: values.only };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: "string" },
        quick: { type: "boolean", default: false },
        baseline: { type: "string" },
        only: { type: "string", multiple: true, default: [] },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

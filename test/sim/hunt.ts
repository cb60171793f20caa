import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.ts";
import { campaign } from "./campaign.ts";
import type { Mutant } from "./mutants/mutant.ts";

/** From each of these, a mutant must fall. */
export const MUTANT_SEEDS: readonly number[] = [1, 2, 3, 4, 5];

/** The median of the seeds must be within so many runs. */
const WITHIN_RUNS = 2_000;

/** How a mutant fared. */
export interface Hunted {
  readonly mutant: Mutant;
  /** Runs until it fell, by seed; `undefined`: it did not. */
  readonly runs: readonly (number | undefined)[];
  readonly medianRuns: number;
  /** The rules it broke first. */
  readonly rules: readonly string[];
  /** Or, with nothing broken, that it stands. */
  readonly isCaught: boolean;
}

/** What is run with nothing broken, so that a fall means something. */
function controls(mutants: readonly Mutant[]): Mutant[] {
  const sets = new Map(mutants.map(({ stores }) => [String(stores ?? "all"), stores]));
  return [...sets].map(([name, stores]) => ({
    name: `nothing is broken (stores: ${name})`,
    replacements: [],
    ...(stores !== undefined && { stores }),
  }));
}

/** Runs each mutant until it falls; what nothing was done to must not. */
export async function hunt(
  mutants: readonly Mutant[],
  folder: string,
  log: (line: string) => void,
  seeds: readonly number[] = MUTANT_SEEDS,
): Promise<Hunted[]> {
  const hunted: Hunted[] = [];
  for (const [n, mutant] of [...mutants, ...controls(mutants)].entries()) {
    const path = join(folder, `mutant-${n}.mjs`);
    await bundle(path, mutant.replacements);
    const file = pathToFileURL(path).href;
    const runs: (number | undefined)[] = [];
    const rules = new Set<string>();
    for (const seed of seeds) {
      const workers = Math.min(2, availableParallelism());
      const stores = mutant.stores === undefined ? {} : { stores: mutant.stores };
      const result = await campaign({
        bundle: file,
        faults: Number.POSITIVE_INFINITY,
        runs: WITHIN_RUNS,
        seed,
        workers,
        ...stores,
      });
      const [first] = result.violations;
      if (first !== undefined) rules.add(first.rule);
      runs.push(result.firstViolated);
    }
    const sorted = runs.map((count) => count ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
    const medianRuns = sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
    const isControl = mutant.replacements.length === 0;
    const isCaught = isControl ? runs.every((count) => count === undefined) : medianRuns <= WITHIN_RUNS;
    hunted.push({ mutant, runs, medianRuns, rules: [...rules], isCaught });
    log(
      `${isControl ? (isCaught ? "stands" : "FELL  ") : isCaught ? "caught" : "MISSED"}  ${mutant.name}  (${runs.map((count) => count ?? "-").join(", ")} runs)`,
    );
  }
  return hunted;
}

import { FAULT_KINDS, type Fault } from "../../packages/testing/src/simulator/faults.ts";
import type { RunOptions } from "../../packages/testing/src/simulator/index.ts";
import type { CampaignResult } from "./campaign.ts";
import type { Hunted } from "./hunt.ts";

/** Faults by kind, and how much was simulated. */
export function faultTable(result: CampaignResult, seconds: number): string {
  const { faults, total, runs, steps, managers, holders, leases, simulatedMs, largest, violations } = result;
  const show = (value: number) => value.toLocaleString("en");
  const rows = FAULT_KINDS.map((kind) => {
    const share = total === 0 ? 0 : (100 * faults[kind]) / total;
    return `${kind.padEnd(22)} ${show(faults[kind]).padStart(12)} ${share.toFixed(1).padStart(6)} %`;
  });
  return [
    ...rows,
    `${"all faults".padEnd(22)} ${show(total).padStart(12)}`,
    "",
    `runs ${show(runs)}, steps ${show(steps)}, managers ${show(managers)}, holders ${show(holders)}, leases ${show(leases)}`,
    `simulated ${show(Math.round(simulatedMs / 3_600_000))} hours in ${show(Math.round(seconds))} s`,
    `largest run: ${largest.pools} pools, ${largest.resources} resources, ${largest.tickets} tickets, ${largest.managers} managers at once`,
    `violations ${violations.length}`,
  ].join("\n");
}

/** In so many faults over all scenarios, each kind has a share that says something about how they are drawn. */
export const BALANCED_FROM = 200_000;

/** Kinds that are fewer than 1 % or more than 30 % of all faults. */
export function unbalanced({ faults, total }: Pick<CampaignResult, "faults" | "total">): Fault[] {
  return FAULT_KINDS.filter((kind) => faults[kind] < 0.01 * total || faults[kind] > 0.3 * total);
}

export function mutantTable(hunted: readonly Hunted[]): string {
  const rows = hunted.map(({ mutant, runs, medianRuns, rules }) =>
    [
      mutant.name.padEnd(44),
      String(medianRuns).padStart(8),
      runs
        .map((count) => count ?? "-")
        .join(" ")
        .padEnd(28),
      rules.join(", "),
    ].join("  "),
  );
  return [["mutant".padEnd(44), "  median", "runs by seed".padEnd(28), "broke"].join("  "), ...rows].join("\n");
}

/** What to type to see a run again. */
export function replayCommand({ seed, only, holders, stores }: RunOptions): string {
  const parts = [`npm run sim -- --replay ${seed}`];
  for (const store of stores ?? []) parts.push(`--store ${store}`);
  if (only !== undefined) parts.push(`--only ${[...only].join(",")}`);
  if (holders !== undefined) parts.push(`--holders ${holders}`);
  return parts.join(" ");
}

import { rounded } from "./statistics.ts";
import { table } from "./table.ts";

/** A goal, and how far we are. Reported, never enforced: the machine may be busy. */
export interface Bar {
  readonly name: string;
  readonly figure: number;
  /** What is wanted, for people: `≥ 2`. */
  readonly bar: string;
  readonly ok: boolean;
}

/** A tree of numbers, for programs. */
export interface Figures {
  readonly [name: string]: number | string | Figures;
}

export interface Report {
  readonly bench: string;
  readonly figures: Figures;
  readonly bars: readonly Bar[];
}

export function atLeast(name: string, figure: number, goal: number): Bar {
  return { name, figure: rounded(figure), bar: `≥ ${goal}`, ok: figure >= goal };
}

export function above(name: string, figure: number, goal: number): Bar {
  return { name, figure: rounded(figure), bar: `> ${goal}`, ok: figure > goal };
}

export function atMost(name: string, figure: number, goal: number): Bar {
  return { name, figure: rounded(figure), bar: `≤ ${goal}`, ok: figure <= goal };
}

export function below(name: string, figure: number, goal: number): Bar {
  return { name, figure: rounded(figure), bar: `< ${goal}`, ok: figure < goal };
}

/** The bars for people, then everything on one line for programs. */
export function print({ bench, figures, bars }: Report): void {
  const rows = bars.map(({ name, figure, bar, ok }) => [name, String(figure), bar, ok ? "ok" : "MISSED"]);
  console.log(`\n${table(["bar", "figure", "wanted", ""], rows)}\n`);
  console.log(JSON.stringify({ bench, figures, bars }));
}

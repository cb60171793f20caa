import * as v from "valibot";
import type { Conditions } from "../engine/conditions.js";
import { type Duration, durationMs } from "../model/duration.js";
import { nearest } from "../model/nearest.js";
import type { Provider } from "../provider/provider.js";
import { isObject, object, type Problem, span, text, twiceIn } from "./parse.js";

/** The conditions of a pool's resources, and what becomes of those in some of them. */
export interface ConditionOptions {
  /** All there are. Whoever acquires without a condition gets one in the first. */
  readonly names: readonly string[];
  /** Of a resource that was made. Default: the first. */
  readonly initial?: string;
  /** Of a resource that was released without saying. Default: the first. */
  readonly released?: string;
  /** Of a resource whose lease expired, that failed and is reset, or that was adopted. Default: `clean.from`, otherwise `released`. */
  readonly abandoned?: string;
  /** What the provider's `reset` does: who is in `from` is reset, and `to` afterwards. Needs the provider's `reset`. */
  readonly clean?: {
    /** Of those that are to be reset. */
    readonly from: string;
    /** While they are reset. Default: `from`. */
    readonly via?: string;
    /** Afterwards. When the reset failed, they are `from` again, and reset after a pause. */
    readonly to: string;
  };
  /** What is lent and not heard of is taken away from its holder: by no `update`, `renew` or `acquire`. */
  readonly silent?: {
    /** In which conditions: one or several. */
    readonly in: string | readonly string[];
    /** For how long. A lease of `acquire` that this process renews is always heard of. */
    readonly after: Duration;
    /** What it is afterwards. */
    readonly to: string;
  };
}

type Part<Name extends keyof ConditionOptions> = NonNullable<ConditionOptions[Name]>;

const optional = v.optional;
const names = v.pipe(v.array(text(), "must be a list of names"), v.minLength(1, "must have at least one name"));

const options = object<ConditionOptions>({
  names,
  initial: optional(text()),
  released: optional(text()),
  abandoned: optional(text()),
  clean: optional(object<Part<"clean">>({ from: text(), via: optional(text()), to: text() })),
  silent: optional(
    object<Part<"silent">>({
      in: v.lazy((given) => (Array.isArray(given) ? names : text()) as v.GenericSchema),
      after: span,
      to: text(),
    }),
  ),
});

export const conditions = v.lazy((given) => (isObject(given) ? options : names) as v.GenericSchema);

type Given = readonly string[] | ConditionOptions;

function full(given: Given): ConditionOptions {
  return "names" in given ? given : { names: given };
}

export function conditionsOf(given: Given | undefined): Conditions | undefined {
  if (given === undefined) return undefined;
  const { names, clean, silent, ...rest } = full(given);
  const [first = ""] = names;
  const { initial = first, released = first, abandoned = clean?.from ?? released } = rest;
  return {
    names,
    initial,
    released,
    abandoned,
    clean: clean && { from: clean.from, via: clean.via ?? clean.from, to: clean.to },
    silent: silent && {
      in: typeof silent.in === "string" ? [silent.in] : silent.in,
      afterMs: durationMs(silent.after, "conditions.silent.after"),
      to: silent.to,
    },
  };
}

/** What is no condition of a list of them. */
export function noCondition(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const hint = near === undefined ? `they are ${known.join(", ")}` : `did you mean "${near}"?`;
  return `"${name}" is no condition of this pool, ${hint}`;
}

/** Names that are not declared, and options that make no sense together. */
export function contradictionsOfConditions(given: Given, provider: Provider<unknown, unknown>): Problem[] {
  const problems: Problem[] = [];
  const { names, initial, released, abandoned, clean, silent } = full(given);
  const twice = twiceIn(names);
  if (twice !== undefined) problems.push({ path: "conditions.names", problem: `has "${twice}" twice` });
  const used: readonly (readonly [path: string, name: string | undefined])[] = [
    ["initial", initial],
    ["released", released],
    ["abandoned", abandoned],
    ["clean.from", clean?.from],
    ["clean.via", clean?.via],
    ["clean.to", clean?.to],
    ...[silent?.in ?? []].flat().map((name) => ["silent.in", name] as const),
    ["silent.to", silent?.to],
  ];
  for (const [path, name] of used) {
    if (name === undefined || names.includes(name)) continue;
    problems.push({ path: `conditions.${path}`, problem: noCondition(name, names) });
  }
  if (clean === undefined) return problems;
  if (clean.from === clean.to) {
    problems.push({ path: "conditions.clean.to", problem: "must be another condition than from" });
  }
  if (provider.reset === undefined) {
    problems.push({ path: "conditions.clean", problem: `provider "${provider.name}" has no reset` });
  }
  return problems;
}

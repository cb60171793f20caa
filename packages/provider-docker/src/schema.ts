import { type Duration, nearest, tryDurationMs, WarmpoolError } from "@warmpool/core";
import * as v from "valibot";

const DURATION = 'must be a duration (milliseconds, or a number with one of the units ms, s, m, h, d, such as "30s")';

/** Node's timers hold no more; beyond it they fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A duration above 0. */
export const span = v.pipe(
  v.custom<Duration>((value) => (tryDurationMs(value) ?? 0) > 0, `${DURATION}, above 0`),
  v.check((value) => (tryDurationMs(value) ?? 0) <= LONGEST_TIMER_MS, "must be at most 24 days"),
);

export const text = v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty"));

export const flag = v.boolean("must be true or false");

const POSITIVE = "must be a whole number of 1 or more";
export const positive = v.pipe(v.number(POSITIVE), v.safeInteger(POSITIVE), v.minValue(1, POSITIVE));

export const texts = v.array(v.string("must be a text"), "must be an array of texts");

/** Texts by name. */
export const named = v.record(v.string(), v.string("must be a text"), "must be an object of texts");

/** What each option must be: all that the type has, and no others. */
export type Entries<Options> = { readonly [Name in keyof Options]-?: v.GenericSchema };

/** An object with these options and no others. @param required Those that must be there. Default: none. */
export function options<Options>(
  entries: Entries<Options>,
  required: readonly (keyof Options & string)[] = [],
): v.GenericSchema<Options> {
  const known = Object.keys(entries);
  const optional = Object.fromEntries(
    Object.entries<v.GenericSchema>(entries).map(([name, schema]) => [name, v.optional(schema)]),
  );
  return v.pipe(
    v.looseObject(optional, "must be an object"),
    v.rawCheck(({ dataset, addIssue }) => {
      const given = dataset.value as Record<string, unknown>;
      const complain = (key: string, message: string) => {
        const at: v.UnknownPathItem = { type: "unknown", origin: "key", input: undefined, key, value: undefined };
        addIssue({ message, path: [at] });
      };
      for (const key of required) if (given[key] === undefined) complain(key, "is required");
      for (const key of Object.keys(given)) {
        if (known.includes(key)) continue;
        const meant = nearest(key, known);
        complain(
          key,
          meant === undefined
            ? `unknown option, known are ${known.join(", ")}`
            : `unknown option, did you mean "${meant}"?`,
        );
      }
    }),
  ) as never;
}

export interface Problem {
  readonly path: string;
  readonly problem: string;
}

/** What is wrong with a value. Never says the value: it may be a secret. */
export function problemsOf(schema: v.GenericSchema, value: unknown): Problem[] {
  const result = v.safeParse(schema, value);
  if (result.success) return [];
  return result.issues.map((issue) => ({ path: v.getDotPath(issue) ?? "options", problem: issue.message }));
}

export function invalid(provider: string, problems: readonly Problem[]): WarmpoolError<"INVALID_OPTIONS"> {
  const lines = problems.map(({ path, problem }) => `${path}: ${problem}${problem.endsWith("?") ? "" : "."}`);
  return new WarmpoolError("INVALID_OPTIONS", `Options of provider "${provider}": ${lines.join(" ")}`, {
    details: { problems },
  });
}

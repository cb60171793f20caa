import * as v from "valibot";
import { type Duration, tryDurationMs } from "../model/duration.js";
import { WarmpoolError } from "../model/error.js";
import { nearest } from "../model/nearest.js";

const DURATION = 'must be a duration (milliseconds, or a number with one of the units ms, s, m, h, d, such as "30s")';

/** A duration, 0 too. */
export const duration = v.custom<Duration>((value) => tryDurationMs(value) !== undefined, DURATION);

/** A duration where 0 would mean "all the time" or "never in time". */
export const span = v.pipe(
  duration,
  v.check((value) => tryDurationMs(value) !== 0, "must be longer than 0"),
);

const WHOLE = "must be a whole number";
export const whole = v.pipe(v.number(WHOLE), v.safeInteger(WHOLE));

/** A number of things. */
export const positive = v.pipe(whole, v.minValue(1, "must be 1 or more"));

export const flag = v.boolean("must be true or false");

/** @param requirement What a value must be that is no text at all. */
export const text = (requirement = "must be a text") => v.pipe(v.string(requirement), v.nonEmpty("must not be empty"));

/** What each option must be: all that the type has, and no others. */
export type Entries<Options> = { readonly [Name in keyof Options]-?: v.GenericSchema };

/** An object with these options. */
export function object<Options>(entries: Entries<Options>): v.GenericSchema<Options> {
  const known = entries as Readonly<Record<string, v.GenericSchema & { readonly message?: unknown }>>;
  return v.pipe(
    v.custom<Record<string, unknown>>(isObject, "must be an object"),
    // What is missing is told what it must be.
    v.looseObject(known, ({ path }) => String(known[path?.[0].key as string]?.message)),
    v.rawCheck(({ dataset, addIssue }) => {
      for (const key of Object.keys(dataset.value as object)) {
        if (Object.hasOwn(known, key)) continue;
        const at: v.UnknownPathItem = { type: "unknown", origin: "key", input: undefined, key, value: undefined };
        addIssue({ message: unknownOption(key, Object.keys(known)), path: [at] });
      }
    }),
  ) as never;
}

/** An object of which every member is like this, whatever its name. `v.record` passes over one named `constructor`. */
export function record(member: v.GenericSchema): v.GenericSchema {
  return v.lazy((given) => object(Object.fromEntries(Object.keys(Object(given)).map((name) => [name, member]))));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a list of names has a second time. */
export function twiceIn(names: readonly string[]): string | undefined {
  return names.find((name, at) => names.indexOf(name) !== at);
}

export interface Problem {
  readonly path: string;
  readonly problem: string;
}

/**
 * Options that passed a schema.
 *
 * @param path What they are part of, for messages.
 * @throws {WarmpoolError} `INVALID_OPTIONS`, naming each problem, and for an unknown option the nearest known one.
 */
export function parse<Options>(schema: v.GenericSchema<Options>, options: unknown, path = ""): Options {
  const result = v.safeParse(schema, options);
  if (result.success) return result.output;
  throw problem(result.issues.map((issue) => problemOf(issue, path)));
}

export function problem(problems: readonly Problem[]): WarmpoolError<"INVALID_OPTIONS"> {
  const text = problems.map(({ path, problem }) => (path === "" ? problem : `${path}: ${problem}`)).join("; ");
  return new WarmpoolError("INVALID_OPTIONS", text.endsWith("?") ? text : `${text}.`, { details: { problems } });
}

function problemOf(issue: v.BaseIssue<unknown>, base: string): Problem {
  const { type, input, message } = issue;
  const path = [base, v.getDotPath(issue)].filter(Boolean).join(".");
  if (type === "raw_check") return { path, problem: message };
  if (input === undefined) return { path, problem: `is required: it ${message}` };
  const given = show(input);
  return { path, problem: given === undefined ? message : `${message}, not ${given}` };
}

/** What was given, for a message. Of objects nothing is shown: they may hold secrets. */
function show(value: unknown): string | undefined {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value !== null ? undefined : String(value);
}

/**
 * Checks the names of options that are parsed by hand.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function checkKnown(options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null)
    throw problem([{ path: "options", problem: "must be an object" }]);
  const problems = Object.entries(options)
    .filter(([key, value]) => value !== undefined && !known.includes(key))
    .map(([key]) => ({ path: key, problem: unknownOption(key, known) }));
  if (problems.length > 0) throw problem(problems);
}

export function unknownOption(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === undefined
    ? `unknown option, known are ${known.join(", ")}`
    : `unknown option, did you mean "${near}"?`;
}

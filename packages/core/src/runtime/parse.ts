import * as z from "zod/mini";
import { type Duration, tryDurationMs } from "../model/duration.js";
import { WarmpoolError } from "../model/error.js";
import { nearest } from "../model/nearest.js";

const DURATION = 'must be a duration (milliseconds, or a number with one of the units ms, s, m, h, d, such as "30s")';

/** A duration, 0 too. */
export const duration = z.custom<Duration>((value) => tryDurationMs(value) !== undefined, { error: DURATION });

/** A duration where 0 would mean "all the time" or "never in time". */
export const span = z
  .custom<Duration>((value) => tryDurationMs(value) !== undefined, { error: DURATION, abort: true })
  .check(z.refine((value) => tryDurationMs(value) !== 0, { error: "must be longer than 0" }));

/** A number of things. */
export const positive = z.int("must be a whole number").check(z.minimum(1, "must be 1 or more"));

export const flag = z.boolean("must be true or false");

export const text = z.string("must be a text").check(z.minLength(1, "must not be empty"));

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
export function parse<Schema extends z.ZodMiniType>(schema: Schema, options: unknown, path = ""): z.output<Schema> {
  const result = z.safeParse(schema, options, { reportInput: true });
  if (result.success) return result.data;
  throw problem(result.error.issues.flatMap((issue) => problemsOf(issue, schema, path)));
}

export function problem(problems: readonly Problem[]): WarmpoolError<"INVALID_OPTIONS"> {
  const text = problems.map(({ path, problem }) => (path === "" ? problem : `${path}: ${problem}`)).join("; ");
  return new WarmpoolError("INVALID_OPTIONS", text.endsWith("?") ? text : `${text}.`, { details: { problems } });
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodMiniType, base: string): Problem[] {
  const path = [base, ...issue.path.map(String)].filter((part) => part !== "").join(".");
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => ({
      path: path === "" ? key : `${path}.${key}`,
      problem: unknownOption(key, known),
    }));
  }
  if (issue.code === "invalid_union") {
    // A text, or an object: what is wrong with the one that was meant.
    const meant = issue.errors.flat().filter(({ path }) => path.length > 0);
    const inner = meant.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
    const unknown = issue.errors.flat().filter(({ code }) => code === "unrecognized_keys");
    const outer = unknown.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
    const told = [...inner, ...outer];
    if (told.length > 0) return told.flatMap((each) => problemsOf(each as z.core.$ZodIssue, schema, base));
  }
  const { input } = issue;
  if (input === undefined) return [{ path, problem: `is required: it ${requirement(issue)}` }];
  const given = show(input);
  return [{ path, problem: given === undefined ? requirement(issue) : `${requirement(issue)}, not ${given}` }];
}

function requirement(issue: z.core.$ZodIssue): string {
  const isObject = issue.code === "invalid_type" && (issue.expected === "object" || issue.expected === "record");
  return isObject ? "must be an object" : issue.message;
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

/** The options that the object at `path` of a schema knows. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let at: z.core.$ZodType | undefined = schema;
  for (const key of path) at = memberOf(at, key);
  return Object.keys(defOf(at)?.shape ?? {});
}

interface Def {
  readonly type: string;
  readonly shape?: Record<string, z.core.$ZodType>;
  readonly innerType?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
}

function memberOf(schema: z.core.$ZodType | undefined, key: PropertyKey): z.core.$ZodType | undefined {
  const def = defOf(schema);
  return def?.shape?.[key as string] ?? def?.valueType ?? def?.element;
}

/** The definition of an object, record or list, through whatever makes it optional or one of several. */
function defOf(schema: z.core.$ZodType | undefined): Def | undefined {
  const def = schema?._zod.def as Def | undefined;
  if (def?.innerType !== undefined) return defOf(def.innerType);
  if (def?.options !== undefined) return def.options.map(defOf).find((each) => each?.shape !== undefined);
  return def;
}

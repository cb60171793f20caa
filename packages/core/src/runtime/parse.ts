import * as z from "zod/mini";
import { WarmpoolError } from "../model/error.js";
import { nearest } from "../model/nearest.js";

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
  const result = z.safeParse(schema, options);
  if (result.success) return result.data;
  throw problem(result.error.issues.flatMap((issue) => problemsOf(issue, schema, path)));
}

export function problem(problems: readonly Problem[]): WarmpoolError<"INVALID_OPTIONS"> {
  const text = problems.map(({ path, problem }) => (path === "" ? problem : `${path}: ${problem}`)).join("; ");
  return new WarmpoolError("INVALID_OPTIONS", `${text}.`, { details: { problems } });
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
  if (issue.code === "invalid_type" && issue.input === undefined && issue.expected !== "object")
    return [{ path, problem: "is required" }];
  if (issue.code === "invalid_type" && issue.expected === "object") return [{ path, problem: "must be an object" }];
  return [{ path, problem: issue.message }];
}

export function unknownOption(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === undefined
    ? `unknown option. Known are: ${known.join(", ")}`
    : `unknown option. Did you mean "${near}"?`;
}

/** The options that the object at `path` of a schema knows. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let at: z.core.$ZodType | undefined = schema;
  for (const key of path) at = unwrap(at)?.[key as string];
  return Object.keys(unwrap(at) ?? {});
}

function unwrap(schema: z.core.$ZodType | undefined): Record<string, z.core.$ZodType> | undefined {
  const { def } = (schema?._zod ?? {}) as {
    def?: { type: string; innerType?: z.core.$ZodType; shape?: Record<string, z.core.$ZodType> };
  };
  return def?.type === "optional" ? unwrap(def.innerType) : def?.shape;
}

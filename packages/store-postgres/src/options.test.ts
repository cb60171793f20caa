import { describe, expect, test } from "vitest";
import { parseOptions } from "./options.js";

const url = "postgres://me@localhost/db";
const problemsOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

test("defaults", () => {
  expect(parseOptions(url, {})).toEqual({
    schema: "warmpool",
    leaderTtlMs: 5_000,
    connections: 4,
    migrate: true,
    listen: true,
    pollMs: 50,
    connectTimeoutMs: 30_000,
  });
});

test("a pool of pg is a database", () => {
  expect(parseOptions({ connect() {}, query() {} }, { schema: "jobs" }).schema).toBe("jobs");
});

describe.each([
  ["no address", () => parseOptions("localhost", {}), "database: must be a connection string"],
  ["nothing", () => parseOptions(undefined, {}), "database: must be a connection string"],
  ["a misspelt option", () => parseOptions(url, { schemas: "x" } as never), "schemas: unknown; did you mean schema?"],
  ["a name that would have to be quoted", () => parseOptions(url, { schema: "My-Pools" }), "schema: must be"],
  ["a leader's time that is too short", () => parseOptions(url, { leaderTtl: "100ms" }), "leaderTtl: must be"],
  ["too few connections", () => parseOptions(url, { connections: 1 }), "connections: must be"],
  [
    "connections with a pool that has its own",
    () => parseOptions({ connect() {}, query() {} }, { connections: 3 }),
    "connections: does not go with a pool",
  ],
  ["a list", () => parseOptions(url, [] as never), "options: must be an object"],
])("%s", (_, run, problem) => {
  test("is refused with what is wrong", () => expect(problemsOf(run)).toContain(problem));
});

test("everything that is wrong is told at once", () => {
  const text = problemsOf(() => parseOptions(7, { schema: "", poll: "never" as never, migrate: "yes" as never }));
  for (const path of ["database", "schema", "poll", "migrate"]) expect(text).toContain(`${path}: `);
});

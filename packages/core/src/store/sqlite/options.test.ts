import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { isWarmpoolError } from "../../model/error.js";
import { parseOptions, type SqliteStoreOptions } from "./options.js";

test("the defaults are to refuse a file in use, and to sync every commit", () => {
  expect(parseOptions("pool.db", {})).toEqual({
    name: "pool.db",
    path: resolve("pool.db"),
    waitForOwnerMs: 0,
    synchronous: "full",
    fsyncDelayMs: 0,
  });
});

test.each<[NonNullable<SqliteStoreOptions["waitForOwner"]>, number]>([
  [false, 0],
  [true, Number.POSITIVE_INFINITY],
  ["30s", 30_000],
  [250, 250],
])("waitForOwner: %j waits up to %d ms", (waitForOwner, waitForOwnerMs) => {
  expect(parseOptions("pool.db", { waitForOwner })).toMatchObject({ waitForOwnerMs });
});

describe("what doesn't parse is INVALID_OPTIONS, and says what to write instead", () => {
  test.each<[string, unknown, unknown, string]>([
    ["a path in memory", ":memory:", {}, "leave `store` out, or use memoryStore()"],
    ["no path", "", {}, "path: must be the path of a file"],
    ["a path that is none", 5, {}, "path: must be the path of a file"],
    ["a URL", "file:///var/pool.db", {}, "path: must be a path, not a URL"],
    ["a null character", "pool\0.db", {}, "null character"],
    ["an unknown option", "pool.db", { sinchronous: "full" }, "sinchronous: unknown; did you mean synchronous?"],
    [
      "an option far from all",
      "pool.db",
      { mode: 1 },
      "mode: unknown; known are waitForOwner, synchronous, fsyncDelay",
    ],
    ["an unknown mode", "pool.db", { synchronous: "off" }, 'synchronous: must be "full" or "normal"'],
    ["a wait that is none", "pool.db", { waitForOwner: "a while" }, "waitForOwner: must be true, false or a duration"],
    ["a negative delay", "pool.db", { fsyncDelay: -1 }, "fsyncDelay: must be a duration of at most 10 s"],
    [
      "a delay that stops everything",
      "pool.db",
      { fsyncDelay: "1h" },
      "fsyncDelay: must be a duration of at most 10 s",
    ],
    ["options that are none", "pool.db", "full", "options: must be an object"],
  ])("%s", (_, path, options, message) => {
    const error = problemsOf(path, options);
    expect(String(error)).toContain(message);
  });

  test("all problems are told at once", () => {
    const error = problemsOf("", { synchronous: "off", waitForOwner: "a while" });
    const problems = isWarmpoolError(error, "INVALID_OPTIONS") ? error.details.problems : [];
    expect(problems.map(({ path }) => path)).toEqual(["path", "waitForOwner", "synchronous"]);
  });

  function problemsOf(path: unknown, options: unknown): unknown {
    try {
      parseOptions(path as string, options as SqliteStoreOptions);
    } catch (error) {
      expect(isWarmpoolError(error, "INVALID_OPTIONS")).toBe(true);
      return error;
    }
    throw new Error("accepted");
  }
});

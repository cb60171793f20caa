import { describe, expect, test } from "vitest";
import { openingFailure, Refusal, workingFailure } from "./failure.js";

/** An error as node:sqlite throws it, with SQLite's extended result code. */
function sqliteError(errcode: number): Error {
  return Object.assign(new Error(`code ${errcode}`), { code: "ERR_SQLITE_ERROR", errcode });
}

describe("in an open file", () => {
  test.each([
    ["another connection is writing (BUSY)", 5, "UNCERTAIN"],
    ["another connection recovers the log (BUSY_RECOVERY)", 261, "UNCERTAIN"],
    ["out of memory (NOMEM)", 7, "UNCERTAIN"],
    ["a read or write failed (IOERR)", 10, "UNCERTAIN"],
    ["an fsync failed (IOERR_FSYNC)", 1_034, "UNCERTAIN"],
    ["the disk is full (FULL)", 13, "UNCERTAIN"],
    ["too many open files (CANTOPEN)", 14, "UNCERTAIN"],
    ["the file is damaged (CORRUPT)", 11, "STORE_CORRUPT"],
    ["the file is something else now (NOTADB)", 26, "STORE_CORRUPT"],
    ["the file became read-only (READONLY)", 8, "STORE_FAILED"],
    ["a table is missing (ERROR)", 1, "STORE_FAILED"],
    ["a record is too big (TOOBIG)", 18, "STORE_FAILED"],
  ])("%s", (_, errcode, code) => {
    expect(workingFailure(sqliteError(errcode), "pool.db").code).toBe(code);
  });

  test("what isn't SQLite's error refuses for good: repeating it would repeat the bug", () => {
    expect(workingFailure(new TypeError("not a string"), "pool.db").code).toBe("STORE_FAILED");
  });
});

describe("while it is opened", () => {
  test.each([
    ["another connection has it (BUSY)", 5, "STORE_IN_USE"],
    ["the file is damaged (CORRUPT)", 11, "STORE_CORRUPT"],
    ["the file is no database (NOTADB)", 26, "STORE_CORRUPT"],
    ["it may not be written (READONLY)", 8, "STORE_FAILED"],
    ["the disk is full (FULL)", 13, "STORE_FAILED"],
    ["it cannot be opened (CANTOPEN)", 14, "STORE_FAILED"],
  ])("%s", (_, errcode, code) => {
    expect(openingFailure(sqliteError(errcode), "pool.db").code).toBe(code);
  });
});

test("what was recognised where it happened stays what it is", () => {
  const failure = { code: "FENCED", message: "over", details: { epoch: 1 } } as const;
  expect(workingFailure(new Refusal(failure), "pool.db")).toBe(failure);
  expect(openingFailure(new Refusal(failure), "pool.db")).toBe(failure);
});

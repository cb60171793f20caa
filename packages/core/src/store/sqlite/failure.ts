import type { Failure } from "./protocol.js";

/** A failure that was recognised where it happened. */
export class Refusal extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** SQLite's primary result codes, https://sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
const NO_MEMORY = 7;
const READ_ONLY = 8;
const INTERRUPTED = 9;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const PROTOCOL = 15;
const NOT_A_DATABASE = 26;

/** What passes by itself, or once somebody has made room: nothing was lost, and trying again is right. */
const PASSING = new Set([BUSY, LOCKED, NO_MEMORY, INTERRUPTED, IO_ERROR, FULL, CANNOT_OPEN, PROTOCOL]);

/** SQLite's primary result code, or `undefined` if the error isn't SQLite's. */
function sqliteCode(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === "number" ? errcode & 0xff : undefined;
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
}

export function isReadOnly(error: unknown): boolean {
  return sqliteCode(error) === READ_ONLY;
}

/** What to tell about an error while the file was being opened. */
export function openingFailure(error: unknown, name: string): Failure {
  if (error instanceof Refusal) return error.failure;
  switch (sqliteCode(error)) {
    case BUSY:
    case LOCKED:
      return inUse(name, error);
    case CORRUPT:
    case NOT_A_DATABASE:
      return corrupt(name, error);
    case READ_ONLY:
      return failed(name, "it cannot be written: check the permissions of the file and its directory", error);
    default:
      return failed(name, `it cannot be opened: ${text(error)}`, error);
  }
}

/** What to tell about an error in a file that is open. */
export function workingFailure(error: unknown, name: string): Failure {
  if (error instanceof Refusal) return error.failure;
  const code = sqliteCode(error);
  if (code === CORRUPT || code === NOT_A_DATABASE) return corrupt(name, error);
  if (code !== undefined && PASSING.has(code)) {
    const message = `sqlite ${name}: ${text(error)} (SQLite code ${code}). Whether it happened is not known; it can be repeated.`;
    return { code: "UNCERTAIN", message, cause: error };
  }
  return failed(name, `it refuses: ${text(error)}`, error);
}

export function inUse(name: string, cause?: unknown): Failure {
  return {
    code: "STORE_IN_USE",
    message:
      `sqlite ${name}: it is open elsewhere, in another process or through another store object of this one, and ` +
      "a SQLite store serves one at a time. Close that one, wait for it with `waitForOwner: true`, or give this one " +
      "a file of its own.",
    details: { store: `sqlite ${name}` },
    cause,
  };
}

export function corrupt(name: string, cause: unknown): Failure {
  return {
    code: "STORE_CORRUPT",
    message:
      `sqlite ${name}: it is damaged or not a SQLite database (${text(cause)}). It was left as it is. Put a backup in ` +
      "its place, or save what can be read with `sqlite3 FILE .recover`, or move it away to start with an empty store.",
    details: { store: `sqlite ${name}` },
    cause,
  };
}

export function failed(name: string, problem: string, cause?: unknown): Failure {
  return {
    code: "STORE_FAILED",
    message: `sqlite ${name}: ${problem}.`,
    details: { store: `sqlite ${name}` },
    cause,
  };
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

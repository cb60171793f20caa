import { resolve } from "node:path";
import { type Duration, tryDurationMs } from "../../model/duration.js";
import { OptionProblems } from "../option-problems.js";

/** How to keep records in a SQLite file. */
export interface SqliteStoreOptions {
  /**
   * What to do when another process has the file open: `false` refuses at once with `STORE_IN_USE`, `true` waits as
   * long as it takes, a duration waits at most that long. While it waits it tries about every 0.2 s.
   * Default: `false`.
   */
  readonly waitForOwner?: boolean | Duration;
  /**
   * What a commit that resolved survives. `"full"`: also a power cut, at the price of one fsync a commit (many changes
   * share one). `"normal"`: a crash of this process, but a power cut or a crash of the operating system can take the
   * last commits back, leases among them, so that a resource may be lent twice. Default: `"full"`.
   */
  readonly synchronous?: "full" | "normal";
  /**
   * For tests: how long every commit waits before its fsync, as on a slow or busy disk. `0` to 10 s. Default: 0.
   */
  readonly fsyncDelay?: Duration;
}

/** Options as the store uses them: checked, with their defaults, in milliseconds. */
export interface SqliteSettings {
  /** For messages: the path as it was given. */
  readonly name: string;
  /** Absolute: a later change of the working directory must not move the store. */
  readonly path: string;
  /** How long to wait for another owner; 0: not at all. */
  readonly waitForOwnerMs: number;
  readonly synchronous: "full" | "normal";
  readonly fsyncDelayMs: number;
}

const KNOWN: readonly (keyof SqliteStoreOptions)[] = ["waitForOwner", "synchronous", "fsyncDelay"];
const LONGEST_FSYNC_DELAY_MS = 10_000;

/** @throws {WarmpoolError} `INVALID_OPTIONS`, with every problem in its details. */
export function parseOptions(path: string, options: SqliteStoreOptions): SqliteSettings {
  const problems = new OptionProblems("sqliteStore");

  const pathProblem = problemOfPath(path);
  if (pathProblem !== undefined) problems.report("path", pathProblem);

  problems.checkKeys(options, KNOWN);
  const { synchronous = "full", fsyncDelay = 0 } = options;
  const waitForOwnerMs = problems.ownerWaitMs(options.waitForOwner);
  if (synchronous !== "full" && synchronous !== "normal") problems.report("synchronous", `must be "full" or "normal"`);
  const fsyncDelayMs = tryDurationMs(fsyncDelay) ?? Number.POSITIVE_INFINITY;
  if (fsyncDelayMs > LONGEST_FSYNC_DELAY_MS) {
    problems.report("fsyncDelay", `must be a duration of at most 10 s, such as "50ms"`);
  }

  problems.throwIfAny();
  return { name: path, path: resolve(path), waitForOwnerMs, synchronous, fsyncDelayMs };
}

function problemOfPath(path: unknown): string | undefined {
  if (typeof path !== "string" || path === "") return "must be the path of a file";
  // SQLite would take these for a database that vanishes, and for a URL with options of its own.
  if (path === ":memory:") return "a store in memory needs no SQLite: leave `store` out, or use memoryStore()";
  if (path.startsWith("file:")) return "must be a path, not a URL: use fileURLToPath() of node:url";
  if (path.includes("\0")) return "must not contain a null character";
  return undefined;
}

import { type Duration, nearest, tryDurationMs, WarmpoolError } from "@warmpool/core";
import type { PoolLike } from "./database.js";

/** How to keep records in a PostgreSQL database. */
export interface PostgresStoreOptions {
  /**
   * The schema that holds the tables: lower-case letters, digits and `_`, up to 40. Stores in different schemas never meet.
   * Default: `"warmpool"`.
   */
  readonly schema?: string;
  /**
   * Within this time after the last word of a leader that died, another process leads. A leader is taken for dead after four
   * fifths of it. 200 ms to 5 min. A shorter one asks the database more often (each process that waits to lead about eight
   * times in it), and takes a leader that a busy machine held up for dead. Default: 5 s.
   */
  readonly leaderTtl?: Duration;
  /**
   * The most connections that this store opens, 2 to 100. One listens, where that works. Not with a pool of yours, which has
   * a limit of its own. Default: 4.
   */
  readonly connections?: number;
  /**
   * Whether opening makes the tables and brings them up to date. `false` refuses with `STORE_FAILED` when they are not what
   * this release needs: for roles that may not create, with `migratePostgres()` in the deployment. Default: `true`.
   */
  readonly migrate?: boolean;
  /**
   * Whether to listen for notifications, which saves up to a poll's time (see `poll`). `"auto"`: listens, finds out whether it
   * is heard (behind PgBouncer in transaction mode it is not), and else only polls. Default: `"auto"`.
   */
  readonly listen?: "auto" | false;
  /** How often to look for news where nothing is heard by listening. 5 ms to 10 s. Default: 50 ms. */
  readonly poll?: Duration;
  /**
   * How long the first opening keeps trying to reach a database that does not answer. Later ones try for as long as the pool
   * lives. Default: 30 s.
   */
  readonly connectTimeout?: Duration;
}

/** Options as the store uses them: checked, with their defaults, in milliseconds. */
export interface PostgresSettings {
  readonly schema: string;
  readonly leaderTtlMs: number;
  readonly connections: number;
  readonly migrate: boolean;
  readonly listen: boolean;
  readonly pollMs: number;
  readonly connectTimeoutMs: number;
}

const KNOWN: readonly (keyof PostgresStoreOptions)[] = [
  "schema",
  "leaderTtl",
  "connections",
  "migrate",
  "listen",
  "poll",
  "connectTimeout",
];

/** @throws {WarmpoolError} `INVALID_OPTIONS`, with every problem in its details. */
export function parseOptions(database: unknown, options: PostgresStoreOptions): PostgresSettings {
  const problems: { path: string; problem: string }[] = [];
  const report = (path: string, problem: string) => problems.push({ path, problem });

  if (!isAddress(database) && !isPool(database)) {
    report("database", `must be a connection string such as "postgres://user@host/database", or a pool of pg`);
  }
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    report("options", "must be an object");
    throw invalid(problems);
  }
  for (const key of Object.keys(options)) {
    if ((KNOWN as readonly string[]).includes(key)) continue;
    const meant = nearest(key, KNOWN);
    report(key, meant === undefined ? `unknown; known are ${KNOWN.join(", ")}` : `unknown; did you mean ${meant}?`);
  }

  const { schema = "warmpool", connections = 4, migrate = true, listen = "auto" } = options;
  // Names of channels bear it: PostgreSQL cuts longer ones off.
  if (typeof schema !== "string" || !/^[a-z_][a-z0-9_]{0,39}$/.test(schema)) {
    report("schema", "must be 1 to 40 lower-case letters, digits and _, and not begin with a digit");
  }
  if (!Number.isInteger(connections) || connections < 2 || connections > 100) {
    report("connections", "must be a whole number from 2 to 100");
  } else if (options.connections !== undefined && isPool(database)) {
    report("connections", "does not go with a pool of yours, which has a limit of its own");
  }
  if (typeof migrate !== "boolean") report("migrate", "must be true or false");
  if (listen !== "auto" && listen !== false) report("listen", `must be "auto" or false`);
  const within = (path: keyof PostgresStoreOptions, value: Duration, leastMs: number, mostMs: number, such: string) => {
    const ms = tryDurationMs(value);
    if (ms !== undefined && ms >= leastMs && ms <= mostMs) return ms;
    report(path, `must be a duration of ${such}`);
    return Number.NaN;
  };
  const settings = {
    schema,
    leaderTtlMs: within("leaderTtl", options.leaderTtl ?? "5s", 200, 300_000, `200 ms to 5 min, such as "5s"`),
    connections,
    migrate,
    listen: listen === "auto",
    pollMs: within("poll", options.poll ?? "50ms", 5, 10_000, `5 ms to 10 s, such as "50ms"`),
    connectTimeoutMs: within(
      "connectTimeout",
      options.connectTimeout ?? "30s",
      0,
      3_600_000,
      `at most 1 h, such as "30s"`,
    ),
  };
  if (problems.length > 0) throw invalid(problems);
  return settings;
}

function isAddress(database: unknown): database is string {
  return typeof database === "string" && /^postgres(ql)?:\/\//.test(database);
}

function isPool(database: unknown): database is PoolLike {
  if (typeof database !== "object" || database === null) return false;
  const { connect, query } = database as Partial<PoolLike>;
  return typeof connect === "function" && typeof query === "function";
}

function invalid(problems: readonly { path: string; problem: string }[]): WarmpoolError<"INVALID_OPTIONS"> {
  const list = problems.map(({ path, problem }) => `${path}: ${problem}`).join("; ");
  return new WarmpoolError("INVALID_OPTIONS", `postgresStore: ${list}.`, { details: { problems } });
}

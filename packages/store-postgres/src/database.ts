import type { Pool } from "pg";
import { messageOf, sqlState } from "./failure.js";

/** A row, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** A statement with its values. */
export interface Statement {
  /** Under which the server keeps it prepared for the connection. */
  readonly name?: string;
  /** With `$1`, `$2` … for values. */
  readonly text: string;
  /** In the order of their numbers. */
  readonly values?: unknown[];
}

/** What the store needs of a pool of `pg`. */
export interface PoolLike {
  /** A connection, for as long as it is not released. */
  connect(): Promise<ClientLike>;
  /** Runs a statement over any connection. */
  query(statement: Statement): Promise<{ rows: Row[] }>;
}

/** What the store needs of a connection of `pg`. */
export interface ClientLike {
  /** Runs a statement. */
  query(statement: Statement): Promise<{ rows: Row[] }>;
  /** Somebody notifies a channel that this connection listens to. */
  on(event: "notification", listener: (message: { channel: string; payload?: string | undefined }) => void): unknown;
  /** The connection is lost. */
  on(event: "error" | "end", listener: (error?: Error) => void): unknown;
  /** Takes a listener off again. */
  off(event: "error", listener: (error?: Error) => void): unknown;
  /**
   * Gives the connection back.
   *
   * @param destroy The connection is of no use any more.
   */
  release(destroy?: boolean | Error): void;
}

/** Statements to a database, over few connections, each with a time within which it is answered or given up. */
export class Database {
  readonly #source: string | PoolLike;
  readonly #connections: number;
  #pool: Promise<PoolLike & { end?(): Promise<void> }> | undefined;

  constructor(source: string | PoolLike, connections: number) {
    this.#source = source;
    this.#connections = connections;
  }

  /** Runs one statement, which is a transaction of its own. */
  async query(statement: Statement, timeoutMs: number): Promise<Row[]> {
    return await this.#with(timeoutMs, async (client) => (await client.query(statement)).rows);
  }

  /** Runs several statements in one transaction, which is rolled back when `run` rejects. */
  async transaction<T>(run: (query: ClientLike["query"]) => Promise<T>, timeoutMs: number): Promise<T> {
    return await this.#with(timeoutMs, async (client) => {
      // Whatever the database does by default: who waited for a lock has to see what was done under it.
      await client.query({ text: "BEGIN ISOLATION LEVEL READ COMMITTED" });
      try {
        const result = await run((statement) => client.query(statement));
        await client.query({ text: "COMMIT" });
        return result;
      } catch (error) {
        // On a connection that is gone this fails too, and nothing has to be rolled back.
        await client.query({ text: "ROLLBACK" }).catch(() => {});
        throw error;
      }
    });
  }

  /** A connection for as long as the caller wants it. */
  async connect(timeoutMs: number): Promise<ClientLike> {
    const connecting = (await this.#open()).connect();
    return await within(connecting, timeoutMs, () => {
      connecting.then(
        (client) => client.release(true),
        () => {},
      );
    });
  }

  /** Closes its connections. A pool of the user's stays open. It can be used again: then it connects anew. */
  async end(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await (await pool?.catch(() => undefined))?.end?.();
  }

  async #with<T>(timeoutMs: number, run: (client: ClientLike) => Promise<T>): Promise<T> {
    const startMs = performance.now();
    const client = await this.connect(timeoutMs);
    // Between two statements nobody else listens; whatever is wrong with the connection, the next statement says.
    const ignore = () => {};
    client.on("error", ignore);
    let usable = false;
    try {
      const result = await within(run(client), Math.max(1, timeoutMs - (performance.now() - startMs)));
      usable = true;
      return result;
    } catch (error) {
      // The server has answered, and goes on; unless it is shutting down.
      const state = sqlState(error);
      usable = state !== undefined && !state.startsWith("57P");
      throw error;
    } finally {
      client.off("error", ignore);
      client.release(!usable);
    }
  }

  #open(): Promise<PoolLike & { end?(): Promise<void> }> {
    this.#pool ??= this.#connect();
    return this.#pool;
  }

  async #connect(): Promise<PoolLike & { end?(): Promise<void> }> {
    if (typeof this.#source !== "string") {
      const { connect, query } = this.#source;
      return { connect: connect.bind(this.#source), query: query.bind(this.#source) };
    }
    // Nothing of it is loaded before the first use.
    const { default: pg } = await import("pg");
    const pool: Pool = new pg.Pool({
      connectionString: this.#source,
      max: this.#connections,
      keepAlive: true,
      application_name: "warmpool",
      idleTimeoutMillis: 60_000,
    });
    // A connection that dies while idle: the pool has dropped it already.
    pool.on("error", () => {});
    return pool as unknown as PoolLike & { end(): Promise<void> };
  }
}

/** An answer that did not come in time. */
class TimedOut extends Error {
  constructor(ms: number) {
    super(`no answer within ${Math.round(ms)} ms`);
  }
}

async function within<T>(answer: Promise<T>, ms: number, late?: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late?.();
      reject(new TimedOut(ms));
    }, ms);
  });
  try {
    return await Promise.race([answer, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whom messages name: host and database, never the password. */
export function nameOf(source: string | PoolLike): string {
  if (typeof source !== "string") return "postgres";
  try {
    const { hostname, port, pathname } = new URL(source);
    return `postgres ${decodeURIComponent(hostname)}${port === "" ? "" : `:${port}`}${pathname}`;
  } catch (error) {
    return `postgres (${messageOf(error)})`;
  }
}

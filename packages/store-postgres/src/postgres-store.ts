import process from "node:process";
import {
  type ConnectOptions,
  type OpenOptions,
  type SessionPost,
  type Store,
  type StoreSession,
  sharing,
} from "@warmpool/core";
import { Bell } from "./bell.js";
import { Database, nameOf, type PoolLike } from "./database.js";
import { campaign } from "./election.js";
import { drawId } from "./id.js";
import { migrate, requireVersion } from "./migrate.js";
import { SCHEMA_VERSION } from "./migrations.js";
import { Namespace } from "./namespace.js";
import { type PostgresSettings, type PostgresStoreOptions, parseOptions } from "./options.js";
import { requireWanted, untilReachable } from "./reaching.js";
import { PostgresSession } from "./session.js";
import { PostgresSessionPost } from "./session-post.js";

/**
 * Keeps records in a PostgreSQL database (14 or later) that many processes share: one of them leads a namespace, the others
 * take over within `leaderTtl` when it dies, at once when it closes.
 *
 * Nothing connects before the store's first use. With a connection string it opens a few connections of its own; with a pool
 * of `pg` it uses that, and leaves it open. Its tables are in a schema of their own, which the first opening makes.
 *
 * @param database `"postgres://user@host/database"`, with what else the `pg` package understands (`sslmode`, …), or a pool.
 * @throws {WarmpoolError} `INVALID_OPTIONS`. What is wrong with the database itself, `open` says.
 *
 * @example
 * const pool = createPool({ name: "web", provider, max: 8, store: postgresStore(process.env.DATABASE_URL) });
 */
export function postgresStore(database: string | PoolLike, options: PostgresStoreOptions = {}): Store<true> {
  return new PostgresStore(database, parseOptions(database, options));
}

class PostgresStore implements Store<true> {
  readonly name: string;
  readonly durable = true;
  readonly shared = true;
  readonly sharing = sharing;
  readonly leaderTtlMs: number;
  readonly #settings: PostgresSettings;
  readonly #database: Database;
  readonly #bell: Bell;
  /** Sessions and openings under way: with the last one, its connections end. */
  #users = 0;
  #ending: Promise<void> = Promise.resolve();
  #wasReached = false;

  constructor(database: string | PoolLike, settings: PostgresSettings) {
    this.name = nameOf(database);
    this.leaderTtlMs = settings.leaderTtlMs;
    this.#settings = settings;
    this.#database = new Database(database, settings.connections);
    this.#bell = new Bell(this.#database, settings.listen, () => this.#sayThatItPolls());
  }

  async open(name: string, { signal, drawId: draw = drawId }: OpenOptions = {}): Promise<StoreSession> {
    const namespace = this.#namespace(name);
    requireWanted(this.name, signal);
    await this.#enter();
    try {
      await this.#reach(namespace, signal);
      const elected = await campaign(namespace, draw, signal);
      return new PostgresSession(namespace, elected, () => this.#leave());
    } catch (error) {
      await this.#leave();
      throw error;
    }
  }

  async connect(name: string, options: ConnectOptions): Promise<SessionPost> {
    const { signal } = options;
    const namespace = this.#namespace(name);
    requireWanted(this.name, signal);
    await this.#enter();
    try {
      await this.#reach(namespace, signal);
      await namespace.lookUp(drawId);
      const post = new PostgresSessionPost(namespace, options, () => this.#leave());
      await post.open();
      return post;
    } catch (error) {
      await this.#leave();
      throw namespace.failureOf(error);
    }
  }

  #namespace(name: string): Namespace {
    const { schema, leaderTtlMs, pollMs } = this.#settings;
    const [database, bell] = [this.#database, this.#bell];
    return new Namespace({ store: this.name, schema, database, bell, leaderTtlMs, pollMs }, name);
  }

  /** The database answers, and has what this release needs. */
  async #reach(namespace: Namespace, signal: AbortSignal | undefined): Promise<void> {
    const toReachMs = this.#wasReached ? Number.POSITIVE_INFINITY : this.#settings.connectTimeoutMs;
    await untilReachable(namespace, { signal, toReachMs }, () => this.#prepare());
    this.#wasReached = true;
  }

  /** The tables are there, as this release needs them. */
  async #prepare(): Promise<void> {
    const { schema } = this.#settings;
    if (this.#settings.migrate) await migrate(this.#database, this.name, schema, SCHEMA_VERSION);
    else await requireVersion(this.#database, this.name, schema);
  }

  async #enter(): Promise<void> {
    this.#users += 1;
    await this.#ending;
    this.#bell.start();
  }

  async #leave(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#ending = this.#bell.stop().then(() => this.#database.end());
    await this.#ending;
  }

  #sayThatItPolls(): void {
    const text =
      `${this.name}: notifications don't arrive, as behind PgBouncer in transaction mode. Everything works by polling, every ` +
      `${this.#settings.pollMs} ms: give the store a direct connection, or set \`listen: false\` to say that this is meant.`;
    process.emitWarning(text, { type: "WarmpoolWarning", code: "WARMPOOL_POSTGRES_POLLS" });
  }
}

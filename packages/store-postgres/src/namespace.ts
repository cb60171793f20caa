import { createHash } from "node:crypto";
import type { Bell } from "./bell.js";
import type { Database, Row } from "./database.js";
import { failureOf, storeFailed } from "./failure.js";
import { type StatementName, type Statements, statementsFor } from "./statements.js";

/** Where a store keeps its namespaces. */
export interface Place {
  /** For messages. */
  readonly store: string;
  readonly schema: string;
  readonly database: Database;
  readonly bell: Bell;
  readonly leaderTtlMs: number;
  readonly pollMs: number;
}

/** Notifications are reliable while their connection lives: looking is for the moment in which it has died unnoticed. */
const HEARD_LOOK_MS = 3_000;

/** Of `leaderTtl`, the part that a leader may be silent. */
const SILENCE_IN_TTL = 0.8;
/** The shortest time for an answer: a database across a network that is busy is no dead one. Milliseconds. */
const LEAST_TIMEOUT_MS = 2_000;

/** A namespace in the database, and how to talk to it. */
export class Namespace {
  readonly name: string;
  readonly store: string;
  /** Where its news are told. */
  readonly channel: string;
  readonly leaderTtlMs: number;
  /** How long a leader may be silent. The rest of his time is for noticing it, and for his successor to begin. */
  readonly silenceMs: number;
  /** Its number in the database, once it was looked up. */
  id = 0;
  readonly #place: Place;
  readonly #statements: Statements;

  constructor(place: Place, name: string) {
    this.#place = place;
    this.name = name;
    this.store = place.store;
    this.leaderTtlMs = place.leaderTtlMs;
    this.silenceMs = Math.round(place.leaderTtlMs * SILENCE_IN_TTL);
    this.#statements = statementsFor(place.schema);
    this.channel = this.#channelOf(name);
  }

  /** Where a session is told of its letters. Its id is a secret, and names of channels are none. */
  channelOf(session: string): string {
    return this.#channelOf(`${this.name} ${session}`);
  }

  /** Names of channels have at most 63 bytes. */
  #channelOf(text: string): string {
    return `${this.#place.schema}_${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
  }

  /** Its row, which is made if there is none. */
  async lookUp(drawInstallation: (length: number) => string): Promise<Row> {
    const { name } = this;
    let [row] = await this.query("look", [name]);
    if (row === undefined) {
      await this.query("found", [name, drawInstallation(8)]);
      [row] = await this.query("look", [name]);
    }
    if (row === undefined) throw new Error(`the namespace ${JSON.stringify(name)} vanished`);
    this.id = row["id"] as number;
    return row;
  }

  /** What is told arrives. */
  get isHeard(): boolean {
    return this.#place.bell.isHeard;
  }

  /** How long to wait for news that may not be told. */
  get lookEveryMs(): number {
    return this.isHeard ? HEARD_LOOK_MS : this.#place.pollMs;
  }

  /** After this time without an answer, a statement is sent again, over another connection. */
  get timeoutMs(): number {
    return Math.max(LEAST_TIMEOUT_MS, this.leaderTtlMs);
  }

  async query(name: StatementName, values: unknown[], timeoutMs = this.timeoutMs): Promise<Row[]> {
    const { database, bell } = this.#place;
    const text = this.#statements[name];
    // Who hears notifications has connections of his own: what is prepared on one stays there.
    const prepared = bell.isHeard && { name: `${this.#place.schema} ${name}` };
    return await database.query({ ...prepared, text, values }, timeoutMs);
  }

  /** Has `ring` called when there is news, if the database can be listened to. Returns how to stop that. */
  async subscribe(ring: (payload: string) => void, channel = this.channel): Promise<() => void> {
    return await this.#place.bell.subscribe(channel, ring);
  }

  failureOf(error: unknown): Error {
    return failureOf(this.store, error);
  }

  unreachable(text: string, cause: unknown): Error {
    const problem = `the database cannot be reached (${text}): check the address, and whether it is running`;
    return storeFailed(this.store, problem, cause);
  }
}

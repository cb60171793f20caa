import type { Thing } from "./process-table.ts";
import { ALONE, FULL_MAX, POOL_NAMES, POOLS, type PoolName } from "./protocol.ts";

/**
 * - `session`: an `acquire`. Its lease lasts while the process lives that granted it, then a `ttl` and the grace.
 * - `ttl`: a request with a `ttl`, which its holder has to renew.
 * - `durable`: a request without one. Nothing but its holder ends its lease.
 */
export type Kind = "session" | "ttl" | "durable";

export interface Grant {
  readonly ticket: number;
  readonly token: number;
  readonly key: string;
}

export interface Violation {
  readonly rule: Rule;
  readonly what: string;
}

/** What must never happen. */
export type Rule =
  /** A resource was lent while another's lease on it was in force. */
  | "lent-twice"
  /** A resource of a pool without reuse was lent a second time. */
  | "lent-again"
  /** A token was not larger than those that were given before. */
  | "token"
  /** An accepted ticket became another, or its lease did. */
  | "changed"
  /** A lease or a ticket ended that nobody ended. */
  | "lost"
  /** A ticket was granted after it had ended. */
  | "reopened"
  /** A resource was deleted under its holder. */
  | "deleted-under-holder"
  /** More processes than the pool, or the provider, may have. */
  | "cap"
  /** Two processes of one key: its allocate ran twice. */
  | "made-twice"
  /** A process that no record knows. */
  | "leak"
  /** A reused resource was lent before its reset was done. */
  | "dirty"
  /** A call failed that had no reason to. */
  | "refused"
  /** Something that must come about within a time did not. */
  | "stuck"
  /** The manager ended by itself. */
  | "crash";

export interface Lease extends Grant {
  readonly client: string;
  readonly kind: Kind;
  /** The number of the life that granted it. */
  readonly life: number;
  /** The ttl runs from here at the earliest. */
  baseMs: number;
  /** Its holder said that it is done with it. */
  returned: boolean;
}

interface Client {
  readonly kind: Kind;
  readonly pool: PoolName;
  /** First. */
  readonly askedAtMs: number;
  ticket: number | undefined;
  lease: Lease | undefined;
  returned: boolean;
  /** Its end was confirmed. */
  over: boolean;
}

interface Life {
  readonly beganAtMs: number;
  endedAtMs: number;
}

/** Clocks of two processes, read to the millisecond. */
const SLACK_MS = 3;

/**
 * Judges a run by evidence from outside: what managers told whom and when, and what the process table shows. It believes
 * no manager's opinion of itself. Times are the run's own; where something is not known to the millisecond, it decides for
 * the manager.
 *
 * @param now The run's clock, in milliseconds.
 * @param isExcused Whether somebody from outside killed that resource or made it sick: then its lease may be lost.
 * @param mayHaveLapsed Where several managers live at a time: whether a lease with a ttl may be over. Without it, one lives
 * at a time, and a lease is over when one of them did not hear of it for its ttl.
 */
export class Referee {
  readonly violations: Violation[] = [];
  readonly #now: () => number;
  readonly #isExcused: (key: string) => boolean;
  readonly #mayHaveLapsed: ((lease: Lease, nowMs: number) => boolean) | undefined;
  readonly #clients = new Map<string, Client>();
  /** Who had a resource last. */
  readonly #holders = new Map<string, Lease>();
  readonly #lives: Life[] = [];
  readonly #tokens = new Set<number>();
  /** The largest token of each resource. */
  readonly #largest = new Map<string, number>();
  readonly #seen = new Set<string>();
  /** The most processes at once, by pool or provider. */
  readonly most: Record<PoolName | "full", number> = { plain: 0, reused: 0, listed: 0, full: 0 };
  looks = 0;
  /** Leases that a later life knew as they were. */
  survived = 0;
  /** Leases that ended by themselves, for good reasons. */
  ended = 0;

  constructor(
    now: () => number,
    isExcused: (key: string) => boolean,
    mayHaveLapsed?: (lease: Lease, nowMs: number) => boolean,
  ) {
    this.#now = now;
    this.#isExcused = isExcused;
    this.#mayHaveLapsed = mayHaveLapsed;
  }

  get leases(): number {
    return this.#tokens.size;
  }

  get resources(): number {
    return this.#seen.size;
  }

  /** Notes a violation. What is seen again is the same one. */
  note(rule: Rule, what: string): void {
    const isKnown = this.violations.some((known) => known.rule === rule && known.what === what);
    if (!isKnown) this.violations.push({ rule, what });
  }

  // ── Lives of managers ──────────────────────────────────────────────────────────────────────────────────────────────

  /** A manager is about to be started, or, waiting already, to have the store to itself. */
  lifeBegins(atMs = this.#now()): void {
    this.#lives.push({ beganAtMs: atMs, endedAtMs: Number.POSITIVE_INFINITY });
  }

  /** It is dead, and everything that it said was heard. */
  lifeEnded(): void {
    const life = this.#lives.at(-1);
    if (life !== undefined) life.endedAtMs = this.#now();
  }

  // ── Clients ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A client asks, or asks again in another life. */
  asks(name: string, kind: Kind, pool: PoolName): void {
    if (this.#clients.has(name)) return;
    const asked = { ticket: undefined, lease: undefined, askedAtMs: this.#now(), returned: false, over: false };
    this.#clients.set(name, { kind, pool, ...asked });
  }

  accepted(name: string, ticket: number): void {
    const client = this.#client(name);
    if (client.ticket !== undefined && client.ticket !== ticket) {
      this.note("changed", `${name} had ticket ${client.ticket}, and was given ticket ${ticket}`);
    }
    client.ticket ??= ticket;
  }

  /** @returns Whether this is a new lease, not one that was told before. */
  granted(name: string, grant: Grant): boolean {
    const client = this.#client(name);
    const { ticket, token, key } = grant;
    const words = `resource ${key} by token ${token}, ticket ${ticket}`;
    if (client.over) this.note("reopened", `${name} was given ${words}, after its ticket had ended`);
    const before = client.lease;
    if (before !== undefined) {
      const isSame = before.ticket === ticket && before.token === token && before.key === key;
      const had = `resource ${before.key} by token ${before.token}, ticket ${before.ticket}`;
      if (isSame) this.survived += 1;
      else this.note("changed", `${name} had ${had}, and has ${words}`);
      return false;
    }
    this.#judgeGrant(name, client, grant);
    const { kind, askedAtMs: baseMs, returned } = client;
    client.lease = { ...grant, client: name, kind, life: this.#lives.length - 1, baseMs, returned };
    this.#holders.set(key, client.lease);
    return true;
  }

  #judgeGrant(name: string, { pool, askedAtMs }: Client, { ticket, token, key }: Grant): void {
    const other = this.#holders.get(key);
    if (other !== undefined && !this.#mayHaveEnded(other)) {
      const since = `in life ${other.life}, as ${other.kind}`;
      const when = `asked at ${askedAtMs.toFixed(0)}, told at ${this.#now().toFixed(0)}`;
      this.note(
        "lent-twice",
        `${name} was given ${key} by token ${token} (${when}) while ${other.client} had it by ${other.token} (${since})`,
      );
    }
    if (other !== undefined && !POOLS[pool].reuse) {
      this.note("lent-again", `${name} was given ${key} of pool ${pool}, which ${other.client} had before`);
    }
    if (this.#tokens.has(token)) this.note("token", `${name} was given token ${token}, which was given before`);
    const largest = this.#largest.get(key) ?? 0;
    if (token < largest) this.note("token", `${name} was given ${key} by token ${token}, after ${largest}`);
    if (!Number.isSafeInteger(ticket)) this.note("token", `${name} was given the ticket ${ticket}`);
    this.#tokens.add(token);
    this.#largest.set(key, Math.max(largest, token));
  }

  /** A renewal that was sent then has been answered. */
  renewed(name: string, sentAtMs: number): void {
    const { lease } = this.#client(name);
    if (lease !== undefined) lease.baseMs = Math.max(lease.baseMs, sentAtMs);
  }

  /** The client is about to give its lease back, or to withdraw its ticket. */
  returns(name: string): void {
    const client = this.#client(name);
    client.returned = true;
    if (client.lease !== undefined) client.lease.returned = true;
  }

  released(name: string): void {
    const client = this.#client(name);
    if (!client.returned) this.note("lost", `the lease of ${name} was released, but not by ${name}`);
    client.over = true;
  }

  /** The manager says that the ticket is closed. */
  closed(name: string, end: string, key: string | undefined, reason: string | undefined): void {
    const client = this.#client(name);
    const { lease, kind } = client;
    const isFine =
      client.over ||
      client.returned ||
      (lease !== undefined && this.#mayHaveEnded(lease)) ||
      // Granted and gone before anybody was told.
      (lease === undefined && end === "expired" && kind === "ttl") ||
      (lease === undefined && end === "lost" && key !== undefined && this.#isExcused(key));
    if (isFine && !client.over && !client.returned && lease?.returned !== true) this.ended += 1;
    if (!isFine) {
      const had = lease === undefined ? "had nothing yet" : `had ${lease.key} by token ${lease.token}`;
      this.note("lost", `the ticket of ${name} (${kind}) was closed, ${end}: ${reason}. It ${had}`);
    }
    client.over = true;
  }

  /** The lease's signal aborted. */
  lost(name: string, reason: string): void {
    const { lease } = this.#client(name);
    if (lease === undefined || this.#mayHaveEnded(lease, 0)) return;
    this.note("lost", `${name} (${lease.kind}) lost ${lease.key}, token ${lease.token}: ${reason}`);
  }

  // ── Processes ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * A look at the process table.
   *
   * @param lookAgain Those of them that still run: what was there both times was there together.
   */
  sees(things: readonly Thing[], lookAgain: () => readonly Thing[]): void {
    this.looks += 1;
    for (const { key } of things) this.#seen.add(key);
    const problems = this.#problemsOf(things);
    if (problems.length > 0) {
      const again = new Set(lookAgain().map(({ pid }) => pid));
      for (const [rule, what] of this.#problemsOf(things.filter(({ pid }) => again.has(pid)))) this.note(rule, what);
    }
    const running = new Set(things.map(({ key }) => key));
    for (const lease of this.#holders.values()) {
      if (running.has(lease.key) || lease.returned || this.#client(lease.client).over) continue;
      const { client, kind, key, token } = lease;
      if (this.#mayHaveEnded(lease)) this.ended += 1;
      else this.note("deleted-under-holder", `${client} (${kind}) has ${key} by token ${token}, and it does not run`);
      lease.returned = true;
    }
  }

  #problemsOf(things: readonly Thing[]): [Rule, string][] {
    const problems: [Rule, string][] = [];
    const count = (name: PoolName | "full", max: number, counted: readonly Thing[]) => {
      if (counted.length > max)
        problems.push(["cap", `${counted.length} of ${name} run at once, which may have ${max}`]);
      else this.most[name] = Math.max(this.most[name], counted.length);
    };
    for (const pool of POOL_NAMES) {
      const ofPool = things.filter((thing) => thing.pool === pool);
      count(pool, POOLS[pool].max, ofPool);
    }
    const ofFull = things.filter(({ pool }) => POOLS[pool]?.provider === "full");
    count("full", FULL_MAX, ofFull);
    const keys = new Set<string>();
    for (const { key, pid } of things) {
      if (keys.has(key)) problems.push(["made-twice", `${key} runs twice, as process ${pid} too`]);
      keys.add(key);
    }
    return problems;
  }

  /** What a manager has on record; and the processes that ran before it was asked, and those that ran afterwards. */
  census(keysOnRecord: ReadonlySet<string>, before: readonly Thing[], after: readonly Thing[]): void {
    const still = new Set(after.map(({ pid }) => pid));
    for (const { key, pid } of before) {
      if (still.has(pid) && !keysOnRecord.has(key))
        this.note("leak", `${key} runs, as process ${pid}, and is on no record`);
    }
  }

  // ── Time ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether a lease may be over, although nobody told its holder. */
  #mayHaveEnded(lease: Lease, graceMs = ALONE.graceMs): boolean {
    if (lease.returned || this.#isExcused(lease.key)) return true;
    if (lease.kind === "durable") return false;
    const nowMs = this.#now();
    if (this.#mayHaveLapsed !== undefined) return this.#mayHaveLapsed(lease, nowMs);
    // The process that granted it renews a session's lease while it lives.
    const first = lease.kind === "session" ? lease.life + 1 : lease.life;
    return this.#lives.slice(first).some(({ beganAtMs, endedAtMs }) => {
      const silentMs = Math.min(nowMs, endedAtMs) - Math.max(beganAtMs, lease.baseMs);
      return silentMs >= ALONE.ttlMs + graceMs - SLACK_MS;
    });
  }

  #client(name: string): Client {
    const client = this.#clients.get(name);
    if (client === undefined) throw new Error(`nobody asked for ${name}`);
    return client;
  }
}

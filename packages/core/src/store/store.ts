import type { ConnectOptions, LeaderPost, SessionPost } from "./post.js";

/**
 * What a store keeps: records of four kinds, each under a number. A record is JSON text, written and read by
 * `model/`; a store never looks inside.
 */
export type RecordKind = "resource" | "ticket" | "counters" | "event";

/** A record put in place, or dropped (`record: null`). */
export interface Change {
  /** Numbers are unique within a kind. */
  readonly kind: RecordKind;
  /** Number of the record: a safe integer, 1 or more. */
  readonly id: number;
  /** JSON; `null`: dropped. */
  readonly record: string | null;
}

/** Changes that become true together or not at all, applied in their order. */
export interface Batch {
  /** The epoch that the session was opened with. */
  readonly epoch: number;
  /** Counts the batches of an epoch from 1, without gaps. */
  readonly number: number;
  /** In any order: at most one for a record. */
  readonly changes: readonly Change[];
}

/** A record as it was committed last. */
export interface StoredRecord {
  /** What it is a record of. */
  readonly kind: RecordKind;
  /** Its number within its kind. */
  readonly id: number;
  /** JSON, byte for byte as it was committed. */
  readonly record: string;
}

/**
 * Where records are kept.
 *
 * @typeParam Durable Whether records survive a crash of this process, as a literal type: durable stores accept only
 * providers whose data is JSON.
 */
export interface Store<Durable extends boolean = boolean> {
  /** For messages: `"memory"`, `"sqlite pool.db"`. */
  readonly name: string;
  /** Records survive a crash of this process. */
  readonly durable: Durable;
  /** Several processes may open the same namespace. */
  readonly shared: boolean;
  /**
   * Where several processes elect a leader: how long one may go on for after its last confirmation, in milliseconds. What an
   * earlier leader began is settled only after that. Default: 0.
   */
  readonly leaderTtlMs?: number;
  /**
   * Opens a namespace: raises its epoch, durably, and from then on refuses every commit of an older one.
   *
   * @throws {WarmpoolError} `STORE_IN_USE`, `STORE_CORRUPT`, `STORE_TOO_NEW`, `STORE_FAILED`; `ABORTED` by its signal.
   */
  open(namespace: string, options?: OpenOptions): Promise<StoreSession>;
  /**
   * Where several processes share a namespace: connects a session to whoever leads it, now or later. Each process that uses
   * the namespace connects once, whether it leads or not, and before it opens; its own letters to itself it does not post.
   * Absent: only the process that leads has holders.
   *
   * `open` and `connect` are independent of each other: neither waits for the other, and closing one leaves the other be.
   *
   * @throws {WarmpoolError} `STORE_FAILED` when it cannot succeed, `STORE_TOO_NEW`; `ABORTED` by its signal. Any other error
   * (the database is away) is taken for a passing one: it is called again after a while.
   */
  connect?(namespace: string, options: ConnectOptions): Promise<SessionPost>;
  /**
   * What serves the holders of other processes: `sharing`, which `@warmpool/core` exports. A store with `connect` brings it, so
   * that a program without such a store has none of it.
   */
  readonly sharing?: Sharing;
}

/** Nothing that a store has to look into. */
export interface Sharing {
  /** Where holders of this process ask. */
  readonly desk: unknown;
  /** Where the process that leads serves them. */
  readonly counter: unknown;
}

/** How to open a namespace. */
export interface OpenOptions {
  /** Gives up opening (waiting for another owner, say). */
  readonly signal?: AbortSignal;
  /**
   * Draws an id of that many characters of `[a-z0-9]`. Used once in the life of a namespace, for its installation.
   * Default: `crypto.getRandomValues`.
   */
  readonly drawId?: (length: number) => string;
}

/** How long this process leads a namespace that several processes share. */
export interface Leadership {
  /**
   * For how many milliseconds from now no other process can lead, less a margin: counted from when the query was sent that
   * confirmed it last, by whichever of this process's clocks, monotonic or wall, ran further. 0 or less: it has lapsed.
   */
  readonly leftMs: number;
  /** Resolves when it has lapsed, or when another process leads: the session is of no use any more. */
  readonly ended: Promise<void>;
}

/** A namespace that was opened, in one epoch. */
export interface StoreSession {
  /** Larger than every epoch opened before in this namespace. */
  readonly epoch: number;
  /** Drawn when the namespace was first opened: 8 characters of `[a-z0-9]`. */
  readonly installation: string;
  /** Where several processes elect a leader: this one's leadership, from the moment of opening. */
  readonly leadership?: Leadership;
  /** Where sessions can connect (`Store.connect`): their letters, as long as this process leads. */
  readonly post?: LeaderPost;
  /**
   * All live records, in chunks. Called once, before the first commit.
   *
   * @throws {WarmpoolError} `STORE_CORRUPT`, `STORE_FAILED`.
   */
  load(): AsyncIterable<readonly StoredRecord[]>;
  /**
   * Makes a batch true: all or nothing, and durable when it resolves. Idempotent by number: a batch whose number was
   * committed before resolves and changes nothing. A rejection means that the outcome is not known, unless it is:
   *
   * @throws {WarmpoolError} `FENCED` under an older epoch, after `close`, or when a number was left out; `STORE_CORRUPT`,
   * `STORE_FAILED` when repeating cannot help. Any other error: repeat the same batch.
   */
  commit(batch: Batch): Promise<void>;
  /** Gives the namespace up. Commits under way are finished first; later ones reject. Idempotent. */
  close(): Promise<void>;
}

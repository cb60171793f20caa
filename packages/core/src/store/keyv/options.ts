import { type Duration, tryDurationMs } from "../../model/duration.js";
import { OptionProblems } from "../option-problems.js";
import { adapterOf } from "./backend.js";

/** How to keep records in a Keyv backend. */
export interface KeyvStoreOptions {
  /**
   * What all keys of the store begin with: two stores with different prefixes share a backend without meeting. Up to 64
   * letters, digits and `._-`. Default: `"warmpool"`.
   */
  readonly prefix?: string;
  /**
   * How often the owner shows that it lives. 20 ms to 1 min; the same for all processes that may open the store.
   * Opening takes a quarter of it, to see whether somebody else opens at the same moment. Default: 1 s.
   */
  readonly heartbeat?: Duration;
  /**
   * After how long without a heartbeat an owner is taken for dead: this long a crash keeps the next opener waiting.
   * At least three heartbeats, at most 10 min. Default: three heartbeats.
   */
  readonly staleAfter?: Duration;
  /**
   * What to do when another process has the store open: `false` refuses with `STORE_IN_USE` as soon as its heart has
   * beaten once, `true` waits as long as it takes, a duration waits at most that long. Default: `false`.
   */
  readonly waitForOwner?: boolean | Duration;
}

/** Options as the store uses them: checked, with their defaults, in milliseconds. */
export interface KeyvSettings {
  readonly prefix: string;
  readonly heartbeatMs: number;
  readonly staleAfterMs: number;
  /** How long to wait for another owner; 0: not at all. */
  readonly waitForOwnerMs: number;
  readonly compaction: Compaction;
}

/**
 * When a journal is compacted: when this many characters were written since the snapshot, or four times what the snapshot
 * has; or this many batches, or a tenth of that for each part of the snapshot. Of each pair the larger, whichever comes first.
 * So snapshots cost a fraction of what journals do, and a restart never reads many times what it needs.
 */
export interface Compaction {
  readonly characters: number;
  readonly batches: number;
}

const COMPACTION: Compaction = { characters: 8_000_000, batches: 2_000 };

const KNOWN: readonly (keyof KeyvStoreOptions)[] = ["prefix", "heartbeat", "staleAfter", "waitForOwner"];
const HEARTBEAT_MS = { least: 20, most: 60_000 };
const LONGEST_STALE_MS = 600_000;
/** One heartbeat may be late, and one may fail. */
const BEATS_UNTIL_STALE = 3;

/** @throws {WarmpoolError} `INVALID_OPTIONS`, with every problem in its details. */
export function parseOptions(keyv: unknown, options: KeyvStoreOptions): KeyvSettings {
  const problems = new OptionProblems("keyvStore");

  if (adapterOf(keyv) === undefined) {
    problems.report("keyv", "must be a Keyv of version 5 or 6; an adapter goes into one: new Keyv({ store: adapter })");
  }
  problems.checkKeys(options, KNOWN);
  const { prefix = "warmpool", heartbeat = "1s" } = options;
  if (typeof prefix !== "string" || !/^[\w.-]{1,64}$/.test(prefix)) {
    problems.report("prefix", "must be 1 to 64 letters, digits and ._-");
  }
  const heartbeatMs = tryDurationMs(heartbeat) ?? Number.NaN;
  if (!(heartbeatMs >= HEARTBEAT_MS.least && heartbeatMs <= HEARTBEAT_MS.most)) {
    problems.report("heartbeat", `must be a duration of 20 ms to 1 min, such as "500ms"`);
  }
  const leastStaleMs = BEATS_UNTIL_STALE * heartbeatMs;
  const staleAfterMs =
    options.staleAfter === undefined ? leastStaleMs : (tryDurationMs(options.staleAfter) ?? Number.POSITIVE_INFINITY);
  if (staleAfterMs < leastStaleMs || staleAfterMs > LONGEST_STALE_MS) {
    problems.report("staleAfter", `must be a duration of at least three heartbeats and at most 10 min, such as "3s"`);
  }
  const waitForOwnerMs = problems.ownerWaitMs(options.waitForOwner);

  problems.throwIfAny();
  return { prefix, heartbeatMs, staleAfterMs, waitForOwnerMs, compaction: COMPACTION };
}

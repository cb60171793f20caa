import { type Failed, failed, isCount, isObject } from "./message.js";

/** What this release writes, and the newest that it reads. */
export const LETTER_FORMAT = 1;

/**
 * When a letter was written, by the two clocks of its session: the monotonic one, which may stand still in a suspended
 * machine, and the wall clock, which somebody may set. Its leader sends it back as it came.
 */
export type Stamp = readonly [monotonicMs: number, wallMs: number];

/**
 * What both sides write on a letter. Messages are counted from 1 within a *stream*, which a session begins anew whenever it
 * meets another leader, or one that has forgotten it. So each message is heard once, and in its order, whatever the
 * transport does; and nothing of an older stream, or of an older leader, is ever heard.
 */
interface Envelope {
  /** Format of the letter. */
  readonly v: number;
  /** Of the leader who is meant, or who writes. 0: whoever leads, for only then can a session know. */
  readonly epoch: number;
  /** Counts the streams of a session, from 1. 0: none. */
  readonly stream: number;
  /** Number of the first message in the body; without any, of the next that will come. */
  readonly first: number;
  /** Up to which message, in their order, the other's were heard. */
  readonly heard: number;
  readonly body: readonly unknown[];
}

/** From a session to whoever leads. */
export interface SessionLetter extends Envelope {
  readonly at: Stamp;
  /** How long the session may be silent. */
  readonly ttlMs: number;
}

/** From a leader to a session. */
export interface LeaderLetter extends Envelope {
  /** The newest `at` of the session's letters of this stream that was dealt with. */
  readonly at?: Stamp;
  /** The leader knows nothing of this stream: it did not hear its beginning. */
  readonly unknown?: true;
  /** The letter that came was not understood: why, and by which code. */
  readonly refused?: Failed;
}

/** What a letter says, or why it cannot be read. */
export function readSessionLetter(text: string): SessionLetter | Failed {
  const letter = readEnvelope(text);
  if ("failed" in letter) return letter;
  const { at, ttlMs } = letter as Partial<SessionLetter>;
  const complete = isStamp(at) && isCount(ttlMs) && ttlMs > 0;
  return complete ? (letter as SessionLetter) : malformed("it has no proper at and ttlMs");
}

/** What a letter says, or why it cannot be read. */
export function readLeaderLetter(text: string): LeaderLetter | Failed {
  const letter = readEnvelope(text);
  if ("failed" in letter) return letter;
  const { at } = letter as Partial<LeaderLetter>;
  return at === undefined || isStamp(at) ? letter : malformed("its at is no pair of times");
}

function readEnvelope(text: string): Envelope | Failed {
  let letter: unknown;
  try {
    letter = JSON.parse(text);
  } catch {
    return malformed("it is not JSON");
  }
  if (!isObject(letter) || !isCount(letter.v)) return malformed("it has no format version");
  if (letter.v > LETTER_FORMAT) {
    const message = `A letter has format ${letter.v}; this release reads up to ${LETTER_FORMAT}. Upgrade @warmpool/core in the older process.`;
    return failed("PROTOCOL_MISMATCH", message, { found: letter.v, supported: LETTER_FORMAT });
  }
  const { epoch, stream, first, heard, body } = letter;
  if (![epoch, stream, first, heard].every(isCount)) return malformed("epoch, stream, first and heard must be counts");
  return Array.isArray(body) ? (letter as unknown as Envelope) : malformed("its body is no list");
}

function isStamp(value: unknown): value is Stamp {
  return Array.isArray(value) && value.length === 2 && value.every((ms) => Number.isFinite(ms));
}

function malformed(why: string): Failed {
  const details = { found: LETTER_FORMAT, supported: LETTER_FORMAT };
  return failed("PROTOCOL_MISMATCH", `A letter between two processes cannot be read: ${why}.`, details);
}

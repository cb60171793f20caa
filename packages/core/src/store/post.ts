/**
 * Letters between the processes that share a namespace: from sessions to whoever leads it, and back.
 *
 * A transport needs very little. It may lose letters, repeat them, delay them and let them overtake each other: both sides
 * number what they send, repeat it until it is confirmed, and recognise repetitions. What it must do:
 *
 * - A letter arrives whole and unchanged, at nobody else than it was sent to: letters of a session at whoever leads its
 *   namespace, letters of a leader at the session of that id. A transport that nobody but these can write to may believe the
 *   session's id that it finds on a letter: ids are drawn at random, 16 characters, and told to nobody else.
 * - While both sides live and reach each other, a letter that is sent again and again arrives at last.
 * - No letter arrives later than ten minutes after it was sent (`LETTER_LIFETIME_MS`): then it is dropped.
 *
 * It need not wait for somebody to listen: letters to a namespace that nobody leads may be kept for who leads it next, or
 * dropped. It need not say what became of a letter. It need not keep anything over a restart.
 *
 * Each side sends at most one letter to each other side at a time in one turn of the event loop, however many calls or
 * answers that turn has: they are gathered in it. So one statement, or one write, a turn is all that a transport has to do.
 */

/** How long a letter may be under way, in milliseconds: 10 minutes. A transport drops older ones. */
export const LETTER_LIFETIME_MS = 600_000;

/** What a session and its leader send each other. */
export interface Letter {
  /** The session that it is from, or to. */
  readonly session: string;
  /** JSON of any length, without line breaks and without U+0000: ASCII or not, well-formed Unicode. */
  readonly text: string;
}

/** How to connect a session. */
export interface ConnectOptions {
  /** Secret id of the session: 16 characters of `[a-z0-9]`. The same again resumes it. */
  readonly session: string;
  /** Called with each letter from a leader to this session, perhaps with several that arrived together. Never throws. */
  readonly receive: (texts: readonly string[]) => void;
  /**
   * Called when letters that were sent before may be lost though nothing failed, and new ones have a good chance: the
   * transport was connected anew, or has heard that another process leads. What is not confirmed is then sent again at once,
   * instead of after a while. A transport that cannot tell never calls it. Never throws.
   */
  readonly renewed: () => void;
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
}

/** A session's way to whoever leads its namespace. */
export interface SessionPost {
  /**
   * Takes a letter to whoever leads. Resolves when the transport has taken it, which says nothing about its arrival; a
   * rejection says nothing either. It is not called again before it has settled: so a transport that is slow, or away, gets
   * fewer and longer letters, and should reject within seconds when it cannot take one.
   */
  send(text: string): Promise<void>;
  /** Ends it: nothing is received any more. Letters that were taken may still arrive. Idempotent; never rejects. */
  close(): Promise<void>;
}

/** What a leader is told. */
export interface LeaderMail {
  /** Letters that arrived, in any order. Never throws. */
  received(letters: readonly Letter[]): void;
  /**
   * The transport knows for certain that the process of this session has ended, and will not resume it: a local socket that the
   * operating system closed for a dead process, say. A connection that merely broke is no such certainty. Never throws.
   */
  ended(session: string): void;
}

/** A leader's way to the sessions of its namespace. It ends with the `StoreSession` that it belongs to. */
export interface LeaderPost {
  /**
   * Begins to hand over what arrives, what had arrived before too if it was kept. Called once, after the records were loaded.
   */
  listen(mail: LeaderMail): void;
  /**
   * Takes letters to sessions: at most one for a session. Those of sessions that nobody is connected by are dropped. Resolves
   * when the transport has taken them, which says nothing about their arrival; a rejection says nothing either. It is not
   * called again before it has settled.
   */
  send(letters: readonly Letter[]): Promise<void>;
}

import { isWarmpoolError, type WarmpoolError } from "../../model/error.js";
import {
  LETTER_FORMAT,
  type LeaderLetter,
  readLeaderLetter,
  type SessionLetter,
  type Stamp,
} from "../../model/letter.js";
import { fromFailed, type LeaderMessage, type SessionMessage } from "../../model/message.js";
import type { Letter, SessionPost } from "../../store/post.js";
import type { Store } from "../../store/store.js";
import type { Clock, Timer } from "../clock.js";
import { Channel } from "./channel.js";

/** Pauses between attempts to find a leader, or to connect. Milliseconds. */
const KNOCK = { firstMs: 500, maxMs: 5_000 };

/** Of the shortest `ttl` that counts, a heartbeat is sent in each such part: five may be lost. */
const BEATS = 6;

export interface ContactOptions {
  readonly store: Store;
  readonly namespace: string;
  readonly session: string;
  readonly clock: Clock;
  /** How long this session may be silent. Milliseconds. */
  readonly ttlMs: number;
  /** This process leads: whoever takes its letters here. */
  counter(): { received(letters: readonly Letter[]): void } | undefined;
  /** All that a leader must be told who knows nothing of this session: `hello` first. */
  resume(): readonly SessionMessage[];
  received(message: LeaderMessage): void;
  /** A leader has heard this session again. */
  confirmed(): void;
  /** The shortest `ttl` of what this session renews; `Infinity`: nothing. Milliseconds. */
  shortestTtlMs(): number;
  /** A leader does not understand this session, or it him. */
  refused(error: WarmpoolError): void;
  /** There will be no connection. */
  failed(error: unknown): void;
}

/**
 * A session's contact with whoever leads. Its story: it *knocks*, at nobody in particular, until a leader tells his epoch. It
 * begins a stream with him by saying all that it has. A letter of a later epoch, or word that he knows nothing of the stream,
 * begins the next. Whatever he answers confirms that he has heard everything that was sent before a certain time: so long
 * its leases are certainly its own.
 */
export class Contact {
  readonly #options: ContactOptions;
  readonly #closing = new AbortController();
  #post: SessionPost | undefined;
  #epoch = 0;
  #stream = 0;
  #channel: Channel | undefined;
  /** He has heard the beginning of the stream. */
  #established = false;
  #confirmed: Stamp | undefined;
  #scheduled = false;
  #sending = false;
  #wanted = false;
  #problem: unknown;
  #lastSentAtMs = Number.NEGATIVE_INFINITY;
  #knocks = 0;
  #beatMs: number;
  #pulse: Timer | undefined;
  #emptied: (() => void) | undefined;

  constructor(options: ContactOptions) {
    this.#options = options;
    this.#beatMs = options.ttlMs / BEATS;
  }

  begin(): void {
    void this.#connect(0);
    this.#knock();
  }

  /** When the newest letter was sent that a leader has heard; `undefined`: none has heard any. */
  get confirmedAt(): Stamp | undefined {
    return this.#confirmed;
  }

  /** Why the newest letter did not leave. */
  get problem(): unknown {
    return this.#problem;
  }

  get hasLeader(): boolean {
    return this.#established;
  }

  now(): Stamp {
    const { clock } = this.#options;
    const nowMs = clock.now();
    return [nowMs, clock.wall?.() ?? nowMs];
  }

  /** How long ago that was, by whichever clock ran further. */
  sinceMs([monotonicMs, wallMs]: Stamp): number {
    const [nowMs, nowWallMs] = this.now();
    return Math.max(nowMs - monotonicMs, nowWallMs - wallMs);
  }

  /** Says something to whoever leads: at once, or as part of all that `resume` says when there is somebody. */
  say(message: SessionMessage): void {
    this.#channel?.say(message);
  }

  /** Something is to be renewed that has this `ttl`. */
  quicken(ttlMs: number): void {
    // While there is nobody to hear it, it knocks, and says all of it later.
    if (this.#channel === undefined || ttlMs / BEATS >= this.#beatMs) return;
    this.#beatMs = ttlMs / BEATS;
    this.#pulse?.cancel();
    this.#beat();
  }

  // ── Sending ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #wantsToSend(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // All that is said in this turn goes together.
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#closing.signal.aborted) return;
    const counter = this.#options.counter();
    if (counter !== undefined) {
      const text = this.#compose();
      counter.received([{ session: this.#options.session, text }]);
      return;
    }
    if (this.#post === undefined) return;
    if (this.#sending) {
      this.#wanted = true;
      return;
    }
    this.#sending = true;
    const sent = () => {
      this.#sending = false;
      if (!this.#wanted) return;
      this.#wanted = false;
      this.#send();
    };
    // What the transport says of it is nothing to go by; of somebody who waits in vain it may be the reason.
    this.#post.send(this.#compose()).then(
      () => {
        this.#problem = undefined;
        sent();
      },
      (error: unknown) => {
        this.#problem = error;
        sent();
      },
    );
  }

  #compose(): string {
    const passage = this.#channel?.compose() ?? { first: 1, heard: 0, body: [] };
    const at = this.now();
    this.#lastSentAtMs = at[0];
    const letter: SessionLetter = {
      v: LETTER_FORMAT,
      epoch: this.#channel === undefined ? 0 : this.#epoch,
      stream: this.#channel === undefined ? 0 : this.#stream,
      ...passage,
      at,
      ttlMs: this.#options.ttlMs,
    };
    return JSON.stringify(letter);
  }

  #knock(): void {
    if (this.#closing.signal.aborted || this.#channel !== undefined) return;
    this.#wantsToSend();
    const waitMs = Math.min(KNOCK.maxMs, KNOCK.firstMs * 2 ** Math.min(this.#knocks++, 10));
    this.#pulse?.cancel();
    this.#pulse = this.#options.clock.after(waitMs, () => this.#knock());
  }

  /** Sends a letter when none has been sent for a while. */
  #beat(): void {
    if (this.#closing.signal.aborted || this.#channel === undefined) return;
    const { clock, ttlMs, shortestTtlMs } = this.#options;
    this.#beatMs = Math.min(ttlMs, shortestTtlMs()) / BEATS;
    const quietMs = clock.now() - this.#lastSentAtMs;
    if (quietMs >= this.#beatMs) this.#wantsToSend();
    const waitMs = quietMs >= this.#beatMs ? this.#beatMs : this.#beatMs - quietMs;
    this.#pulse = clock.after(waitMs, () => this.#beat());
  }

  // ── Receiving ──────────────────────────────────────────────────────────────────────────────────────────────────────

  receive(texts: readonly string[]): void {
    for (const text of texts) {
      if (this.#closing.signal.aborted) return;
      const letter = readLeaderLetter(text);
      if ("failed" in letter) this.#options.refused(fromFailed(letter));
      else this.#read(letter);
    }
    if (this.#channel?.unconfirmed === 0) this.#emptied?.();
  }

  #read(letter: LeaderLetter): void {
    const { epoch, stream, unknown, refused, at } = letter;
    if (epoch < this.#epoch) return;
    if (refused !== undefined) return this.#options.refused(fromFailed(refused));
    if (epoch > this.#epoch) return this.#begin(epoch);
    if (stream !== this.#stream || this.#channel === undefined) return;
    // Until the beginning has been heard, it is on its way, and will be sent again.
    if (unknown === true) return this.#established ? this.#begin(epoch) : undefined;
    this.#established = true;
    if (at !== undefined && (this.#confirmed === undefined || at[0] > this.#confirmed[0])) this.#confirmed = at;
    const news = this.#channel.take(letter);
    this.#options.confirmed();
    for (const message of news) this.#options.received(message as LeaderMessage);
  }

  /** Begins a stream with the leader of that epoch. */
  #begin(epoch: number): void {
    this.#epoch = epoch;
    this.#stream += 1;
    this.#established = false;
    this.#channel?.end();
    const channel: Channel = new Channel({
      after: (ms, run) => this.#options.clock.after(ms, run),
      wantsToSend: () => {
        if (this.#channel === channel) this.#wantsToSend();
      },
    });
    this.#channel = channel;
    for (const message of this.#options.resume()) channel.say(message);
    this.#knocks = 0;
    this.#pulse?.cancel();
    this.#beat();
  }

  /** Letters may have been lost, and new ones have a good chance. */
  renewed(): void {
    if (this.#closing.signal.aborted) return;
    if (this.#channel === undefined) {
      this.#knocks = 0;
      this.#knock();
    } else {
      this.#channel.sayAgain();
    }
  }

  // ── Connecting ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #connect(attempt: number): Promise<void> {
    const { store, namespace, session, clock, failed } = this.#options;
    const { signal } = this.#closing;
    try {
      const post = await store.connect?.(namespace, {
        session,
        signal,
        receive: (texts) => this.receive(texts),
        renewed: () => this.renewed(),
      });
      if (signal.aborted) return void post?.close();
      this.#post = post;
      this.renewed();
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) return failed(error);
      clock.after(Math.min(KNOCK.maxMs, KNOCK.firstMs * 2 ** Math.min(attempt, 10)), () => {
        if (!signal.aborted) void this.#connect(attempt + 1);
      });
    }
  }

  /** Says goodbye, and waits until that was heard or `deadline` has come. */
  async close(deadline: Promise<void>): Promise<void> {
    if (this.#closing.signal.aborted) return;
    if (this.#channel !== undefined) {
      const heard = new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
      this.say({ type: "bye" });
      await Promise.race([heard, deadline]);
    }
    this.#closing.abort();
    this.#channel?.end();
    this.#pulse?.cancel();
    await Promise.race([this.#post?.close(), deadline]);
  }
}

function isFinal(error: unknown): boolean {
  return isWarmpoolError(error, "STORE_FAILED") || isWarmpoolError(error, "STORE_TOO_NEW");
}

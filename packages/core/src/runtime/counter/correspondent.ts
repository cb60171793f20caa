import type { SessionLetter, Stamp } from "../../model/letter.js";
import type { LeaderMessage } from "../../model/message.js";
import type { Clock } from "../clock.js";
import { Channel } from "../remote/channel.js";

/** Events that a session has not confirmed; more are not kept for it. */
const MOST_EVENTS = 1_000;

/** A session as its leader knows it: one stream, and when it was heard. */
export class Correspondent {
  readonly session: string;
  readonly stream: number;
  readonly channel: Channel;
  ttlMs: number;
  /** By this leader's clock. */
  heardAtMs: number;
  /** By the session's: the newest of its letters. */
  at: Stamp;
  /** It wants events. */
  listens = false;

  constructor({ stream, ttlMs, at }: SessionLetter, session: string, clock: Clock, wantsToSend: () => void) {
    this.session = session;
    this.stream = stream;
    this.ttlMs = ttlMs;
    this.at = at;
    this.heardAtMs = clock.now();
    this.channel = new Channel({ after: (ms, run) => clock.after(ms, run), wantsToSend });
  }

  heard({ ttlMs, at }: SessionLetter, nowMs: number): void {
    this.ttlMs = ttlMs;
    this.heardAtMs = nowMs;
    // Letters overtake each other.
    if (at[0] > this.at[0]) this.at = at;
  }

  tell(message: LeaderMessage): void {
    if (message.type === "events" && this.channel.unconfirmed > MOST_EVENTS) return;
    this.channel.say(message);
  }
}

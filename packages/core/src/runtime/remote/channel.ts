import type { Timer } from "../clock.js";

/** A confirmation that nothing else brings along waits so long for company. Milliseconds. */
const CONFIRM_MS = 100;

/** What is not confirmed is sent again, after ever longer pauses. Milliseconds. */
const RESEND = { firstMs: 1_000, maxMs: 8_000 };

/** Letters that overtook others and are kept until these have arrived. */
const MOST_EARLY = 64;

/** A part of a letter: messages from number `first` on, and up to which number the other's were heard. */
export interface Passage {
  readonly first: number;
  readonly heard: number;
  readonly body: readonly unknown[];
}

interface ChannelOptions {
  after(ms: number, run: () => void): Timer;
  /** There is something to be sent: `compose` says what. */
  wantsToSend(): void;
}

/**
 * One side of a stream of messages over a transport that loses, repeats, delays and reorders: numbers what is said, says it
 * again until it is confirmed, and hears each message of the other side once and in order.
 */
export class Channel {
  readonly #options: ChannelOptions;
  /** Not confirmed yet, in order. */
  #said: unknown[] = [];
  /** Number of the first of these, or of the next one. */
  #firstSaid = 1;
  /** How many of these are in a letter that may still arrive. */
  #sent = 0;
  #heard = 0;
  readonly #early = new Map<number, readonly unknown[]>();
  #resends = 0;
  #resend: Timer | undefined;
  #confirm: Timer | undefined;
  #over = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** How many messages are not confirmed. */
  get unconfirmed(): number {
    return this.#said.length;
  }

  say(message: unknown): void {
    this.#said.push(message);
    this.#options.wantsToSend();
  }

  /** The other side is to hear from this one soon, if only that it was heard. */
  confirmSoon(): void {
    if (this.#over) return;
    this.#confirm ??= this.#options.after(CONFIRM_MS, () => {
      this.#confirm = undefined;
      this.#options.wantsToSend();
    });
  }

  /** What the next letter says: all that was not sent yet. */
  compose(): Passage {
    this.#confirm?.cancel();
    this.#confirm = undefined;
    const first = this.#firstSaid + this.#sent;
    const body = this.#sent === 0 ? [...this.#said] : this.#said.slice(this.#sent);
    this.#sent = this.#said.length;
    this.#watch();
    return { first, heard: this.#heard, body };
  }

  /** Everything that is not confirmed may be lost: it goes again, at once. */
  sayAgain(): void {
    this.#sent = 0;
    this.#options.wantsToSend();
  }

  #watch(): void {
    if (this.#over || this.#resend !== undefined || this.#said.length === 0) return;
    const waitMs = Math.min(RESEND.maxMs, RESEND.firstMs * 2 ** Math.min(this.#resends, 10));
    this.#resend = this.#options.after(waitMs, () => {
      this.#resend = undefined;
      this.#resends += 1;
      this.sayAgain();
    });
  }

  /** Takes what arrived; returns the messages that are new, in their order. */
  take({ first, heard, body }: Passage): readonly unknown[] {
    this.#confirmed(heard);
    if (body.length === 0) return body;
    this.confirmSoon();
    if (first > this.#heard + 1) {
      if (this.#early.size < MOST_EARLY) this.#early.set(first, body);
      return [];
    }
    let news = this.#newOf(first, body);
    for (const at of [...this.#early.keys()].sort((a, b) => a - b)) {
      if (at > this.#heard + 1) break;
      news = [...news, ...this.#newOf(at, this.#early.get(at) ?? [])];
      this.#early.delete(at);
    }
    return news;
  }

  #newOf(first: number, body: readonly unknown[]): readonly unknown[] {
    const known = this.#heard + 1 - first;
    if (known >= body.length) return [];
    this.#heard = first + body.length - 1;
    return known === 0 ? body : body.slice(known);
  }

  #confirmed(heard: number): void {
    const count = heard + 1 - this.#firstSaid;
    if (count <= 0 || count > this.#said.length) return;
    this.#said.splice(0, count);
    this.#firstSaid += count;
    this.#sent = Math.max(0, this.#sent - count);
    this.#resends = 0;
    this.#resend?.cancel();
    this.#resend = undefined;
    this.#watch();
  }

  /** Nothing is said again any more. */
  end(): void {
    this.#over = true;
    this.#resend?.cancel();
    this.#confirm?.cancel();
  }
}

import type { Leadership } from "@warmpool/core";
import { Moment } from "./moment.js";
import type { Namespace } from "./namespace.js";

/** How often a leader says a word, in the time that it may be silent: one may be lost, and one late. */
const BEATS_IN_SILENCE = 3;
/** Part of that time which a leader leaves unused: what it starts at the last moment has still to be sent. */
const MARGIN = 0.1;

/** This process's leadership of a namespace: each confirmation counts from when it was sent. */
export class PostgresLeadership implements Leadership {
  readonly ended: Promise<void>;
  readonly #namespace: Namespace;
  readonly #epoch: number;
  #confirmed: Moment;
  #over = false;
  #end!: () => void;
  #expiry: NodeJS.Timeout | undefined;
  #beat: NodeJS.Timeout | undefined;

  constructor(namespace: Namespace, epoch: number, sent: Moment) {
    this.#namespace = namespace;
    this.#epoch = epoch;
    this.#confirmed = sent;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#watch();
    this.#beatSoon();
  }

  get leftMs(): number {
    if (this.#over) return 0;
    return this.#namespace.silenceMs * (1 - MARGIN) - this.#confirmed.elapsedMs;
  }

  /** The database has taken a word of this leader that was sent then. Once it has ended, that does not bring it back. */
  confirmed(sent: Moment): void {
    if (!this.#over && sent.elapsedMs < this.#confirmed.elapsedMs) this.#confirmed = sent;
  }

  /** It is over: it has lapsed, another leads, or it was given up. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#expiry);
    clearTimeout(this.#beat);
    this.#end();
  }

  #watch(): void {
    this.#expiry = setTimeout(() => (this.leftMs > 0 ? this.#watch() : this.end()), Math.max(1, this.leftMs));
  }

  #beatSoon(): void {
    const everyMs = this.#namespace.silenceMs / BEATS_IN_SILENCE;
    this.#beat = setTimeout(
      () => {
        this.#beatSoon();
        // A commit is a word as well.
        if (this.#confirmed.elapsedMs >= everyMs * 0.9) void this.#confirm(everyMs);
      },
      // A third of the time is left to send it, when a commit was the last word.
      everyMs / 2,
    );
  }

  async #confirm(timeoutMs: number): Promise<void> {
    const { id } = this.#namespace;
    const sent = new Moment();
    try {
      const rows = await this.#namespace.query("confirm", [id, this.#epoch], timeoutMs);
      if (rows.length === 0) this.end();
      else this.confirmed(sent);
    } catch {
      // The next beat tries again; without an answer the leadership lapses.
    }
  }
}

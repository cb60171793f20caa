import type { Letter } from "@warmpool/core";
import type { Namespace } from "./namespace.js";
import { Pause } from "./pause.js";

/** While the database is away. */
const RETRY_MS = 200;

/** Whose box it is, and what becomes of the letters. */
export interface MailboxOptions {
  readonly box: string;
  /** Where its owner is told. */
  readonly channel: string;
  receive(letters: readonly Letter[]): void;
  /** A letter that was told, as its notification has it. */
  letterOf(told: string): Letter;
  /** Resolves when what came of the letters so far is done: those that arrive meanwhile are fetched together. */
  dealtWith(): Promise<void>;
}

/**
 * The box of a session or of the leader. Whoever has found it empty *waits*: he is told of the next letter. Until then he
 * looks into it again and again, and whoever sends tells nobody: a notification wakes all who listen in that database.
 */
export class Mailbox {
  readonly #namespace: Namespace;
  readonly #options: MailboxOptions;
  readonly #pause = new Pause();
  #unsubscribe: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #rung = false;
  #closed = false;

  constructor(namespace: Namespace, options: MailboxOptions) {
    this.#namespace = namespace;
    this.#options = options;
  }

  /** Resolves when there is a box, and it listens; or when it is closed. */
  async open(): Promise<void> {
    this.#unsubscribe = await this.#namespace.subscribe((payload) => this.#told(payload), this.#options.channel);
    await new Promise<void>((opened) => {
      this.#running = this.#run(opened).finally(opened);
    });
  }

  /** A letter itself: `=` and it. Or that there may be one in it; `+` and a letter: both. */
  #told(payload: string): void {
    const [sign] = payload;
    if (sign === "=" || sign === "+") this.#options.receive([this.#options.letterOf(payload.slice(1))]);
    if (sign !== "=") this.look();
  }

  /** There may be something in it. */
  look(): void {
    this.#rung = true;
    this.#pause.end();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe?.();
    this.#pause.end();
    await this.#running;
  }

  async #run(opened: () => void): Promise<void> {
    while (!this.#closed) {
      this.#rung = false;
      const letters = await this.#take().catch(() => undefined);
      if (this.#closed) return;
      if (letters !== undefined) opened();
      const isEmpty = letters === undefined || letters.length === 0;
      if (!isEmpty) this.#options.receive(letters);
      // A letter after a look that found nothing is told: looking again at once would find nothing.
      else if (!this.#rung) await this.#pause.for(letters === undefined ? RETRY_MS : this.#namespace.lookEveryMs);
      if (!isEmpty || this.#rung) await this.#options.dealtWith();
    }
  }

  async #take(): Promise<readonly Letter[]> {
    const { id, isHeard } = this.#namespace;
    const { box, channel } = this.#options;
    // Who does not hear is told nothing, and looks.
    return (await this.#namespace.query("take", [id, box, isHeard ? channel : ""])) as unknown as Letter[];
  }
}

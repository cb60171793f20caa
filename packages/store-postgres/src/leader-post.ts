import { LETTER_LIFETIME_MS, type LeaderMail, type LeaderPost, type Letter } from "@warmpool/core";
import { Mailbox } from "./mailbox.js";
import type { Namespace } from "./namespace.js";

/** The box that whoever leads looks into. */
const LEADER = "";
/** Characters of a session's id, which stands before its letter where that is told. */
const ID_LENGTH = 16;

/** A letter as the leader is told it: the session's id, and the letter. */
export function toldLetter(told: string): Letter {
  return { session: told.slice(0, ID_LENGTH), text: told.slice(ID_LENGTH) };
}

/** How often what nobody took is cleared away. Milliseconds. */
const CLEAR_EVERY_MS = 60_000;

/** A leader's letters to and from the sessions of its namespace. */
export class PostgresLeaderPost implements LeaderPost {
  readonly #namespace: Namespace;
  readonly #idle: () => Promise<void>;
  #mail: LeaderMail | undefined;
  /** Before anybody listened. */
  readonly #early: Letter[] = [];
  #box: Mailbox | undefined;
  #clearing: NodeJS.Timeout | undefined;

  /** @param idle Resolves when nothing is committed any more: a commit brings along what is in the box. */
  constructor(namespace: Namespace, idle: () => Promise<void>) {
    this.#namespace = namespace;
    this.#idle = idle;
  }

  listen(mail: LeaderMail): void {
    const { channel } = this.#namespace;
    this.#mail = mail;
    if (this.#early.length > 0) mail.received(this.#early.splice(0));
    this.#box = new Mailbox(this.#namespace, {
      box: LEADER,
      channel: `${channel}_l`,
      receive: (letters) => mail.received(letters),
      letterOf: toldLetter,
      dealtWith: this.#idle,
    });
    void this.#box.open();
    this.#clearing = setInterval(() => void this.#clear(), CLEAR_EVERY_MS);
    this.#clearing.unref();
  }

  /** Letters that a commit brought along. */
  received(letters: readonly Letter[]): void {
    if (this.#mail === undefined) this.#early.push(...letters);
    else this.#mail.received(letters);
  }

  async send(letters: readonly Letter[]): Promise<void> {
    const { id } = this.#namespace;
    const sessions = letters.map(({ session }) => session);
    const texts = letters.map(({ text }) => text);
    await this.#namespace.query("post", [id, sessions, sessions, texts]);
  }

  async close(): Promise<void> {
    clearInterval(this.#clearing);
    await this.#box?.close();
  }

  async #clear(): Promise<void> {
    const { id } = this.#namespace;
    await this.#namespace.query("clear", [id, LETTER_LIFETIME_MS]).catch(() => {});
  }
}

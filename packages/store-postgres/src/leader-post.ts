import { LETTER_LIFETIME_MS, type LeaderMail, type LeaderPost, type Letter } from "@warmpool/core";
import { Mailbox } from "./mailbox.js";
import type { Namespace } from "./namespace.js";

/** The box that whoever leads looks into. */
const LEADER = "";

/** How often what nobody took is cleared away. Milliseconds. */
const CLEAR_EVERY_MS = 60_000;

/** A leader's letters to and from the sessions of its namespace. */
export class PostgresLeaderPost implements LeaderPost {
  readonly #namespace: Namespace;
  #box: Mailbox | undefined;
  #clearing: NodeJS.Timeout | undefined;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  listen(mail: LeaderMail): void {
    const { channel } = this.#namespace;
    this.#box = new Mailbox(this.#namespace, LEADER, `${channel}_l`, (letters) => mail.received(letters));
    void this.#box.open();
    this.#clearing = setInterval(() => void this.#clear(), CLEAR_EVERY_MS);
    this.#clearing.unref();
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

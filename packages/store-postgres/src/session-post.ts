import type { ConnectOptions, SessionPost } from "@warmpool/core";
import { Mailbox } from "./mailbox.js";
import type { Namespace } from "./namespace.js";

/** A session's letters to and from whoever leads. */
export class PostgresSessionPost implements SessionPost {
  readonly #namespace: Namespace;
  readonly #session: string;
  readonly #box: Mailbox;
  readonly #renewed: () => void;
  readonly #left: () => Promise<void>;
  #unsubscribe: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** @param left Called once, when nothing of it is under way any more. */
  constructor(namespace: Namespace, { session, receive, renewed }: ConnectOptions, left: () => Promise<void>) {
    this.#namespace = namespace;
    this.#session = session;
    this.#renewed = renewed;
    this.#left = left;
    this.#box = new Mailbox(namespace, {
      box: session,
      channel: namespace.channelOf(session),
      receive: (letters) => receive(letters.map(({ text }) => text)),
      letterOf: (text) => ({ session, text }),
      dealtWith: async () => {},
    });
  }

  async open(): Promise<void> {
    // Somebody else leads, or the connection that listens is a new one: what was sent may be lost.
    this.#unsubscribe = await this.#namespace.subscribe(() => this.#renewed());
    await this.#box.open();
  }

  async send(text: string): Promise<void> {
    const { id } = this.#namespace;
    await this.#namespace.query("say", [id, this.#session, text]);
  }

  close(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    this.#unsubscribe?.();
    await this.#box.close();
    const { id } = this.#namespace;
    await this.#namespace.query("closeBox", [id, this.#session]).catch(() => {});
    await this.#left();
  }
}

import { isWarmpoolError } from "../../model/error.js";
import type { ConnectOptions, SessionPost } from "../post.js";
import type { Address } from "./address.js";
import { type Conversation, converse } from "./conversation.js";
import { connectFailed } from "./failure.js";

/** How long to wait before connecting again: at first, and at most. Milliseconds. */
const RETRY = { firstMs: 20, mostMs: 500 };

/** A session's letters over a socket of this machine. A connection that breaks is made anew, to whoever listens then. */
export class SocketPost implements SessionPost {
  readonly #address: Address;
  readonly #options: ConnectOptions;
  #conversation: Conversation | undefined;
  #closed = false;

  private constructor(address: Address, options: ConnectOptions) {
    this.#address = address;
    this.#options = options;
  }

  /** @throws {WarmpoolError} `CONNECT_FAILED`, `PROTOCOL_MISMATCH`. */
  static async open(address: Address, options: ConnectOptions): Promise<SocketPost> {
    const post = new SocketPost(address, options);
    post.#take(await converse(address, options.session));
    return post;
  }

  async send(text: string): Promise<void> {
    const socket = this.#conversation?.socket;
    if (socket === undefined) throw connectFailed(this.#address, "the connection is being made anew");
    // When the other side does not keep up, what follows gathers meanwhile.
    if (socket.write(`${text}\n`)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        socket.off("drain", done);
        socket.off("close", done);
        resolve();
      };
      socket.on("drain", done);
      socket.on("close", done);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const socket = this.#conversation?.socket;
    if (socket === undefined || socket.destroyed) return;
    // What was sent goes out before.
    await new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
      socket.end(() => socket.destroy());
    });
  }

  #take(conversation: Conversation): void {
    this.#conversation = conversation;
    const { socket, lines, early } = conversation;
    // The holder of this session keeps the process alive when he wants it.
    socket.unref();
    socket.on("data", (chunk) => {
      try {
        const texts = lines.read(chunk);
        if (texts.length > 0 && !this.#closed) this.#options.receive(texts);
      } catch {
        socket.destroy();
      }
    });
    socket.on("close", () => {
      if (this.#conversation === conversation) this.#conversation = undefined;
      if (!this.#closed) void this.#again();
    });
    if (early.length > 0) this.#options.receive(early);
  }

  async #again(): Promise<void> {
    for (let waitMs = RETRY.firstMs; !this.#closed; waitMs = Math.min(RETRY.mostMs, waitMs * 2)) {
      try {
        const conversation = await converse(this.#address, this.#options.session);
        if (this.#closed) return void conversation.socket.destroy();
        this.#take(conversation);
        return this.#options.renewed();
      } catch (error) {
        // A listener of another release may be replaced by one of ours: it is asked again, less often.
        const pauseMs = isWarmpoolError(error, "PROTOCOL_MISMATCH") ? RETRY.mostMs : waitMs;
        await new Promise((resolve) => {
          setTimeout(resolve, pauseMs).unref();
        });
      }
    }
  }
}

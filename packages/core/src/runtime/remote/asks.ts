import type { WarmpoolError } from "../../model/error.js";
import { fromFailed, type LeaderMessage, type SessionMessage } from "../../model/message.js";

type Question = SessionMessage & { readonly call: number };

/** A call with one answer. */
interface Ask {
  readonly message: Question;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: WarmpoolError) => void;
}

/** What whoever leads was asked and has not answered: the next one is asked again. */
export class Asks {
  readonly #say: (message: SessionMessage) => void;
  readonly #open = new Map<number, Ask>();
  #allAnswered: (() => void) | undefined;

  constructor(say: (message: SessionMessage) => void) {
    this.#say = say;
  }

  ask(message: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#open.set(message.call, { message, resolve, reject });
      this.#say(message);
    });
  }

  /** Returns whether that call was asked here. */
  answered(message: LeaderMessage & { type: "answer" }): boolean {
    const ask = this.#open.get(message.call);
    if (ask === undefined) return false;
    this.#open.delete(message.call);
    if ("failed" in message) ask.reject(fromFailed(message));
    else ask.resolve(message.value);
    if (this.#open.size === 0) this.#allAnswered?.();
    return true;
  }

  /** How a leader is asked who knows nothing of it. */
  *again(): Iterable<SessionMessage> {
    for (const { message } of this.#open.values()) {
      yield message.type === "release" ? { ...message, again: true } : message;
    }
  }

  /** Nobody will answer. */
  fail(error: WarmpoolError): void {
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }

  /** Resolves when all are answered. */
  async allAnswered(): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#allAnswered = resolve;
    });
  }
}

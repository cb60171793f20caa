import type { Letter } from "@warmpool/core";
import type { Namespace } from "./namespace.js";
import { Pause } from "./pause.js";

/** While the database is away. */
const RETRY_MS = 200;

/** The box of a session or of the leader: looked into when its bell rings, and now and then. */
export class Mailbox {
  readonly #namespace: Namespace;
  readonly #box: string;
  readonly #channel: string;
  readonly #receive: (letters: readonly Letter[]) => void;
  readonly #pause = new Pause();
  #unsubscribe: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #rung = false;
  #closed = false;

  constructor(namespace: Namespace, box: string, channel: string, receive: (letters: readonly Letter[]) => void) {
    this.#namespace = namespace;
    this.#box = box;
    this.#channel = channel;
    this.#receive = receive;
  }

  /** Resolves when there is a box, and it listens; or when it is closed. */
  async open(): Promise<void> {
    this.#unsubscribe = await this.#namespace.subscribe((payload) => this.#told(payload), this.#channel);
    await new Promise<void>((opened) => {
      this.#running = this.#run(opened).finally(opened);
    });
  }

  /** A letter itself; or that there may be one in it. */
  #told(payload: string): void {
    if (payload.startsWith("=")) this.#receive([{ session: this.#box, text: payload.slice(1) }]);
    else this.look();
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
      if (letters !== undefined && letters.length > 0) this.#receive(letters);
      // A letter after this look is told: looking again at once would find nothing.
      if (!this.#rung) await this.#pause.for(letters === undefined ? RETRY_MS : this.#namespace.lookEveryMs);
    }
  }

  async #take(): Promise<readonly Letter[]> {
    const { id, isHeard } = this.#namespace;
    // Who does not hear is told nothing, and looks.
    const channel = isHeard ? this.#channel : "";
    return (await this.#namespace.query("take", [id, this.#box, channel])) as unknown as Letter[];
  }
}

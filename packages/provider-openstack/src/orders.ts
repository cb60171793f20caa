import { unlessAborted } from "./client/session.js";

/**
 * Orders for servers that nobody has seen through yet.
 *
 * An order that is on its way cannot be called back: cutting it off only loses the answer. So it goes on when its
 * allocate gives up, and whoever asks for its key in this process hears the answer first. For how long listings may lack
 * a new server, its id is remembered.
 */
export class Orders {
  readonly #known = new Map<string, { readonly answer: Promise<string | undefined>; readonly untilMs: number }>();
  readonly #rememberedMs: number;

  /** @param rememberedMs How long an order counts, in milliseconds: as long as it may still make something. */
  constructor(rememberedMs: number) {
    this.#rememberedMs = rememberedMs;
  }

  /**
   * Sends an order.
   *
   * @param order Resolves with the id of the server.
   * @param signal Of who waits for the answer.
   */
  async send(key: string, order: () => Promise<string>, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.#purge();
    const sent = order();
    const answer = sent.catch(() => undefined);
    this.#known.set(key, { answer, untilMs: performance.now() + this.#rememberedMs });
    return await unlessAborted(sent, signal);
  }

  /** The id that the order of a key led to, after its answer. `undefined`: it is not known, or nobody ordered. */
  async idOf(key: string, signal: AbortSignal): Promise<string | undefined> {
    this.#purge();
    const known = this.#known.get(key);
    return known === undefined ? undefined : await unlessAborted(known.answer, signal);
  }

  /** What became of the order is settled. */
  forget(key: string): void {
    this.#known.delete(key);
  }

  /** The oldest come first. */
  #purge(): void {
    const nowMs = performance.now();
    for (const [key, { untilMs }] of this.#known) {
      if (untilMs > nowMs) return;
      this.#known.delete(key);
    }
  }
}

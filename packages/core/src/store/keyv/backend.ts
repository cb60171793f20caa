import { failed } from "./failure.js";

/** A `Keyv`, of version 5 or 6: what is used of it is its backend. */
export interface KeyvLike {
  /** The storage adapter, or a Map. */
  readonly store: unknown;
}

/** What every Keyv backend has: adapters answer with promises, a Map at once. */
interface Adapter {
  get(key: string): unknown;
  set(key: string, value: string): unknown;
  delete(key: string): unknown;
  deleteMany?(keys: string[]): unknown;
  on?(event: "error", listen: (error: unknown) => void): unknown;
  off?(event: "error", listen: (error: unknown) => void): unknown;
}

/** How many calls are made side by side. */
export const ABREAST = 16;

/** The adapter of a Keyv, or `undefined` if that is none. */
export function adapterOf(keyv: unknown): Adapter | undefined {
  const adapter = (keyv as KeyvLike | null | undefined)?.store as Partial<Adapter> | null | undefined;
  const has = (method: "get" | "set" | "delete") => typeof adapter?.[method] === "function";
  return has("get") && has("set") && has("delete") ? (adapter as Adapter) : undefined;
}

/**
 * The backend under a Keyv, called without Keyv: that would swallow its errors, and apply a TTL, compression and hooks.
 *
 * Some adapters swallow errors too, and only emit them: `get` says that there is no such key while the server is
 * away. So an error that is emitted while a call is under way counts as that call's.
 */
export class Backend {
  readonly #store: string;
  readonly #adapter: Adapter;
  #errors = 0;
  #latest: unknown;
  readonly #hear = (error: unknown) => {
    this.#errors += 1;
    this.#latest = error;
  };

  /** @param store The store's name, for messages. */
  constructor(store: string, adapter: Adapter) {
    this.#store = store;
    this.#adapter = adapter;
    adapter.on?.("error", this.#hear);
  }

  /** @throws {WarmpoolError} `STORE_FAILED` when it is no text. */
  async get(key: string): Promise<string | undefined> {
    const value = await this.#call(() => this.#adapter.get(key));
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string") return value;
    if (Buffer.isBuffer(value)) return value.toString();
    throw failed(this.#store, `its backend does not give texts back as they were set: ${key} is ${typeof value}`);
  }

  /** Values of keys side by side, in their order. */
  getAll(keys: readonly string[]): Promise<(string | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async set(key: string, value: string): Promise<void> {
    const done = await this.#call(() => this.#adapter.set(key, value));
    if (done === false) throw new Error(`${this.#store}: its backend did not set ${key}.`);
  }

  /** Deletes keys, those that don't exist too. */
  async delete(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += ABREAST) {
      const some = keys.slice(start, start + ABREAST);
      await this.#call(() =>
        this.#adapter.deleteMany !== undefined
          ? this.#adapter.deleteMany(some)
          : Promise.all(some.map((key) => this.#adapter.delete(key))),
      );
    }
  }

  /** Stops listening for errors. The Keyv is the user's: it stays connected. */
  leave(): void {
    this.#adapter.off?.("error", this.#hear);
  }

  async #call(run: () => unknown): Promise<unknown> {
    const before = this.#errors;
    const answer = await run();
    if (this.#errors > before) {
      throw new Error(`${this.#store}: its backend failed: ${String(this.#latest)}`, { cause: this.#latest });
    }
    return answer;
  }
}

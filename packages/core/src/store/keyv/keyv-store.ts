import { isWarmpoolError, WarmpoolError } from "../../model/error.js";
import { drawId } from "../../model/id.js";
import type { OpenOptions, Store, StoreSession } from "../store.js";
import { type Patience, requireWanted, untilFree } from "../waiting.js";
import { adapterOf, Backend, type KeyvLike } from "./backend.js";
import { claim } from "./claim.js";
import { failed } from "./failure.js";
import type { Place } from "./head-key.js";
import { Keys, ownerKey } from "./keys.js";
import { openNamespace } from "./opening.js";
import { type KeyvSettings, type KeyvStoreOptions, parseOptions } from "./options.js";
import { Ownership } from "./ownership.js";
import { KeyvSession } from "./session.js";

/**
 * Keeps records in any Keyv backend, through Keyv 5 or 6. For one process at a time; several namespaces of it can share
 * the backend through one store object.
 *
 * What the backend must do: give back what was set, at once and to everybody; forget nothing before it is deleted (no
 * eviction, no expiry); take values of some hundred kilobytes. Records are as durable as what it has acknowledged.
 *
 * That two processes don't open the store at once is checked with a heartbeat, as well as that can be done without
 * transactions: after a crash the next opener has to wait `staleAfter`, and a backend that carries a write out seconds
 * after it was sent can defeat it. Nothing is written before the store's first use.
 *
 * @param keyv A `Keyv`. Only its backend is used: not its TTL, compression, serialization or hooks, nor its namespace
 * unless the backend itself applies it. It stays connected.
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 *
 * @example
 * const pool = createPool({ name: "web", provider, max: 8, store: keyvStore(new Keyv({ store: new KeyvRedis(url) })) });
 */
export function keyvStore(keyv: KeyvLike, options: KeyvStoreOptions = {}): Store<true> {
  return new KeyvStore(keyv, parseOptions(keyv, options));
}

export class KeyvStore implements Store<true> {
  readonly name: string;
  readonly durable = true;
  readonly shared = false;
  readonly #keyv: KeyvLike;
  readonly #settings: KeyvSettings;
  /** Shared by all that are open, with the backend that they use. */
  #held: Promise<Held> | undefined;

  constructor(keyv: KeyvLike, settings: KeyvSettings) {
    this.name = `keyv ${settings.prefix}`;
    this.#keyv = keyv;
    this.#settings = settings;
  }

  async open(namespace: string, { signal, drawId: draw = drawId }: OpenOptions = {}): Promise<StoreSession> {
    const patience = { store: this.name, longestMs: this.#settings.waitForOwnerMs, signal };
    requireWanted(patience);
    try {
      const { backend, ownership } = await this.#enter(namespace, patience);
      const leave = async () => {
        ownership.namespaces.delete(namespace);
        // The last one out lets others in.
        if (ownership.namespaces.size === 0) await ownership.release();
      };
      try {
        requireWanted(patience);
        const keys = new Keys(this.#settings.prefix, namespace);
        const place: Place = { backend, keys, namespace, store: this.name, holds: () => ownership.holds() };
        const opened = await openNamespace(place, draw);
        return new KeyvSession(place, ownership, opened, this.#settings.compaction, leave);
      } catch (error) {
        await leave();
        throw error;
      }
    } catch (error) {
      if (isWarmpoolError(error)) throw error;
      throw failed(this.name, `it cannot be opened: ${(error as Error).message}`, error);
    }
  }

  /** The store as this process has it, claimed if need be, with the namespace taken in it. */
  async #enter(namespace: string, patience: Patience): Promise<Held> {
    for (;;) {
      requireWanted(patience);
      const isFirst = this.#held === undefined;
      this.#held ??= this.#claim(patience);
      const claimed = this.#held;
      const held = await claimed.catch((error: unknown) => {
        if (this.#held === claimed) this.#held = undefined;
        // Somebody else gave up waiting, not this one.
        if (!isFirst && isWarmpoolError(error, "ABORTED")) return undefined;
        throw error;
      });
      if (held === undefined) continue;
      const { ownership } = held;
      if (ownership.over) {
        await ownership.release();
        if (this.#held === claimed) this.#held = undefined;
        continue;
      }
      if (ownership.namespaces.has(namespace)) {
        const message = `${this.name}: the namespace ${JSON.stringify(namespace)} is open already; close that session first.`;
        throw new WarmpoolError("STORE_IN_USE", message, { details: { store: this.name } });
      }
      ownership.namespaces.add(namespace);
      return held;
    }
  }

  async #claim(patience: Patience): Promise<Held> {
    const adapter = adapterOf(this.#keyv);
    if (adapter === undefined) throw failed(this.name, "its Keyv has no backend any more");
    const backend = new Backend(this.name, adapter);
    const key = ownerKey(this.#settings.prefix);
    try {
      const claimed = await untilFree(() => claim(backend, key, this.#settings, patience), patience);
      return { backend, ownership: new Ownership(backend, key, this.#settings, claimed) };
    } catch (error) {
      backend.leave();
      throw error;
    }
  }
}

interface Held {
  readonly backend: Backend;
  readonly ownership: Ownership;
}

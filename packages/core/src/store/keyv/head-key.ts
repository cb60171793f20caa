import type { Backend } from "./backend.js";
import { failed } from "./failure.js";
import { decodeHead, encodeHead, type Head } from "./head.js";
import type { Keys } from "./keys.js";

/** Where something is kept. */
export interface Place {
  readonly backend: Backend;
  readonly keys: Keys;
  readonly namespace: string;
  /** The store's name, for messages. */
  readonly store: string;
}

/**
 * What counts now; `undefined` for a namespace that was never opened.
 *
 * @throws {WarmpoolError} `STORE_CORRUPT`, `STORE_TOO_NEW`.
 */
export async function readHead({ backend, keys, namespace, store }: Place): Promise<Head | undefined> {
  const text = await backend.get(keys.head);
  return text === undefined ? undefined : decodeHead(keys.head, text, namespace, store);
}

/**
 * Makes something else count, and looks whether it does.
 *
 * @throws {WarmpoolError} `STORE_FAILED` when it doesn't.
 */
export async function writeHead({ backend, keys, store }: Place, head: Head): Promise<void> {
  const text = encodeHead(keys.head, head);
  await backend.set(keys.head, text);
  if ((await backend.get(keys.head)) !== text) {
    throw failed(store, `its backend does not give back what was set (${keys.head}): is somebody else writing there?`);
  }
}

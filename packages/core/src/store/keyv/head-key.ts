import type { Backend } from "./backend.js";
import { corrupt, failed, fenced } from "./failure.js";
import { decodeHead, encodeHead, type Head, type Index } from "./head.js";
import type { Keys } from "./keys.js";
import { sealed, unsealed } from "./sealed.js";

/** Where something is kept. */
export interface Place {
  readonly backend: Backend;
  readonly keys: Keys;
  readonly namespace: string;
  /** The store's name, for messages. */
  readonly store: string;
  /** Whether the store is this process's own, until now. */
  holds(): Promise<boolean>;
}

/**
 * Which generation counts now; `undefined` for a namespace that was never opened.
 *
 * @throws {WarmpoolError} `STORE_CORRUPT`, `STORE_TOO_NEW`.
 */
export async function readHead({ backend, keys, namespace, store }: Place): Promise<Head | undefined> {
  const text = await backend.get(keys.head);
  return text === undefined ? undefined : decodeHead(keys.head, text, namespace, store);
}

/** Makes another generation count. Fails as `writeIndex` does. */
export async function writeHead(place: Place, head: Head): Promise<void> {
  await replace(place, place.keys.head, encodeHead(place.keys.head, head), head.epoch);
}

/** @throws {WarmpoolError} `STORE_CORRUPT`. */
export async function readIndex(
  { backend, keys, store }: Place,
  { generation, index }: Pick<Head, "generation" | "index">,
): Promise<Index> {
  const key = keys.index(generation);
  const text = await backend.get(key);
  if (text === undefined) return index;
  const found = unsealed(key, text) as Index | undefined;
  if (found === undefined) throw corrupt(store, `what stands under ${key} is damaged`);
  return found;
}

/**
 * Makes something else of a generation count, and looks whether it does, for the next opener too.
 *
 * @throws {WarmpoolError} `FENCED` when the store was lost; `STORE_FAILED` when something else counts.
 */
export async function writeIndex(
  place: Place,
  { generation, epoch }: Pick<Head, "generation" | "epoch">,
  index: Index,
) {
  const key = place.keys.index(generation);
  await replace(place, key, sealed(key, index), epoch);
}

async function replace({ backend, store, holds }: Place, key: string, text: string, epoch: number): Promise<void> {
  const fencedOff = () => fenced(store, epoch, "somebody else has opened it meanwhile");
  // Right before: what somebody else has written meanwhile must not be replaced.
  if (!(await holds())) throw fencedOff();
  await backend.set(key, text);
  if ((await backend.get(key)) !== text) {
    throw failed(store, `its backend does not give back what was set (${key}): is somebody else writing there?`);
  }
  // Written, but perhaps too late: whoever opens the store may still read what it replaces, which must not be deleted then.
  if (!(await holds())) throw fencedOff();
}

import { WarmpoolError } from "../../model/error.js";
import { drawId } from "../../model/id.js";
import { corrupt } from "./failure.js";
import { sealed, unsealed } from "./sealed.js";

/** The format of all keys and values. */
const VERSION = 1;

/** Records as they were at some time, in parts. */
export interface Snapshot {
  /** Random: no other snapshot has keys of this one. */
  readonly generation: string;
  /** How many parts. */
  readonly chunks: number;
}

/** Keys that nothing names any more, to be deleted. */
export type Leftover =
  | { readonly kind: "index"; readonly generation: string }
  | { readonly kind: "snapshot"; readonly generation: string; readonly chunks: number }
  /** Batches `from` to `to`. */
  | { readonly kind: "journal"; readonly generation: string; readonly from: number; readonly to: number };

/** What of a generation counts. */
export interface Index {
  readonly snapshot: Snapshot;
  /** The snapshot has the batches up to this number of the generation's journal in it. */
  readonly after: number;
  /** What may be left behind: by those who came before, or by a snapshot that was never finished. */
  readonly leftovers: readonly Leftover[];
}

/**
 * The one value that says which generation counts. Written once by each session, when it opens: what an earlier session
 * may still write, however late, concerns only a generation that nobody reads any more.
 */
export interface Head {
  /** The namespace's name: its keys may have only a digest of it. */
  readonly namespace: string;
  readonly installation: string;
  readonly epoch: number;
  /** Random: whose journal and index count. */
  readonly generation: string;
  /** As it was when the session opened, until the generation has an index of its own. */
  readonly index: Index;
}

export function encodeHead(key: string, head: Head): string {
  return sealed(key, { v: VERSION, ...head });
}

/** @throws {WarmpoolError} `STORE_CORRUPT`, `STORE_TOO_NEW`. */
export function decodeHead(key: string, text: string, namespace: string, store: string): Head {
  const head = unsealed(key, text) as (Head & { readonly v: number }) | undefined;
  if (head === undefined) throw corrupt(store, `what stands under ${key} is damaged`);
  const { v, ...rest } = head;
  if (v > VERSION) {
    const message =
      `${store}: it was written by a newer release (format ${v}; this one knows up to ${VERSION}). It was left as it ` +
      "is. Use that release, or a copy of the backend from before the update.";
    throw new WarmpoolError("STORE_TOO_NEW", message, { details: { store, found: v, supported: VERSION } });
  }
  if (rest.namespace !== namespace) {
    throw corrupt(
      store,
      `${key} is of the namespace ${JSON.stringify(rest.namespace)}, not ${JSON.stringify(namespace)}`,
    );
  }
  return rest;
}

/** Random enough that no two of a namespace are the same. */
export function drawGeneration(): string {
  return drawId(12);
}

/** What an index names and its successor will not. */
export function leftoversOf(generation: string, { snapshot, after, leftovers }: Index, last: number): Leftover[] {
  const batches: Leftover = { kind: "journal", generation, from: after + 1, to: last };
  return [...leftovers, { kind: "snapshot", ...snapshot }, batches];
}

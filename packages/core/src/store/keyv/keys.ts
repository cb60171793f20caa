import { createHash } from "node:crypto";

/** Who has the store open. */
export function ownerKey(prefix: string): string {
  return `${prefix}:owner`;
}

/** The names of a namespace's keys. */
export class Keys {
  /** Which generation counts. */
  readonly head: string;
  readonly #root: string;

  constructor(prefix: string, namespace: string) {
    this.#root = `${prefix}:${safe(namespace)}`;
    this.head = `${this.#root}:head`;
  }

  /** What of a generation counts. */
  index(generation: string): string {
    return `${this.#root}:${generation}:index`;
  }

  /** Part `part`, from 0, of a snapshot. */
  chunk(generation: string, part: number): string {
    return `${this.#root}:${generation}:s:${part}`;
  }

  /** Batch `number` of a journal. */
  batch(generation: string, number: number): string {
    return `${this.#root}:${generation}:j:${number}`;
  }
}

/**
 * A namespace's name as part of a key. Backends differ in what a key may be: how long, in which letters, whether `Web`
 * and `web` are two. So only short plain names stay what they are; a dot tells the others from them.
 */
function safe(namespace: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,39}$/.test(namespace)) return namespace;
  return `.${createHash("sha256").update(namespace).digest("hex").slice(0, 32)}`;
}

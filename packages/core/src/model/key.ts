/**
 * The key under which a provider makes a thing: `wp-<installation, 8>-<epoch's random, 6>-<number, base 36>`, of
 * `[a-z0-9-]`, at most 40 characters, so that it fits a host name, a label and a cloud's client token alike.
 * The epoch's random part keeps keys apart when a store was restored from an older copy and counts again.
 */
export function formatKey(installation: string, epochId: string, id: number): string {
  return `wp-${installation}-${epochId}-${id.toString(36)}`;
}

/** What a key is made from. */
export interface KeyParts {
  /** Of the store that gave it. */
  readonly installation: string;
  /** Drawn by the epoch that gave it. */
  readonly epochId: string;
  /** Number of the resource. */
  readonly id: number;
}

const pattern = /^wp-([a-z0-9]{8})-([a-z0-9]{6})-([a-z0-9]{1,11})$/;

/** The parts of a key, or `undefined` if it is none of ours. */
export function parseKey(key: string): KeyParts | undefined {
  const match = pattern.exec(key);
  if (match === null) return undefined;
  const [, installation, epochId, number] = match as unknown as [string, string, string, string];
  const id = Number.parseInt(number, 36);
  return Number.isSafeInteger(id) ? { installation, epochId, id } : undefined;
}

/**
 * What a made thing must bear, so that it can be told whose it is without our records: as tags, labels, metadata
 * or in its name, whatever the provider has.
 */
export interface ResourceTags {
  /** Of the manager. */
  readonly namespace: string;
  /** Drawn once by the store: only things of the same installation are ever reaped. */
  readonly installation: string;
  /** For which it was made. */
  readonly pool: string;
  /** Under which it was made. */
  readonly key: string;
  /** Larger in every later life of the manager: a thing with a larger one than the store's means a rolled-back store. */
  readonly epoch: number;
  /** After this moment (UTC milliseconds) anyone may delete it. Present when the pool has a `maxAge`. */
  readonly expiresAtMs?: number;
}

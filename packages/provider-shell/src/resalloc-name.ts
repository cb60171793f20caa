import { parseKey } from "@warmpool/core";

/**
 * What resalloc's scripts call a resource. Theirs list what begins with the name of their pool.
 *
 * @param pool The option `resallocPool`.
 */
export function resallocName(key: string, pool: string | undefined): string {
  return pool === undefined ? key : `${pool}_${key}`;
}

/** The key in such a name. `undefined`: it is none of ours; a resalloc that still runs has made it, say. */
export function keyOfResallocName(name: string, pool: string): string | undefined {
  const key = name.slice(pool.length + 1);
  return name === resallocName(key, pool) && parseKey(key) !== undefined ? key : undefined;
}

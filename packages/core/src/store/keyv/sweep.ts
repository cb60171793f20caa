import { unreachable } from "../../model/unreachable.js";
import type { Leftover } from "./head.js";
import type { Place } from "./head-key.js";

/** Deletes what nothing names any more. Stopping halfway is fine: the index goes on listing it. */
export async function sweep(
  { backend, keys }: Place,
  leftovers: readonly Leftover[],
  isWanted: () => boolean,
): Promise<void> {
  for (const leftover of leftovers) {
    const all = keysOf(leftover);
    for (let start = 0; start < all.length && isWanted(); start += AT_ONCE) {
      await backend.delete(all.slice(start, start + AT_ONCE));
    }
  }

  function keysOf(leftover: Leftover): string[] {
    const { kind, generation } = leftover;
    switch (kind) {
      case "index":
        return [keys.index(generation)];
      case "snapshot":
        return Array.from({ length: leftover.chunks }, (_, part) => keys.chunk(generation, part));
      case "journal": {
        const { from, to } = leftover;
        return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => keys.batch(generation, from + index));
      }
      default:
        return unreachable(kind);
    }
  }
}

/** Commits come in between. */
const AT_ONCE = 64;

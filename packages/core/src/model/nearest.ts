/**
 * The known name that was probably meant, or `undefined` if none is close: at most a third of its letters differ, and
 * never more than three. Two letters swapped count as one difference.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const apart = distance(name.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.min(3, Math.max(1, Math.ceil(candidate.length / 3)));
    if (apart <= allowed && apart < least) {
      best = candidate;
      least = apart;
    }
  }
  return best;
}

/** Edits that turn `from` into `to`: letters added, dropped, changed, or swapped with their neighbour. */
function distance(from: string, to: string): number {
  // Longer than any option: not a slip, and not worth the square.
  if (Math.max(from.length, to.length) > 100) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let edits = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) edits = Math.min(edits, beforeLast[column - 2]! + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}

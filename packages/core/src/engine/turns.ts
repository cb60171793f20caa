/**
 * Whose turn it is among several, by their weights: smooth weighted round robin. Of weights 2 and 1 it is a, b, a, and so
 * on: nobody has to be drawn, and none is far from its share at any time.
 */
export class Turns {
  readonly #credits = new Map<string, number>();

  /** The name of the next one. */
  next(weights: readonly (readonly [name: string, weight: number])[]): string | undefined {
    let best: string | undefined;
    let most = Number.NEGATIVE_INFINITY;
    let total = 0;
    for (const [name, weight] of weights) {
      const credit = (this.#credits.get(name) ?? 0) + weight;
      this.#credits.set(name, credit);
      total += weight;
      if (credit > most) {
        most = credit;
        best = name;
      }
    }
    if (best !== undefined) this.#credits.set(best, most - total);
    return best;
  }
}

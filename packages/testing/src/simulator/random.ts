const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Random numbers that are the same for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). Mulberry32: small, fast, and good enough to wander about. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** An integer from 0 to `below - 1`. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** An integer from `low` to `high`, and once in ten times one that is larger: up to `highest`. Most of what goes wrong is over soon. */
  often(low: number, high: number, highest: number): number {
    return this.chance(0.9) ? this.between(low, high) : this.between(high, highest);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of several, of which there is at least one. */
  pick<Thing>(things: readonly Thing[]): Thing {
    return things[this.below(things.length)] as Thing;
  }

  /** So many characters of `[a-z0-9]`. */
  word(length: number): string {
    let word = "";
    while (word.length < length) word += LETTERS[this.below(LETTERS.length)];
    return word;
  }

  /** Another stream, which this one's further draws don't touch. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 4_294_967_296));
  }
}

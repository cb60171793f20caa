import { type Contestant, type Opening, Thing } from "./contestant.ts";

/** The least a pool can do: a stack of free things and a line of waiters, by hand. No timeouts, no limits, no errors. */
export function openFloor({ max }: Opening): Contestant<Thing> {
  const free: Thing[] = [];
  const line = new Line();
  let made = 0;
  return {
    acquire: () => {
      const thing = free.pop();
      if (thing !== undefined) return Promise.resolve(thing);
      if (made === max) return new Promise((resolve) => line.push(resolve));
      made += 1;
      return Promise.resolve(new Thing());
    },
    release: (thing) => {
      const next = line.shift();
      if (next === undefined) free.push(thing);
      else next(thing);
    },
  };
}

type Resolve = (thing: Thing) => void;

interface Place {
  readonly resolve: Resolve;
  next: Place | undefined;
}

/** First in, first out. */
class Line {
  #first: Place | undefined;
  #last: Place | undefined;

  push(resolve: Resolve): void {
    const place: Place = { resolve, next: undefined };
    if (this.#last === undefined) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
  }

  shift(): Resolve | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    this.#first = first.next;
    if (this.#first === undefined) this.#last = undefined;
    // A place that has grown old would keep all that came after it, however short they lived, until the next full collection.
    first.next = undefined;
    return first.resolve;
  }
}

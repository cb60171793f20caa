import { type Contestant, type Opening, Thing } from "./contestant.ts";

/**
 * The least a pool can be that lends: a stack of free things, a line of waiters, and a loan in each holder's hands, by hand.
 * No timeouts, no limits, no errors but one.
 */
export function openFloor({ max }: Opening): Contestant<Loan> {
  const free: Thing[] = [];
  const line = new Line();
  let made = 0;
  return {
    acquire: () => {
      const thing = free.pop();
      if (thing !== undefined) return Promise.resolve(new Loan(thing));
      if (made === max) return new Promise((resolve) => line.push(resolve));
      made += 1;
      return Promise.resolve(new Loan(new Thing()));
    },
    release: (loan) => {
      const thing = loan.end();
      const next = line.shift();
      if (next === undefined) free.push(thing);
      else next(new Loan(thing));
    },
  };
}

/**
 * What a holder has: without it, one who returns a thing twice returns what is the next one's. It lives as long as it is
 * held, and the collector has to copy it: nobody who lends can do without one for each time.
 */
class Loan {
  readonly #thing: Thing;
  #over = false;

  constructor(thing: Thing) {
    this.#thing = thing;
  }

  /** Gives the thing back, once. */
  end(): Thing {
    if (this.#over) throw new Error("It was returned before.");
    this.#over = true;
    return this.#thing;
  }
}

type Resolve = (loan: Loan) => void;

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

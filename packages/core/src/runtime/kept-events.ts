/** How much of a log is kept: no more than `keep` events, none older than `keepForMs`; but always the newest. */
export interface Retention {
  readonly keep: number;
  /** `Infinity`: however old. */
  readonly keepForMs: number;
}

interface Numbered {
  readonly seq: number;
  readonly atMs: number;
}

/** Events in the order of their numbers, as many as are to be kept. Adding one lets go of those that are too many or too old. */
export class KeptEvents<Event extends Numbered> {
  readonly #retention: Retention;
  #events: Event[] = [];
  /** What stands before it was let go. */
  #start = 0;

  constructor(retention: Retention, events: readonly Event[] = []) {
    this.#retention = retention;
    this.#events = [...events];
  }

  get first(): Event | undefined {
    return this.#events[this.#start];
  }

  get last(): Event | undefined {
    return this.#events.at(-1);
  }

  /** Adds the newest, and returns those that are let go for it. */
  add(event: Event): readonly Event[] {
    this.#events.push(event);
    const { keep, keepForMs } = this.#retention;
    const before = this.#start;
    let start = before;
    const last = this.#events.length - 1;
    while (start < last) {
      const oldest = this.#events[start] as Event;
      if (last - start < keep && oldest.atMs >= event.atMs - keepForMs) break;
      start += 1;
    }
    if (start === before) return NONE;
    const dropped = this.#events.slice(before, start);
    this.#start = start;
    // What was let go is given back when it is half of all: each event is moved about once.
    if (start * 2 > this.#events.length) {
      this.#events = this.#events.slice(start);
      this.#start = 0;
    }
    return dropped;
  }

  /** The first ones after a number, at most `most`. */
  after(seq: number, most: number): readonly Event[] {
    let low = this.#start;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle] as Event).seq <= seq) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low, low + most);
  }
}

const NONE: readonly never[] = [];

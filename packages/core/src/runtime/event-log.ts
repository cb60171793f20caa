import { WarmpoolError } from "../model/error.js";
import type { AnyEvent } from "../model/event.js";
import { KeptEvents, type Retention } from "./kept-events.js";

/** How many events at most are handed to a reader at a time. */
const CHUNK = 256;

/**
 * The events of a manager, in the order of their numbers, as many as are kept; and who reads them. Without retention, it
 * keeps some only while somebody reads, for him to be late by.
 */
export class EventLog {
  readonly #retention: Retention | undefined;
  #kept: KeptEvents<AnyEvent>;
  /** Everything after this number is here. */
  #floor = 0;
  #last = 0;
  #readers = 0;
  #wakers: (() => void)[] = [];

  constructor(retention: Retention | undefined) {
    this.#retention = retention;
    this.#kept = new KeptEvents(retention ?? LATE);
  }

  /** Whether events are wanted. */
  get isActive(): boolean {
    return this.#retention !== undefined || this.#readers > 0;
  }

  /** Something is known of what happens. */
  get hasBegun(): boolean {
    return this.#last > 0;
  }

  /** The number of the oldest that is here, or of the next one. */
  get oldest(): number {
    return this.#kept.first?.seq ?? this.#last + 1;
  }

  /**
   * What a store had, when it was opened: again if it was opened before, and then some of it may not have been told.
   *
   * @param nextSeq The number of the next event.
   */
  load(events: readonly AnyEvent[], nextSeq: number): void {
    if (this.#last === 0) {
      this.#floor = (events[0]?.seq ?? nextSeq) - 1;
      this.#last = this.#floor;
    }
    for (const event of events) this.append(event);
    this.#last = Math.max(this.#last, nextSeq - 1);
  }

  append(event: AnyEvent): void {
    const { seq } = event;
    // One that was loaded may be told as well.
    if (!this.isActive || (this.#kept.last?.seq ?? this.#floor) >= seq) return;
    // Of a store that another process leads, what was before is not known here.
    if (this.#last === 0) this.#floor = seq - 1;
    this.#last = Math.max(this.#last, seq);
    for (const { seq: dropped } of this.#kept.add(event)) this.#floor = dropped;
    this.wake();
  }

  /** Somebody begins to read: from now on nothing that he has not read is let go, within retention. */
  join(nowAt: number): void {
    if (!this.isActive) {
      this.#floor = Math.max(this.#last, nowAt);
      this.#last = this.#floor;
    }
    this.#readers += 1;
  }

  /** He ceases to. */
  leave(): void {
    this.#readers -= 1;
    if (this.isActive) return;
    this.#floor = this.#last;
    this.#kept = new KeptEvents(LATE);
  }

  /**
   * Events after a number, the next ones first, not all of them at once; none, if there are none yet.
   *
   * @throws {WarmpoolError} `EVENTS_GONE`.
   */
  after(seq: number): readonly AnyEvent[] {
    if (seq < this.#floor) throw eventsGone(seq, this.oldest);
    return this.#kept.after(seq, CHUNK);
  }

  /** Resolves when it is worth looking again. */
  more(): Promise<void> {
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  /** Those who wait look again: there is more, or there never will be. */
  wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}

/** Of those who read where nothing is kept. */
const LATE: Retention = { keep: 10_000, keepForMs: Number.POSITIVE_INFINITY };

function eventsGone(after: number, oldest: number): WarmpoolError<"EVENTS_GONE"> {
  return new WarmpoolError(
    "EVENTS_GONE",
    `Events after ${after} are not kept any more: the oldest there is has number ${oldest}. Read on after ${oldest - 1}, knowing that some are missing; or keep more of them (events: { keep, keepFor }).`,
    { details: { after, oldest } },
  );
}

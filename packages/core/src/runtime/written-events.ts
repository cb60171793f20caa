import type { AnyEvent } from "../model/event.js";
import type { Change } from "../store/store.js";
import { KeptEvents, type Retention } from "./kept-events.js";

/** The events that a store has: each goes into the batch that made it true, and those that are too many leave with it. */
export class WrittenEvents {
  readonly #kept: KeptEvents<{ readonly seq: number; readonly atMs: number }> | undefined;
  /** What an earlier manager wrote, and this one does not want. */
  #unwanted: readonly number[] = [];

  /** @param retention `undefined`: none are written. */
  constructor(retention: Retention | undefined, written: readonly AnyEvent[]) {
    const numbers = written.map(({ seq, atMs }) => ({ seq, atMs }));
    if (retention === undefined) this.#unwanted = numbers.map(({ seq }) => seq);
    else this.#kept = new KeptEvents(retention, numbers);
  }

  /** What a batch with these events changes. */
  changes(events: readonly AnyEvent[]): Change[] {
    const records = new Map<number, string | null>();
    for (const seq of this.#unwanted) records.set(seq, null);
    this.#unwanted = [];
    if (this.#kept !== undefined) {
      for (const event of events) {
        records.set(event.seq, JSON.stringify(event));
        for (const { seq } of this.#kept.add({ seq: event.seq, atMs: event.atMs })) {
          // More in one batch than are kept: it was never written.
          if (typeof records.get(seq) === "string") records.delete(seq);
          else records.set(seq, null);
        }
      }
    }
    return [...records].map(([id, record]) => ({ kind: "event", id, record }));
  }
}

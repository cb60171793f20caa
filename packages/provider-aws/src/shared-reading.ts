import { setTimeout as sleep } from "node:timers/promises";
import { aborted, unlessAborted } from "./abort.js";

interface Started<Result> {
  readonly startedAtMs: number;
  readonly result: Promise<Result>;
  failed: boolean;
}

/** A reading that has not begun yet. */
interface Planned<Result> {
  readonly result: Promise<Result>;
  /** Ends its pause when nobody waits for it any more: a pause alone would keep the process alive. */
  readonly unwanted: AbortController;
  waiting: number;
}

/**
 * Reads something for everybody who asks: one reading at a time, with a pause between the beginnings of two. However many
 * wait for news, each reading is made once.
 */
export class SharedReading<Result> {
  readonly #everyMs: number;
  readonly #read: () => Promise<Result>;
  #latest: Started<Result> | undefined;
  #next: Planned<Result> | undefined;

  /** @param everyMs Least time between the beginnings of two readings, in milliseconds. */
  constructor(everyMs: number, read: () => Promise<Result>) {
    this.#everyMs = everyMs;
    this.#read = read;
  }

  /**
   * A reading that began at `sinceMs` or later.
   *
   * @param sinceMs By `performance.now()`; that moment itself: nothing older will do.
   */
  async since(sinceMs: number, signal: AbortSignal): Promise<Result> {
    const latest = this.#latest;
    if (latest !== undefined && !latest.failed && latest.startedAtMs >= sinceMs)
      return unlessAborted(signal, latest.result);
    if (signal.aborted) throw aborted(signal);
    this.#next ??= this.#plan();
    const planned = this.#next;
    planned.waiting += 1;
    try {
      return await unlessAborted(signal, planned.result);
    } finally {
      planned.waiting -= 1;
      if (planned.waiting === 0 && this.#next === planned) {
        this.#next = undefined;
        planned.unwanted.abort();
      }
    }
  }

  #plan(): Planned<Result> {
    const unwanted = new AbortController();
    return { result: this.#begin(unwanted.signal), unwanted, waiting: 0 };
  }

  async #begin(unwanted: AbortSignal): Promise<Result> {
    const latest = this.#latest;
    await latest?.result.catch(() => {});
    const pauseMs = latest === undefined ? 0 : latest.startedAtMs + this.#everyMs - performance.now();
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: unwanted });
    unwanted.throwIfAborted();
    // Whoever asks from here on for something later has to wait for the one after this.
    this.#next = undefined;
    const started: Started<Result> = { startedAtMs: performance.now(), result: this.#read(), failed: false };
    this.#latest = started;
    started.result.catch(() => {
      started.failed = true;
    });
    return started.result;
  }
}

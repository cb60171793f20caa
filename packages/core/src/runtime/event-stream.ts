import type { AnyEvent } from "../model/event.js";
import { abortError } from "./errors.js";
import { checkKnown, problem } from "./parse.js";
import type { Runtime } from "./runtime.js";

/** Which events to read. */
export interface EventsOptions {
  /**
   * The number (`seq`) of an event: those after it are read, first what is kept, then what happens. 0: from the very first
   * event. Default: from now.
   */
  readonly after?: number;
  /** Ends the reading, which then throws `ABORTED`. */
  readonly signal?: AbortSignal;
}

/**
 * Events, one after the other, without a gap and none twice: from a point in the past to the manager's end.
 *
 * @throws {WarmpoolError} `INVALID_OPTIONS`.
 */
export function readEvents(runtime: Runtime, options: EventsOptions): AsyncIterableIterator<AnyEvent> {
  checkKnown(options, ["after", "signal"]);
  const { after, signal } = options;
  if (after !== undefined && !(Number.isSafeInteger(after) && after >= 0))
    throw problem([{ path: "after", problem: "must be the number (seq) of an event, or 0" }]);
  return new EventStream(runtime, after, signal);
}

class EventStream implements AsyncIterableIterator<AnyEvent> {
  readonly #runtime: Runtime;
  readonly #signal: AbortSignal | undefined;
  /** Of the last one that was read; `undefined`: the first is still to come, whatever it is. */
  #after: number | undefined;
  #chunk: readonly AnyEvent[] = [];
  #at = 0;
  #ended = false;
  /** Reads come one after the other, however they are asked for. */
  #turn: Promise<unknown> = Promise.resolve();
  #stop!: () => void;
  readonly #stopped = new Promise<void>((resolve) => {
    this.#stop = resolve;
  });

  constructor(runtime: Runtime, after: number | undefined, signal: AbortSignal | undefined) {
    this.#runtime = runtime;
    this.#signal = signal;
    const lastSeq = runtime.lastSeq;
    this.#after = after ?? lastSeq;
    runtime.options.log.join(lastSeq ?? 0);
    runtime.watch();
    signal?.addEventListener("abort", this.#stop, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<AnyEvent>> {
    const turn = this.#turn.then(() => this.#next());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async return(): Promise<IteratorResult<AnyEvent>> {
    this.#end();
    return DONE;
  }

  async #next(): Promise<IteratorResult<AnyEvent>> {
    try {
      for (;;) {
        if (this.#signal?.aborted === true) throw abortError(undefined, this.#signal);
        if (this.#ended) return DONE;
        const event = this.#chunk[this.#at];
        if (event !== undefined) {
          this.#at += 1;
          this.#after = event.seq;
          return { done: false, value: event };
        }
        if (!(await this.#more())) {
          this.#end();
          return DONE;
        }
      }
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** Reads on, or waits for what is to come. Resolves with `false` when nothing is. */
  async #more(): Promise<boolean> {
    const runtime = this.#runtime;
    const { log } = runtime.options;
    // Before the store is open, nobody knows what is kept.
    if (runtime.hasOpened) {
      this.#after ??= log.oldest - 1;
      this.#chunk = log.after(this.#after);
      this.#at = 0;
      if (this.#chunk.length > 0) return true;
    }
    // A manager that was closed has told all; one that failed says why.
    if (runtime.isOver) {
      if (!runtime.isClosed && runtime.problem !== undefined) throw runtime.problem;
      return false;
    }
    await Promise.race([log.more(), this.#stopped]);
    return true;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#chunk = [];
    this.#signal?.removeEventListener("abort", this.#stop);
    this.#stop();
    this.#runtime.options.log.leave();
    this.#runtime.watch();
  }
}

const DONE: IteratorResult<AnyEvent> = { done: true, value: undefined };

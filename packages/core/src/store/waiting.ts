import { isWarmpoolError, WarmpoolError } from "../model/error.js";

/**
 * How long to wait between two tries. Nobody tells when a store becomes free; a try costs SQLite's thread up to 0.1 s of
 * waiting.
 */
const PAUSE_MS = 100;

/** How long somebody who opens a store is willing to wait for its owner. */
export interface Patience {
  /** For messages. */
  readonly store: string;
  /** 0: a single try. */
  readonly longestMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Repeats `open` while it rejects with `STORE_IN_USE`, as long as there is patience; after that its rejection stands.
 *
 * @throws {WarmpoolError} `ABORTED`.
 */
export async function untilFree<T>(open: () => Promise<T>, patience: Patience): Promise<T> {
  const startMs = performance.now();
  for (;;) {
    requireWanted(patience);
    try {
      return await open();
    } catch (error) {
      const leftMs = patience.longestMs - (performance.now() - startMs);
      if (!isWarmpoolError(error, "STORE_IN_USE") || leftMs <= 0) throw error;
      await pause(Math.min(PAUSE_MS, leftMs), patience.signal);
    }
  }
}

/** @throws {WarmpoolError} `ABORTED`. */
export function requireWanted({ store, signal }: Pick<Patience, "store" | "signal">): void {
  if (!signal?.aborted) return;
  const message = `${store}: opening was given up.`;
  throw new WarmpoolError("ABORTED", message, { details: { ticket: undefined }, cause: signal.reason });
}

/** Waits; not to its end when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    if (signal?.aborted) done();
  });
}

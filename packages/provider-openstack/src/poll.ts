import { setTimeout as pause } from "node:timers/promises";
import { OpenStackError } from "./client/error.js";
import { kindOf } from "./failure.js";

/** So many failures in a row are borne, with longer and longer pauses: about a minute, at the default interval. */
const PATIENCE = 5;

/** Longest pause that a service may ask for, in milliseconds. */
const LONGEST_PAUSE_MS = 60_000;

/** How to look again and again. */
export interface Polling {
  /** Milliseconds between two looks. */
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

/**
 * Looks until there is an answer. That a service says "not yet" or "not so fast" is borne for as long as the signal
 * allows, that it cannot be reached or breaks for a while.
 *
 * @param look `undefined`: not yet.
 * @throws What the last look threw, and the reason of an aborted signal.
 */
export async function poll<T>(look: () => Promise<T | undefined>, { intervalMs, signal }: Polling): Promise<T> {
  for (let failures = 0; ; ) {
    let pauseMs = intervalMs;
    try {
      const answer = await look();
      if (answer !== undefined) return answer;
      failures = 0;
    } catch (error) {
      signal.throwIfAborted();
      const kind = kindOf(error);
      if (!(error instanceof OpenStackError) || (kind !== "transient" && kind !== "throttled")) throw error;
      const answered = kind === "throttled" || error.status === 409;
      if (!answered) failures += 1;
      if (failures > PATIENCE) throw error;
      pauseMs = Math.max(intervalMs * 2 ** failures, Math.min(error.retryAfterMs ?? 0, LONGEST_PAUSE_MS));
    }
    // Those who were told the same at the same time don't come back at the same time.
    await pause(pauseMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

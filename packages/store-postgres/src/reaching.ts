import { WarmpoolError } from "@warmpool/core";
import { messageOf } from "./failure.js";
import { Moment } from "./moment.js";
import type { Namespace } from "./namespace.js";
import { Pause } from "./pause.js";

/** Between two tries while the database is away. */
const RETRY = { firstMs: 50, mostMs: 1_000 };

/** How long to keep trying. */
export interface Patience {
  readonly signal: AbortSignal | undefined;
  readonly toReachMs: number;
}

/**
 * Repeats `run` while the database is away.
 *
 * @throws {WarmpoolError} `ABORTED`; `STORE_FAILED` when the database refuses, or is away for too long; what `run` throws.
 */
export async function untilReachable<T>(namespace: Namespace, patience: Patience, run: () => Promise<T>): Promise<T> {
  const { signal, toReachMs } = patience;
  const since = new Moment();
  let pauseMs = RETRY.firstMs;
  for (;;) {
    requireWanted(namespace.store, signal);
    try {
      return await run();
    } catch (error) {
      const failure = namespace.failureOf(error);
      if (failure instanceof WarmpoolError) throw failure;
      if (since.elapsedMs >= toReachMs) throw namespace.unreachable(messageOf(error), error);
      await new Pause().for(pauseMs, signal);
      pauseMs = Math.min(RETRY.mostMs, pauseMs * 2);
    }
  }
}

/** @throws {WarmpoolError} `ABORTED`. */
export function requireWanted(store: string, signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  const message = `${store}: opening was given up.`;
  throw new WarmpoolError("ABORTED", message, { details: { ticket: undefined }, cause: signal.reason });
}

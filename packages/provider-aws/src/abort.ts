import { setTimeout as sleep } from "node:timers/promises";
import { ProviderError } from "@warmpool/core";

/** Waits for something of which others may want to hear too, but no longer than the signal says. */
export async function unlessAborted<Result>(signal: AbortSignal, result: Promise<Result>): Promise<Result> {
  if (signal.aborted) throw aborted(signal);
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(aborted(signal));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([result, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** @throws {ProviderError} When the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {
    throw aborted(signal);
  });
}

/** The end of a call that was given up from outside: it says nothing of EC2. */
export function aborted(signal: AbortSignal): ProviderError {
  const why = signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
  return new ProviderError(`The call was aborted: ${why}.`, { kind: "transient" });
}

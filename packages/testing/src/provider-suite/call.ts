import { AssertionError } from "node:assert";

/** A call went on although its signal was aborted long ago: the suite's own verdict, not a rejection by the provider. */
export class NeverEnded extends AssertionError {}

/** What a call that may be refused resolved with; `undefined`: it was refused. No end at all is no refusal. */
export async function answerOf<Result>(ended: Promise<Result>): Promise<Result | undefined> {
  try {
    return await ended;
  } catch (error) {
    if (error instanceof NeverEnded) throw error;
    return undefined;
  }
}

/** Whether a call that may be refused was refused. No end at all is no refusal. */
export async function refused(ended: Promise<unknown>): Promise<boolean> {
  return (await answerOf(ended.then(() => true))) === undefined;
}

/** A call of the provider under way. */
export interface RunningCall<Result> {
  /** As the call ends, except that one that doesn't end soon after its signal aborted is rejected for it. */
  readonly ended: Promise<Result>;
  abort(): void;
}

/**
 * Starts a call with the deadline that a manager would give it.
 *
 * @param timeoutMs Milliseconds until its signal aborts, and again from then until it must have ended.
 * @param aborted Its signal is aborted before it starts. Default: `false`.
 */
export function startCall<Result>(
  what: string,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<Result>,
  aborted = false,
): RunningCall<Result> {
  const controller = new AbortController();
  let over = false;
  let timer: NodeJS.Timeout;
  let rejectOverdue: (error: Error) => void;
  const overdue = new Promise<never>((_, reject) => {
    rejectOverdue = reject;
  });
  const abortFor = (reason: DOMException) => {
    // A timer for what is over would keep the process alive.
    if (over || controller.signal.aborted) return;
    clearTimeout(timer);
    const message = `${what} had not ended ${timeoutMs} ms after its signal was aborted`;
    timer = setTimeout(() => rejectOverdue(new NeverEnded({ message })), timeoutMs);
    controller.abort(reason);
  };
  const abort = () => abortFor(new DOMException(`the suite aborted ${what}`, "AbortError"));
  const late = () => abortFor(new DOMException(`${what} took longer than ${timeoutMs} ms`, "TimeoutError"));
  timer = setTimeout(late, timeoutMs);
  if (aborted) abort();
  // A provider that throws before its first await rejects, like any other.
  const running = (async () => await call(controller.signal))();
  const ended = Promise.race([running, overdue]).finally(() => {
    over = true;
    clearTimeout(timer);
  });
  // Whoever waits for it hears of it; a case that failed before it could must not end the process.
  ended.catch(() => {});
  return { ended, abort };
}

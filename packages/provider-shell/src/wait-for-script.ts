import type { CapturedOutput } from "./captured-output.js";
import type { Script, ScriptExit } from "./script.js";

/** What came first: the script's end, or a reason to end it. */
export type ScriptEnd =
  | { readonly type: "exited"; readonly exit: ScriptExit }
  | { readonly type: "stop"; readonly why: string; readonly cause?: unknown };

export interface Bounds {
  readonly signal: AbortSignal;
  /** Milliseconds from now. */
  readonly timeoutMs: number | undefined;
  readonly stdout: CapturedOutput | undefined;
}

/** Waits until a script has exited or must be ended. Ends nothing. */
export async function waitForScript(script: Script, { signal, timeoutMs, stdout }: Bounds): Promise<ScriptEnd> {
  let timer: NodeJS.Timeout | undefined;
  let abort = () => {};
  const stop = new Promise<ScriptEnd>((resolve) => {
    abort = () => resolve({ type: "stop", why: `was given up (${reasonOf(signal)})`, cause: signal.reason });
    signal.addEventListener("abort", abort, { once: true });
    // It tells only those who listened before.
    if (signal.aborted) abort();
    if (timeoutMs !== undefined) {
      timer = setTimeout(
        () => resolve({ type: "stop", why: `ran longer than its timeout of ${timeoutMs} ms` }),
        timeoutMs,
      );
    }
    stdout?.watch(() => resolve(tooMuch(stdout)));
  });
  try {
    const end = await Promise.race([script.exited.then((exit): ScriptEnd => ({ type: "exited", exit })), stop]);
    // What it printed since we last looked.
    return end.type === "exited" && (await stdout?.overflows()) ? tooMuch(stdout!) : end;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

function tooMuch({ limit }: CapturedOutput): ScriptEnd {
  return { type: "stop", why: `printed more than the ${limit} bytes that it may (outputLimit)` };
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}

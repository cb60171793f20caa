import { drawId } from "../../model/id.js";
import { type Patience, pause, requireWanted } from "../waiting.js";
import type { Backend } from "./backend.js";
import { failed, inUse } from "./failure.js";
import type { KeyvSettings } from "./options.js";
import { freshMs, type Moment, moment, passedMs, settleMs, sureMs } from "./timing.js";

/** What stands in the owner's key, as it is read. */
interface Beat {
  readonly token: string;
  /** 0: a claim, whose writer still waits to see whether it stands. */
  readonly beat: number;
  readonly staleAfterMs: number;
}

/** `undefined` for what is none. */
export function beatOf(text: string | undefined): Beat | undefined {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What stands in the owner's key. Others only look whether it changes, and how long it may stay as it is. */
export function heartbeat(token: string, beat: number, { staleAfterMs }: KeyvSettings): string {
  return JSON.stringify({ v: 1, token, beat, staleAfterMs });
}

/** A store that was claimed: it is kept by going on with heartbeats. */
export interface Claim {
  readonly token: string;
  /** What stands in the owner's key. */
  readonly text: string;
  /** When that was sent. */
  readonly sentAt: Moment;
}

/** A backend that is too slow for its heartbeat is so each time. */
const TRIES = 5;

/**
 * Takes the owner's key when nobody has it, or when its holder has not changed it for `staleAfter`.
 *
 * A backend has no way to write only if nobody else did. So whoever writes waits, and then looks whether his text still
 * stands: of several that write within a short time, the last one has it. A write that came later than that short time
 * counts for nothing, and its writer knows, since he looks at the clock.
 *
 * @throws {WarmpoolError} `STORE_IN_USE`, `STORE_FAILED`, `ABORTED`.
 */
export async function claim(
  backend: Backend,
  key: string,
  settings: KeyvSettings,
  wanted: Pick<Patience, "store" | "signal">,
): Promise<Claim> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const silentAt = await untilSilent(backend, key, settings, wanted);
    const token = drawId(20);
    const text = heartbeat(token, 0, settings);
    const sentAt = moment();
    await backend.set(key, text);
    if (passedMs(silentAt) > freshMs(settings)) continue;
    await pause(settleMs(settings), wanted.signal);
    const stands = (await backend.get(key)) === text;
    if (!stands) throw inUse(wanted.store);
    // Later, it may be somebody else's: what was read says nothing about now.
    if (wanted.signal?.aborted && passedMs(sentAt) < sureMs(settings)) await backend.delete([key]);
    requireWanted(wanted);
    return { token, text, sentAt };
  }
  const answers = `its backend answers too slowly for a heartbeat of ${settings.heartbeatMs} ms`;
  throw failed(wanted.store, `${answers}: reading and writing a key took more than ${freshMs(settings)} ms`);
}

/** When the owner's key was read as one that nobody keeps. */
async function untilSilent(
  backend: Backend,
  key: string,
  settings: KeyvSettings,
  wanted: Pick<Patience, "store" | "signal">,
): Promise<Moment> {
  const firstAt = moment();
  const seen = await backend.get(key);
  if (seen === undefined) return firstAt;
  // Whatever stands there, it is somebody.
  const staleAfterMs = Math.max(settings.staleAfterMs, beatOf(seen)?.staleAfterMs ?? 0);
  // From when the answer was there. By the monotonic clock alone: a clock that is set is no sign of death.
  const startMs = performance.now();
  for (;;) {
    const leftMs = startMs + staleAfterMs - performance.now();
    await pause(Math.max(0, Math.min(leftMs, settings.heartbeatMs / 4)), wanted.signal);
    requireWanted(wanted);
    const readAt = moment();
    const text = await backend.get(key);
    if (text === undefined) return readAt;
    if (text !== seen) throw inUse(wanted.store);
    if (readAt.monotonicMs - startMs >= staleAfterMs) return readAt;
  }
}

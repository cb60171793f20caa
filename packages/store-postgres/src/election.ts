import { Moment } from "./moment.js";
import type { Namespace } from "./namespace.js";
import { Pause } from "./pause.js";
import { requireWanted, untilReachable } from "./reaching.js";

/** A won election. */
export interface Elected {
  readonly epoch: number;
  readonly installation: string;
  /** Just before the statement was sent that won it. */
  readonly sent: Moment;
}

/** What the database says of a namespace. */
interface Seen {
  readonly installation: string;
  readonly epoch: number;
  readonly beat: number;
  readonly led: boolean;
  /** How long the leader may be silent. */
  readonly silenceMs: number;
  /** When the answer was here: it was true before. */
  readonly at: Moment;
}

/**
 * How often a candidate looks whether the leader has said a word, in the time that he may be silent: so much later than he
 * fell silent it may begin to count.
 */
const LOOKS_IN_SILENCE = 6;
const LONGEST_LOOK_MS = 1_000;

/**
 * Waits until this process leads the namespace: at once if nobody does, else when the leader gives it up or has not said a
 * word for the whole time that it may stay silent. That time is counted by the candidate's own monotonic clock, between an
 * answer of the database and the next statement to it: no clock of another machine has a part in it.
 *
 * A database that is away is waited for: whoever campaigns has reached it before.
 *
 * @throws {WarmpoolError} `ABORTED`; `STORE_FAILED` when the database refuses.
 */
export async function campaign(
  namespace: Namespace,
  drawId: (length: number) => string,
  signal: AbortSignal | undefined,
): Promise<Elected> {
  const forever = { signal, toReachMs: Number.POSITIVE_INFINITY };
  const pause = new Pause();
  const unsubscribe = await namespace.subscribe(() => pause.end());
  try {
    let watched: Seen | undefined;
    for (;;) {
      const seen = await untilReachable(namespace, forever, () => look(namespace, drawId));
      if (watched?.epoch !== seen.epoch || watched.beat !== seen.beat) watched = seen;
      const silentForMs = watched.at.elapsedAtLeastMs;
      if (seen.led && silentForMs < seen.silenceMs) {
        const lookMs = Math.min(LONGEST_LOOK_MS, seen.silenceMs / LOOKS_IN_SILENCE);
        await pause.for(Math.min(lookMs, seen.silenceMs - silentForMs), signal);
        continue;
      }
      const elected = await untilReachable(namespace, forever, () => lead(namespace, watched as Seen));
      if (elected === undefined) continue;
      if (signal?.aborted) await leave(namespace, elected.epoch);
      requireWanted(namespace.store, signal);
      return elected;
    }
  } finally {
    unsubscribe();
  }
}

async function look(namespace: Namespace, drawId: (length: number) => string): Promise<Seen> {
  const row = await namespace.lookUp(drawId);
  return {
    installation: row["installation"] as string,
    epoch: Number(row["epoch"]),
    beat: Number(row["beat"]),
    led: row["led"] as boolean,
    silenceMs: row["silence_ms"] as number,
    at: new Moment(),
  };
}

async function lead(namespace: Namespace, { epoch, beat, installation }: Seen): Promise<Elected | undefined> {
  const sent = new Moment();
  const { id, silenceMs, channel } = namespace;
  const [row] = await namespace.query("lead", [id, epoch, beat, silenceMs, channel]);
  return row === undefined ? undefined : { epoch: Number(row["epoch"]), installation, sent };
}

export async function leave(namespace: Namespace, epoch: number): Promise<void> {
  await namespace.query("leave", [namespace.id, epoch, namespace.channel]);
}

import type { Clock, Timer } from "../clock.js";

interface Alarm {
  readonly atMs: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told how far to go: then everything that falls due happens, in order. */
export class SimulatedClock implements Clock {
  #nowMs = 1_800_000_000_000;
  readonly #alarms = new Set<Alarm>();

  now(): number {
    return this.#nowMs;
  }

  turn(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): Timer {
    const alarm = { atMs: this.#nowMs + Math.max(0, ms), run };
    this.#alarms.add(alarm);
    return { cancel: () => this.#alarms.delete(alarm) };
  }

  /** Goes on by `ms`. What each alarm sets off has settled before the next one rings. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settled();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#alarms.delete(next);
      next.run();
      await settled();
    }
    this.#nowMs = untilMs;
  }

  #next(untilMs: number): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.atMs <= untilMs && (next === undefined || alarm.atMs < next.atMs)) next = alarm;
    }
    return next;
  }
}

/** Lets everything happen that needs no time: promises settle, and what they set off. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** What has become of a promise. */
export async function outcome(promise: Promise<unknown>): Promise<"pending" | "resolved" | "rejected"> {
  const settles = promise.then(
    () => "resolved" as const,
    () => "rejected" as const,
  );
  return await Promise.race([settles, settled().then(() => "pending" as const)]);
}

import type { Clock, Timer } from "@warmpool/core";
import { Timeline } from "../simulator/timeline.js";

/** A clock that stands still until it is told how far to go. */
export interface SimulatedClock extends Clock {
  /** Goes on by `ms`. What each timer sets off has settled before the next one rings. */
  advance(ms: number): Promise<void>;
}

/**
 * A clock for tests, to be handed in as the `clock` of a manager or pool: hours pass in an instant, in the same order each time.
 *
 * @param options.startAt UTC milliseconds. Default: 1,800,000,000,000.
 */
export function simulatedClock(options: { readonly startAt?: number } = {}): SimulatedClock {
  const { startAt = 1_800_000_000_000 } = options;
  const timeline = new Timeline();
  const now = () => startAt + timeline.nowMs;
  return {
    now,
    turn: now,
    after(ms: number, run: () => void): Timer {
      const event = timeline.after(Math.min(ms, Number.MAX_SAFE_INTEGER), run);
      return {
        cancel() {
          event.run = undefined;
        },
      };
    },
    async advance(ms) {
      const untilMs = timeline.nowMs + ms;
      await settled();
      while (timeline.nextAtMs <= untilMs) {
        timeline.step();
        await settled();
      }
      timeline.nowMs = untilMs;
    },
  };
}

/** Lets everything happen that needs no time. Three turns: some of it is asked for in the turn before. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Cancels a timer; a timer that has run is cancelled already. */
export interface Timer {
  /** Afterwards it will not run. */
  cancel(): void;
}

/** All that the runtime knows of time. Handed in, so that a simulated one can take its place. */
export interface Clock {
  /**
   * Milliseconds UTC, moved by the monotonic clock alone: when somebody sets the wall clock, no lease ends early and no
   * deadline is missed.
   */
  now(): number;
  /**
   * The wall clock, in milliseconds UTC: it goes on while the machine is suspended, when `now` may stand still, and somebody may
   * set it. A lease that another process leads counts by whichever of the two ran further. Default: `now`.
   */
  wall?(): number;
  /** Like `now`, but read once per turn of the event loop. */
  turn(): number;
  /** Runs something after a time, not keeping the process alive. */
  after(ms: number, run: () => void): Timer;
}

/** Longer ones overflow Node's timers and fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

// As they are when this is loaded. Tests replace them by others that stand still or run ahead: of a lease that another process
// counts in real time, that would tell its holder that it is lost, or nothing at all.
const { setTimeout, clearTimeout, setImmediate } = globalThis;
const wallNow = Date.now;
const monotonicNow = performance.now.bind(performance);

/** The clock of this machine, whatever tests do to theirs. */
export class SystemClock implements Clock {
  readonly #origin = wallNow() - monotonicNow();
  #turn = 0;
  #turnOver = true;
  readonly #endTurn = () => {
    this.#turnOver = true;
  };

  now(): number {
    return Math.floor(this.#origin + monotonicNow());
  }

  wall(): number {
    return wallNow();
  }

  turn(): number {
    if (this.#turnOver) {
      this.#turnOver = false;
      this.#turn = this.now();
      setImmediate(this.#endTurn).unref();
    }
    return this.#turn;
  }

  after(ms: number, run: () => void): Timer {
    const timer = setTimeout(run, Math.min(Math.max(0, Math.ceil(ms)), LONGEST_TIMER_MS)).unref();
    return { cancel: () => clearTimeout(timer) };
  }
}

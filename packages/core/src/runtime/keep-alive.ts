import { type Clock, SystemClock } from "./clock.js";

/** Whether the process may exit. All other timers of a manager let it. */
export class KeepAlive {
  readonly #whenIdle: boolean;
  /** Absent under a clock that is not the machine's: whoever turns that one keeps the process alive himself. */
  readonly #interval: NodeJS.Timeout | undefined;
  #waiting = 0;

  /** @param exitOnIdle Let the process exit when nobody waits; otherwise only `end` does. */
  constructor(exitOnIdle: boolean, clock: Clock) {
    this.#whenIdle = exitOnIdle;
    if (clock instanceof SystemClock) this.#interval = setInterval(() => {}, 2 ** 30);
    if (exitOnIdle) this.#interval?.unref();
  }

  /** Somebody began (+1) or ceased (-1) to wait for a call. */
  waiting(by: 1 | -1): void {
    this.#waiting += by;
    if (this.#whenIdle) this.#hold();
  }

  #hold(): void {
    if (this.#waiting > 0) this.#interval?.ref();
    else this.#interval?.unref();
  }

  /** Somebody waits until a call is answered. */
  async until<T>(call: Promise<T>): Promise<T> {
    this.waiting(+1);
    try {
      return await call;
    } finally {
      this.waiting(-1);
    }
  }

  end(): void {
    clearInterval(this.#interval);
  }
}

/** Whether the process may exit. All other timers of a manager let it. */
export class KeepAlive {
  readonly #whenIdle: boolean;
  readonly #interval = setInterval(() => {}, 2 ** 30);
  #waiting = 0;

  /** @param exitOnIdle Let the process exit when nobody waits; otherwise only `end` does. */
  constructor(exitOnIdle: boolean) {
    this.#whenIdle = exitOnIdle;
    if (exitOnIdle) this.#interval.unref();
  }

  /** Somebody began (+1) or ceased (-1) to wait for a call. */
  waiting(by: 1 | -1): void {
    this.#waiting += by;
    if (!this.#whenIdle) return;
    if (this.#waiting > 0) this.#interval.ref();
    else this.#interval.unref();
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

/** Lets one call per key run at a time, in the order in which they came. */
export class KeyQueue {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `call` when no earlier one for the key runs. Its answer is this one's. */
  async run<T>(key: string, call: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    let done = () => {};
    const mine = new Promise<void>((resolve) => {
      done = resolve;
    });
    this.#last.set(key, mine);
    await before;
    try {
      return await call();
    } finally {
      done();
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}

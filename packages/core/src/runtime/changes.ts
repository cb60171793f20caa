/** Tells of each change to whoever waits for the next one (`drain`). */
export class Changes {
  readonly #wakers = new Set<() => void>();

  get areAwaited(): boolean {
    return this.#wakers.size > 0;
  }

  next(): Promise<void> {
    return new Promise((resolve) => this.#wakers.add(resolve));
  }

  tell(): void {
    const wakers = [...this.#wakers];
    this.#wakers.clear();
    for (const wake of wakers) wake();
  }
}

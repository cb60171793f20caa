/** Waits; not to its end when the signal aborts, or when it is ended. */
export class Pause {
  #end: (() => void) | undefined;

  async for(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        this.#end = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done, { once: true });
      this.#end = done;
    });
  }

  /** What it waited for is here. */
  end(): void {
    this.#end?.();
  }
}

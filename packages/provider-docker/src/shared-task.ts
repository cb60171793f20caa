import { unlessAborted } from "./abort.js";

interface Running {
  readonly result: Promise<unknown>;
  readonly controller: AbortController;
  waiters: number;
}

/** Work of which one run serves all who want the same: it is given up when the last of them has. */
export class SharedTasks {
  readonly #running = new Map<string, Running>();

  /** @param start Begins it; its signal aborts when nobody waits any more. */
  async run<Result>(
    name: string,
    signal: AbortSignal,
    start: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    let task = this.#running.get(name);
    if (task === undefined) {
      const controller = new AbortController();
      const result = start(controller.signal).finally(() => {
        if (this.#running.get(name)?.controller === controller) this.#running.delete(name);
      });
      result.catch(() => {});
      task = { result, controller, waiters: 0 };
      this.#running.set(name, task);
    }
    task.waiters += 1;
    try {
      return (await unlessAborted(task.result, signal)) as Result;
    } finally {
      task.waiters -= 1;
      if (task.waiters === 0) {
        task.controller.abort();
        if (this.#running.get(name) === task) this.#running.delete(name);
      }
    }
  }
}

/** Something that `closeOnSignal` can close. */
export interface Closable {
  /** What a pool's and a manager's `close` do. */
  close(): Promise<void>;
}

/**
 * Closes pools when the process is asked to end (SIGTERM, SIGINT), and then lets the signal do what it would have done. A
 * second signal ends the process at once. Pools install no signal handlers by themselves.
 *
 * @returns Takes the handlers off again.
 */
export function closeOnSignal(
  pool: Closable | readonly Closable[],
  signals: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"],
): () => void {
  const pools = Array.isArray(pool) ? (pool as readonly Closable[]) : [pool as Closable];
  const stop = () => {
    for (const signal of signals) process.off(signal, handle);
  };
  const handle = (signal: NodeJS.Signals) => {
    stop();
    void Promise.allSettled(pools.map((one) => one.close())).then(() => process.kill(process.pid, signal));
  };
  for (const signal of signals) process.on(signal, handle);
  return stop;
}

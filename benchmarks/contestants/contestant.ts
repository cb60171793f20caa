/** A pool as the benchmarks see it. */
export interface Contestant<Held = unknown> {
  /** Waits in line when nothing is free. */
  acquire(): Promise<Held>;
  /** Gives back, in the way the library's own documentation shows: what is a promise there is awaited here. */
  release(held: Held): void | Promise<void>;
}

/** What a contestant is opened with. */
export interface Opening {
  /** The most resources. */
  readonly max: number;
  /** Every acquire has a timeout, of 30 s: never reached, but it has to be watched. */
  readonly timeout: boolean;
}

/** The longest wait of an acquire that has a timeout. */
export const TIMEOUT_MS = 30_000;

/** Something to lend. */
export class Thing {
  readonly number = 1;
}

export const PEERS = ["generic-pool", "tarn", "lightning-pool"] as const;
export type ContestantName = "floor" | "warmpool" | "baseline" | (typeof PEERS)[number];

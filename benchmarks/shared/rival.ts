import type { Built } from "../lib/build.ts";

/** How hard a contestant is driven, and on which database. */
export interface SharedOrder {
  readonly contestant: SharedContestant;
  readonly url: string;
  /** Connections for claiming and completing, or followers of ours. */
  readonly connections: number;
  /** Claims under way on each. */
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export const RIVALS = ["pg-boss", "graphile-worker", "graphile-worker, local queue", "skip locked"] as const;
export type Rival = (typeof RIVALS)[number];
export type SharedContestant = Built | Rival;

/** By the wall clock: the database is what one waits for. */
export interface SharedResult {
  readonly pairsPerSecond: number;
  /** Of a claim and its completion; `NaN` where it cannot be told from outside. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A contestant that is running: each call claims something and gives it back. */
export interface Claimant {
  /** One claim and its completion, over that connection. Absent: it claims by itself, and `done` counts. */
  readonly pair?: (connection: number) => Promise<void>;
  /** How many pairs are complete, where it claims by itself. */
  readonly done?: () => Promise<number>;
  close(): Promise<void>;
}

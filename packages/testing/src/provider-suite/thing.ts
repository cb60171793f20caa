import type { ResourceTags } from "@warmpool/core";

/** Something that a case asks the provider for, from before it is made until it is gone. */
export interface Thing {
  readonly key: string;
  readonly pool: string;
  readonly slot: number;
  readonly id: number;
  readonly tags: ResourceTags;
  /** What a manager would know: what `allocate` returned, until then what it checkpointed. */
  data: unknown;
  /**
   * - `named`: nothing was asked of the provider yet.
   * - `started`: `allocate` was called; anything may exist.
   * - `made`: `allocate` returned, and nobody asked for its end.
   * - `ending`: `delete` was called.
   * - `gone`: all that can be asked agree that nothing exists under its key.
   */
  state: "named" | "started" | "made" | "ending" | "gone";
}

/** How an `allocate` ended. */
export type Ended = { readonly status: "made" } | { readonly status: "rejected"; readonly error: unknown };

/** An `allocate` under way. */
export interface Attempt {
  readonly thing: Thing;
  /** When it was called, by `performance.now()`. */
  readonly startedAtMs: number;
  readonly ended: Promise<Ended>;
  /** Resolves at its first checkpoint, or when it ended without any. */
  readonly checkpointed: Promise<void>;
  abort(): void;
}

import type { Store } from "@warmpool/core";

/**
 * A store with its outside world: what each case gets fresh. Cases that need a member which is left out fail, unless
 * `deviations` lists them with the reason.
 */
export interface StoreHarness {
  /** Empty, and nobody else's. */
  readonly store: Store;
  /**
   * A new store object on what is durable now, as the next process would find it after this one was killed: the earlier
   * objects and their sessions were not closed. Called while no commit is under way, perhaps several times, each on
   * what the one before left.
   */
  reopen?(): Store | Promise<Store>;
  /** A second store object on the same content while the first one lives, as another process would make it. */
  another?(): Store | Promise<Store>;
  /** Takes the outside world down, after the suite has closed every session of the case. */
  cleanup?(): void | Promise<void>;
}

/** What `create` made, as a harness: a store alone is one. */
export function asHarness(made: Store | StoreHarness): StoreHarness {
  return "open" in made ? { store: made } : made;
}

import type { Change, Store } from "@warmpool/core";

/** Counts what goes into a store, and keeps the first of it. */
export class Journal {
  readonly kept: Change[] = [];
  batches = 0;
  rows = 0;
  readonly #keep: number;

  /** @param keep How many changes to keep. */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** The same store, watched. */
  watch<Durable extends boolean>(store: Store<Durable>): Store<Durable> {
    return {
      name: store.name,
      durable: store.durable,
      shared: store.shared,
      open: async (namespace, options) => {
        const session = await store.open(namespace, options);
        return {
          epoch: session.epoch,
          installation: session.installation,
          load: () => session.load(),
          commit: (batch) => {
            this.batches += 1;
            this.rows += batch.changes.length;
            if (this.kept.length < this.#keep) this.kept.push(...batch.changes);
            return session.commit(batch);
          },
          close: () => session.close(),
        };
      },
    };
  }
}

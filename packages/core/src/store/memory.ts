import { WarmpoolError } from "../model/error.js";
import { drawId } from "../model/id.js";
import type { Batch, OpenOptions, Store, StoredRecord, StoreSession } from "./store.js";

interface Namespace {
  installation: string;
  epoch: number;
}

/**
 * Keeps nothing: the engine's own state is the only copy. The default.
 *
 * A pool in memory computes nothing for its store. What this one keeps is who may write: epochs rise with each opening,
 * and an older one is refused, as in every store.
 *
 * @param options.installation 8 characters of `[a-z0-9]`. Default: drawn at each start, so that things left behind by a
 * crash are reported as foreign and not reaped. Give a fixed one if the provider can `list` and this is the only
 * process under that name: then a new start reaps what the last one left.
 */
export function memoryStore(options: { installation?: string } = {}): Store<false> {
  if (options.installation !== undefined && !/^[a-z0-9]{8}$/.test(options.installation)) {
    throw new WarmpoolError("INVALID_OPTIONS", "installation: must be 8 characters of a-z and 0-9.", {
      details: { problems: [{ path: "installation", problem: "must be 8 characters of a-z and 0-9" }] },
    });
  }
  const namespaces = new Map<string, Namespace>();
  return {
    name: "memory",
    durable: false,
    shared: false,
    async open(name: string, { drawId: draw = drawId }: OpenOptions = {}) {
      let namespace = namespaces.get(name);
      if (namespace === undefined) {
        namespace = { installation: options.installation ?? draw(8), epoch: 0 };
        namespaces.set(name, namespace);
      }
      namespace.epoch += 1;
      return new MemorySession(namespace, namespace.epoch);
    },
  };
}

class MemorySession implements StoreSession {
  readonly epoch: number;
  readonly installation: string;
  readonly #namespace: Namespace;
  #committed = 0;
  #closed = false;

  constructor(namespace: Namespace, epoch: number) {
    this.#namespace = namespace;
    this.epoch = epoch;
    this.installation = namespace.installation;
  }

  async *load(): AsyncIterable<readonly StoredRecord[]> {}

  async commit(batch: Batch): Promise<void> {
    const fenced = this.#closed || batch.epoch !== this.#namespace.epoch || batch.number > this.#committed + 1;
    if (fenced)
      throw new WarmpoolError("FENCED", "A newer session writes this namespace.", { details: { epoch: batch.epoch } });
    this.#committed = Math.max(this.#committed, batch.number);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

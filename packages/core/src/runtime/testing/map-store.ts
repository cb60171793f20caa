import { WarmpoolError } from "../../model/error.js";
import type { Batch, OpenOptions, Store, StoredRecord, StoreSession } from "../../store/store.js";

/**
 * How a commit is answered: not made and an error (`fails`); made, but the answer is lost (`loses its answer`); refused for
 * good, because somebody else writes (`is fenced`) or it is broken (`refuses for good`).
 */
export type Fault = "fails" | "loses its answer" | "is fenced" | "refuses for good";

/** A durable store whose every answer is the test's to decide. What it keeps survives the managers that use it. */
export class MapStore implements Store<true> {
  readonly name = "map";
  readonly durable = true;
  readonly shared = false;
  readonly records = new Map<string, StoredRecord>();
  /** Each batch that was sent, and sent again. */
  readonly sent: Batch[] = [];
  /** Faults of the next commits, in order; after these, commits succeed. */
  readonly faults: Fault[] = [];
  /** Errors of the next openings. */
  readonly refusals: unknown[] = [];
  opened = 0;
  closed = 0;
  epoch = 0;
  /** Number of the last batch that was committed in this epoch. */
  last = 0;
  #held: (() => void)[] | undefined;
  #opening: Promise<void> = Promise.resolve();

  async open(_namespace: string, { signal }: OpenOptions = {}): Promise<StoreSession> {
    this.opened += 1;
    await this.#opening;
    signal?.throwIfAborted();
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    this.epoch += 1;
    this.last = 0;
    return new MapSession(this, this.epoch);
  }

  /** Openings wait until the returned function is called. */
  holdOpening(): () => void {
    let letGo!: () => void;
    this.#opening = new Promise((resolve) => {
      letGo = resolve;
    });
    return letGo;
  }

  /** From now on commits wait, unanswered and not made. */
  hold(): void {
    this.#held ??= [];
  }

  /** Lets the oldest one that waits go. */
  step(): void {
    this.#held?.shift()?.();
  }

  /** Lets all go, and those that follow. */
  letGo(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const go of held) go();
  }

  /** How many commits wait. */
  get waiting(): number {
    return this.#held?.length ?? 0;
  }

  async commit(batch: Batch): Promise<void> {
    this.sent.push(batch);
    const held = this.#held;
    if (held !== undefined) await new Promise<void>((resolve) => held.push(resolve));
    const fault = this.faults.shift();
    if (fault === "fails") throw new Error("the disk is away");
    if (fault === "refuses for good") throw failing(this.name);
    if (fault === "is fenced") this.epoch += 1;
    if (batch.epoch !== this.epoch || batch.number > this.last + 1) throw fenced(batch);
    if (batch.number > this.last) this.#apply(batch);
    if (fault === "loses its answer") throw new Error("the answer was lost");
  }

  #apply(batch: Batch): void {
    this.last = batch.number;
    for (const { kind, id, record } of batch.changes) {
      if (record === null) this.records.delete(`${kind} ${id}`);
      else this.records.set(`${kind} ${id}`, { kind, id, record });
    }
  }

  /** The record of that kind and number, parsed. */
  record<R>(kind: string, id: number): R | undefined {
    const stored = this.records.get(`${kind} ${id}`);
    return stored === undefined ? undefined : (JSON.parse(stored.record) as R);
  }
}

class MapSession implements StoreSession {
  readonly epoch: number;
  readonly installation = "map00000";
  readonly #store: MapStore;

  constructor(store: MapStore, epoch: number) {
    this.#store = store;
    this.epoch = epoch;
  }

  async *load(): AsyncIterable<readonly StoredRecord[]> {
    yield [...this.#store.records.values()];
  }

  async commit(batch: Batch): Promise<void> {
    await this.#store.commit(batch);
  }

  async close(): Promise<void> {
    this.#store.closed += 1;
  }
}

function fenced({ epoch }: Batch): WarmpoolError<"FENCED"> {
  return new WarmpoolError("FENCED", "a newer session writes", { details: { epoch } });
}

/** What a store says that cannot be used any more. */
export function failing(store: string): WarmpoolError<"STORE_FAILED"> {
  return new WarmpoolError("STORE_FAILED", "the disk burns.", { details: { store } });
}

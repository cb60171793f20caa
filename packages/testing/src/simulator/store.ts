import {
  type Batch,
  type LeaderPost,
  type Leadership,
  type OpenOptions,
  type Store,
  type StoredRecord,
  type StoreSession,
  WarmpoolError,
} from "@warmpool/core";
import type { Process } from "./process.js";
import { fenced, type Vault } from "./vault.js";

/** Records in one chunk of a load. */
const CHUNK = 16;

/** A process's connection to a vault: a durable store that one process at a time may open. */
export class SimulatedStore implements Store<true> {
  readonly name = "simulated";
  readonly durable = true;
  readonly shared: boolean = false;
  readonly leaderTtlMs: number = 0;
  readonly process: Process;
  readonly vault: Vault;

  constructor(process: Process, vault: Vault) {
    this.process = process;
    this.vault = vault;
  }

  async open(_namespace: string, { signal }: OpenOptions = {}): Promise<StoreSession> {
    const { process, vault } = this;
    const epoch = await this.ask<number>("open", () => {
      const { owner } = vault;
      if (owner?.alive === true && owner !== process) {
        throw new WarmpoolError("STORE_IN_USE", "Another process has opened this store.", {
          details: { store: this.name },
        });
      }
      return vault.open(process);
    });
    if (signal?.aborted === true) throw aborted(signal);
    return new SimulatedSession(this, epoch);
  }

  /** Asks the vault something, by two messages. */
  ask<T>(what: string, answer: () => T, extraMs = 0, lose = false): Promise<T> {
    const { process, vault } = this;
    const { restored } = vault;
    return new Promise<T>((resolve, reject) => {
      process.send(
        what,
        () => {
          // A restored database knows no connection of before.
          if (vault.restored !== restored) return;
          let result: T;
          try {
            result = answer();
          } catch (error) {
            return process.answer(() => reject(error));
          }
          if (lose) process.answer(() => reject(new Error("the connection to the store broke")));
          else process.answer(() => resolve(result));
        },
        extraMs,
      );
    });
  }
}

export class SimulatedSession implements StoreSession {
  readonly leadership?: Leadership;
  readonly post?: LeaderPost;
  readonly epoch: number;
  readonly installation: string;
  readonly store: SimulatedStore;
  /** Everything that was decided is in the vault. */
  isQuiet = true;
  #closed = false;
  #underWay: Promise<void> | undefined;

  constructor(store: SimulatedStore, epoch: number, leadership?: Leadership, post?: LeaderPost) {
    if (leadership !== undefined) this.leadership = leadership;
    if (post !== undefined) this.post = post;
    this.store = store;
    this.epoch = epoch;
    this.installation = store.vault.installation;
  }

  async *load(): AsyncIterable<readonly StoredRecord[]> {
    const records = await this.store.ask("load", () => [...this.store.vault.records.values()]);
    for (let at = 0; at < records.length; at += CHUNK) yield records.slice(at, at + CHUNK);
  }

  async commit(batch: Batch): Promise<void> {
    if (this.#closed) throw fenced(batch.epoch);
    const under = this.#commit(batch);
    this.#underWay = under.catch(() => {});
    await under;
  }

  async #commit(batch: Batch): Promise<void> {
    const { store } = this;
    const { process, vault } = store;
    const { plan, random, timeline } = process.world;
    this.isQuiet = false;
    const isCutOff = timeline.nowMs < process.cutOffUntilMs && plan.strikes("cut off", "commit", 0.7);
    const stalls = !isCutOff && plan.strikes("commit stalled", "commit", 0.12);
    const stalledMs = stalls ? random.often(50, 1_500, 8_000) : 0;
    // It fails or goes through, sooner or later.
    const fault = isCutOff
      ? undefined
      : plan.one("commit", [
          ["commit failed", 0.14],
          ["commit unanswered", 0.15],
        ]);
    if (fault === "commit failed" || isCutOff) {
      const refuse = () => {
        throw new Error("the store could not be reached");
      };
      await store.ask("commit", refuse, stalledMs);
    }
    await store.ask(
      "commit",
      () => {
        vault.commit(batch);
      },
      stalledMs,
      fault === "commit unanswered",
    );
    this.isQuiet = true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#underWay;
    this.store.vault.close(this.epoch);
  }
}

/** The opening was given up. */
export function aborted(signal: AbortSignal): WarmpoolError<"ABORTED"> {
  const options = { details: { ticket: undefined }, cause: signal.reason };
  return new WarmpoolError("ABORTED", "The opening was given up by its signal.", options);
}

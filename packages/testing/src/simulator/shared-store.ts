import {
  type ConnectOptions,
  isWarmpoolError,
  type Leadership,
  type OpenOptions,
  type SessionPost,
  type StoreSession,
  sharing,
} from "@warmpool/core";
import type { Process } from "./process.js";
import { aborted, SimulatedSession, SimulatedStore } from "./store.js";
import type { Vault } from "./vault.js";

/** What a leader keeps between the end of what it may do and the moment at which another could. Milliseconds. */
const MARGIN_MS = 100;

/**
 * A process's connection to a vault that several processes share: opening it is campaigning. It resolves once this process
 * is elected, which may be never.
 */
export class SharedStore extends SimulatedStore {
  override readonly shared = true;
  readonly sharing = sharing;
  override readonly leaderTtlMs: number;

  constructor(process: Process, vault: Vault, leaderTtlMs: number) {
    super(process, vault);
    this.leaderTtlMs = leaderTtlMs;
  }

  async connect(_namespace: string, options: ConnectOptions): Promise<SessionPost> {
    if (options.signal?.aborted === true) throw aborted(options.signal);
    return this.vault.post.connect(this.process, options);
  }

  override async open(_namespace: string, { signal }: OpenOptions = {}): Promise<StoreSession> {
    const { process, vault, leaderTtlMs } = this;
    for (;;) {
      const sentAtMs = process.world.nowMs;
      const epoch = await this.ask("campaign", () => vault.campaign(process, leaderTtlMs)).catch(() => undefined);
      if (signal?.aborted === true) throw aborted(signal);
      if (epoch !== undefined) {
        const leadership = new SimulatedLeadership(this, epoch, sentAtMs);
        return new SimulatedSession(this, epoch, leadership, vault.post.lead(process, epoch));
      }
      await new Promise<void>((resolve) => {
        process.after(leaderTtlMs / 2, resolve);
      });
    }
  }

  override ask<T>(what: string, answer: () => T, extraMs = 0, lose = false): Promise<T> {
    const { world, cutOffUntilMs } = this.process;
    // A load repeats itself, as the contract wants it; a commit that is cut off is a fault by itself.
    const gets = what === "commit" || what === "load" || world.nowMs >= cutOffUntilMs;
    if (gets) return super.ask(what, answer, extraMs, lose);
    return super.ask(what, () => {
      throw new Error("the store could not be reached");
    });
  }
}

/**
 * One leadership. It counts from when it was asked for, by the wall clock, which goes on while the machine is suspended;
 * nobody sets it in these runs while a process lives.
 */
class SimulatedLeadership implements Leadership {
  readonly ended: Promise<void>;
  readonly #store: SharedStore;
  readonly #epoch: number;
  #untilMs: number;
  #over = false;
  #end!: () => void;

  constructor(store: SharedStore, epoch: number, sentAtMs: number) {
    this.#store = store;
    this.#epoch = epoch;
    this.#untilMs = sentAtMs + store.leaderTtlMs - MARGIN_MS;
    this.ended = new Promise((resolve) => {
      this.#end = () => {
        this.#over = true;
        resolve();
      };
    });
    this.#watch();
    this.#confirmSoon();
  }

  /** Once it has ended, a late answer does not bring it back. */
  get leftMs(): number {
    return this.#over ? 0 : this.#untilMs - this.#store.process.world.nowMs;
  }

  #watch(): void {
    this.#store.process.after(Math.max(1, this.leftMs), () => {
      if (this.leftMs > 0) this.#watch();
      else this.#end();
    });
  }

  #confirmSoon(): void {
    const { process, vault, leaderTtlMs } = this.#store;
    process.after(leaderTtlMs / 3, () => {
      if (this.leftMs <= 0) return;
      const sentAtMs = process.world.nowMs;
      this.#store
        .ask("confirm", () => vault.confirm(this.#epoch, leaderTtlMs))
        .then(
          () => {
            if (this.#over) return;
            this.#untilMs = sentAtMs + leaderTtlMs - MARGIN_MS;
          },
          (error: unknown) => {
            if (isWarmpoolError(error, "FENCED")) this.#end();
          },
        );
      this.#confirmSoon();
    });
  }
}

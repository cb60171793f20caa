import { vi } from "vitest";
import { KeyvStore } from "./keyv-store.js";
import { parseOptions } from "./options.js";

/** A call of one process to the disk. */
export interface DiskCall {
  readonly nth: number;
  readonly does: "get" | "set" | "delete";
  readonly key: string;
}

/** What happens to a process' calls before and after they are carried out. */
export interface Fate {
  before?(call: DiskCall): Promise<void> | void;
  after?(call: DiskCall): Promise<void> | void;
}

/** For tests: what outlives a process, and processes that reach it as fate has it. */
export class Disk {
  readonly values = new Map<string, string>();

  /** A store as another process would make it. Its journals are short. */
  store(fate: Fate = {}, options: { waitForOwner?: boolean } = {}): KeyvStore {
    let calls = 0;
    const run = async <T>(does: DiskCall["does"], key: string, carryOut: () => T): Promise<T> => {
      calls += 1;
      const call = { nth: calls, does, key };
      await fate.before?.(call);
      const answer = carryOut();
      await fate.after?.(call);
      return answer;
    };
    const store = {
      get: (key: string) => run("get", key, () => this.values.get(key)),
      set: (key: string, value: string) => run("set", key, () => void this.values.set(key, value)),
      delete: (key: string) => run("delete", key, () => this.values.delete(key)),
    };
    const settings = { ...parseOptions({ store }, options), compaction: { batches: 3, characters: 1_000_000 } };
    return new KeyvStore({ store }, settings);
  }
}

/** A promise for what happens never. */
export const never = new Promise<never>(() => {});

/** Turns the clock until something has come to its end. @returns its value, or what it was rejected with. */
export async function turned<T>(work: Promise<T>, atMostMs = 600_000): Promise<T> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  for (let ms = 0; !isOver; ms += STEP_MS) {
    if (ms > atMostMs) throw new Error(`not over after ${atMostMs} ms`);
    await vi.advanceTimersByTimeAsync(STEP_MS);
  }
  return await work;
}

const STEP_MS = 10;

/** Waits by the clock that tests turn. */
export function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

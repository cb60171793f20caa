import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { StoreSession } from "../store.js";
import { Disk, turned } from "./disk.js";
import { keyvStore } from "./keyv-store.js";
import { sealed } from "./sealed.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PUT = { kind: "ticket", id: 1, record: '{"value":"x"}' } as const;

function commit(session: StoreSession, number: number): Promise<void> {
  return turned(session.commit({ epoch: session.epoch, number, changes: [PUT] }));
}

describe("what a backend has lost or changed is STORE_CORRUPT, and left as it is", () => {
  test.each<[string, RegExp, (disk: Disk, key: string) => void]>([
    ["a head that was changed", /:head$/, change],
    ["an index that was changed", /:index$/, change],
    ["a part of the snapshot that was changed", /:s:0$/, change],
    ["a part of the snapshot that is gone", /:s:0$/, drop],
    ["a batch that was changed", /:j:5$/, change],
    ["a batch that is gone while the next is there", /:j:4$/, drop],
    [
      "a batch under another's key",
      /:j:4$/,
      (disk, key) => void disk.values.set(key, disk.values.get(`${key.slice(0, -1)}5`)!),
    ],
  ])("%s", async (_, pattern, damage) => {
    const disk = new Disk();
    const session = await turned(disk.store().open("web"));
    // Three are compacted; two are in the journal.
    for (const number of [1, 2, 3, 4, 5]) {
      await commit(session, number);
      await vi.advanceTimersByTimeAsync(10);
    }
    await turned(session.close());
    const key = [...disk.values.keys()].find((key) => pattern.test(key));
    expect(key).toBeDefined();
    damage(disk, key!);
    const left = new Map(disk.values);
    await turned(expect(disk.store().open("web")).rejects.toMatchObject({ code: "STORE_CORRUPT" }));
    expect(disk.values).toEqual(left);
  });

  function change(disk: Disk, key: string): void {
    disk.values.set(
      key,
      disk.values.get(key)!.replace(/[0-9](?=\D*$)/, (digit) => String((Number(digit) + 1) % 10)),
    );
  }

  function drop(disk: Disk, key: string): void {
    disk.values.delete(key);
  }
});

test("what a newer release wrote is STORE_TOO_NEW", async () => {
  const disk = new Disk();
  disk.values.set("warmpool:web:head", sealed("warmpool:web:head", { v: 2, namespace: "web" }));
  const opening = disk.store().open("web");
  await turned(expect(opening).rejects.toMatchObject({ code: "STORE_TOO_NEW", details: { found: 2, supported: 1 } }));
});

test("a backend that cuts values short is found out before anything counts", async () => {
  const disk = new Disk();
  const session = await turned(disk.store().open("web"));
  await commit(session, 1);
  await turned(session.close());
  const after = ({ key }: { key: string }) => {
    if (key.endsWith(":s:0")) disk.values.set(key, disk.values.get(key)!.slice(0, 20));
  };
  const opening = disk.store({ after }).open("web");
  await turned(expect(opening).rejects.toMatchObject({ code: "STORE_FAILED", message: /limit the size of values/ }));
  const next = await turned(disk.store().open("web"));
  for await (const records of next.load()) expect(records).toEqual([PUT]);
});

/** As the Redis adapter is by default: while its server is away, nothing is there and all is set. */
class Swallowing extends EventEmitter {
  readonly values = new Map<string, string>();
  isAway = false;

  async get(key: string): Promise<string | undefined> {
    return this.#reaches() ? this.values.get(key) : undefined;
  }

  async set(key: string, value: string): Promise<void> {
    if (this.#reaches()) this.values.set(key, value);
  }

  async delete(key: string): Promise<boolean> {
    return this.#reaches() && this.values.delete(key);
  }

  #reaches(): boolean {
    if (this.isAway) this.emit("error", new Error("connection refused"));
    return !this.isAway;
  }
}

describe("errors that a backend swallows and only emits", () => {
  test("fail a commit, which can be repeated", async () => {
    const store = new Swallowing();
    const session = await turned(keyvStore({ store }).open("web"));
    store.isAway = true;
    await expect(commit(session, 1)).rejects.toThrow("connection refused");
    store.isAway = false;
    await commit(session, 1);
    await turned(session.close());
    expect(store.listenerCount("error")).toBe(0);
  });

  test("fail an opening, which must not take the store for a new one", async () => {
    const store = new Swallowing();
    await turned((await turned(keyvStore({ store }).open("web"))).close());
    store.isAway = true;
    store.on("error", () => {});
    await turned(expect(keyvStore({ store }).open("web")).rejects.toMatchObject({ code: "STORE_FAILED" }));
    store.isAway = false;
    expect((await turned(keyvStore({ store }).open("web"))).epoch).toBe(2);
  });
});

test("a backend that says false has not set", async () => {
  const values = new Map<string, string>();
  let refuses = false;
  const store = {
    get: (key: string) => values.get(key),
    set: (key: string, value: string) => !refuses && values.set(key, value) === values,
    delete: (key: string) => values.delete(key),
  };
  const session = await turned(keyvStore({ store }).open("web"));
  refuses = true;
  await expect(commit(session, 1)).rejects.toThrow("did not set");
  refuses = false;
  await commit(session, 1);
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { parseOptions } from "../../src/store/sqlite/options.js";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.js";
import { testFolder } from "./folder.js";
import { commit, loadIds, put } from "./record.js";

const realThread = new URL("../../dist/sqlite-worker.js", import.meta.url);

/** A store whose thread does `deed` before it would carry out batch 3. */
function storeWithDyingThread(folder: string, deed: string): SqliteStore {
  const thread = join(folder, "thread.mjs");
  writeFileSync(
    thread,
    `import { parentPort } from "node:worker_threads";
     const listen = parentPort.on.bind(parentPort);
     parentPort.on = (event, listener) => listen(event, (call) => {
       if (call.request.number === 3) { ${deed} }
       listener(call);
     });
     await import(${JSON.stringify(realThread.href)});`,
  );
  return new SqliteStore(parseOptions(join(folder, "pool.db"), {}), () => pathToFileURL(thread));
}

test.each([
  ["exits", "process.exit(7)", /its thread has ended \(exit code 7\)/],
  ["throws", "throw new Error('a bug in the thread')", /its thread has ended \(a bug in the thread\)/],
])(
  "a thread that %s rejects every call under way, frees the lock, and the next opening starts a new one",
  async (_, deed, message) => {
    const folder = testFolder();
    const store = storeWithDyingThread(folder, deed);
    const [web, vm] = [await store.open("web"), await store.open("vm")];
    await commit(web, 1, put(1));
    await commit(web, 2, put(2));
    const died = { code: "STORE_FAILED", message };
    const underWay = [commit(web, 3, put(3)), commit(vm, 1, put(4)), loadIds(vm)];
    for (const result of await Promise.allSettled(underWay)) {
      expect(result.status === "rejected" && result.reason).toMatchObject(died);
    }
    // Repeating cannot help in a session whose thread is gone.
    await expect(commit(web, 3, put(3))).rejects.toMatchObject(died);
    await Promise.all([web.close(), vm.close()]);

    const again = await store.open("web");
    expect(again.epoch).toBe(web.epoch + 1);
    expect(await loadIds(again)).toEqual([1, 2]);
    await again.close();
  },
);

test("a store can be opened anew before the sessions of a dead thread are closed", async () => {
  const store = storeWithDyingThread(testFolder(), "process.exit(7)");
  const dead = await store.open("web");
  await commit(dead, 1);
  await commit(dead, 2);
  await expect(commit(dead, 3)).rejects.toMatchObject({ code: "STORE_FAILED" });
  const again = await store.open("web");
  await dead.close();
  // The late close was the dead session's, not the new one's.
  await commit(again, 1, put(1));
  await again.close();
});

test("a thread that cannot start says why", async () => {
  const folder = testFolder();
  const thread = join(folder, "thread.mjs");
  writeFileSync(thread, `import "node:no-such-module";`);
  const store = new SqliteStore(parseOptions(join(folder, "pool.db"), {}), () => pathToFileURL(thread));
  await expect(store.open("web")).rejects.toMatchObject({ code: "STORE_FAILED", message: /no-such-module/ });
});

test("an opening that fails leaves the store usable", async () => {
  const store = new SqliteStore(parseOptions(join(testFolder(), "pool.db"), {}), () => realThread);
  const drawId = () => {
    throw new Error("no randomness left");
  };
  await expect(store.open("web", { drawId })).rejects.toThrow("no randomness left");
  await (await store.open("web")).close();
});

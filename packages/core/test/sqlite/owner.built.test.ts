import { existsSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isWarmpoolError, type StoreSession } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { expect, test } from "vitest";
import { testFolder } from "./folder.js";
import { commit, loadIds, put } from "./record.js";

test("a second store object is told what to do", async () => {
  const file = join(testFolder(), "pool.db");
  const first = await sqliteStore(file).open("web");
  const error = await sqliteStore(file)
    .open("web")
    .catch((rejection: unknown) => rejection);
  expect(isWarmpoolError(error, "STORE_IN_USE") && error.details).toEqual({ store: `sqlite ${file}` });
  expect(String(error)).toContain("waitForOwner: true");
  await first.close();
});

test("several namespaces share a store object, and the last one closed lets the next owner in", async () => {
  const file = join(testFolder(), "pool.db");
  const [store, other] = [sqliteStore(file), sqliteStore(file)];
  const [web, vm] = await Promise.all([store.open("web"), store.open("vm")]);
  await web.close();
  await expect(other.open("web")).rejects.toMatchObject({ code: "STORE_IN_USE" });
  await commit(vm, 1, put(1));
  await vm.close();
  await (await other.open("web")).close();
});

test("a namespace opened twice through one store object is refused, and the first goes on", async () => {
  const store = sqliteStore(join(testFolder(), "pool.db"));
  const first = await store.open("web");
  await expect(store.open("web")).rejects.toMatchObject({ code: "STORE_IN_USE" });
  await commit(first, 1, put(1));
  await first.close();
  await (await store.open("web")).close();
});

test("of many that open at once, one gets it", async () => {
  const file = join(testFolder(), "pool.db");
  const openings = await Promise.allSettled(Array.from({ length: 5 }, () => sqliteStore(file).open("web")));
  const sessions = openings.flatMap((opening) => (opening.status === "fulfilled" ? [opening.value] : []));
  expect(sessions.length).toBe(1);
  await Promise.all(sessions.map((session) => session.close()));
});

test("an opener that may wait gets the store when its owner closes, with a larger epoch", async () => {
  const file = join(testFolder(), "pool.db");
  const first = await sqliteStore(file).open("web");
  await commit(first, 1, put(1));
  const waiting = sqliteStore(file, { waitForOwner: true }).open("web");
  await sqliteStore(file)
    .open("web")
    .catch(() => undefined);
  await first.close();
  const second = await waiting;
  expect(second.epoch).toBeGreaterThan(first.epoch);
  expect(await loadIds(second)).toEqual([1]);
  await second.close();
});

test("an opener that has waited long enough is told that the store is in use", async () => {
  const file = join(testFolder(), "pool.db");
  const first = await sqliteStore(file).open("web");
  const waiting = sqliteStore(file, { waitForOwner: "150ms" }).open("web");
  await expect(waiting).rejects.toMatchObject({ code: "STORE_IN_USE" });
  await first.close();
});

test("waiting for an owner can be given up, and leaves nothing behind", async () => {
  const file = join(testFolder(), "pool.db");
  const first = await sqliteStore(file).open("web");
  const store = sqliteStore(file, { waitForOwner: true });
  const controller = new AbortController();
  const waiting = store.open("web", { signal: controller.signal });
  const reason = new Error("no patience");
  controller.abort(reason);
  await expect(waiting).rejects.toMatchObject({ name: "AbortError", code: "ABORTED", cause: reason });
  await first.close();
  await (await store.open("web")).close();
});

test("a link is the file that it leads to", async () => {
  const folder = testFolder();
  const [file, link] = [join(folder, "pool.db"), join(folder, "link.db")];
  const first = await sqliteStore(file).open("web");
  symlinkSync(file, link);
  await expect(sqliteStore(link).open("web")).rejects.toMatchObject({ code: "STORE_IN_USE" });
  await first.close();
  symlinkSync(join(folder, "nothing.db"), join(folder, "dangling.db"));
  const dangling = sqliteStore(join(folder, "dangling.db")).open("web");
  await expect(dangling).rejects.toMatchObject({ code: "STORE_FAILED", message: /link to nothing/ });
});

test("when somebody deletes the lock, whoever opens next writes, and the earlier one is fenced", async () => {
  const file = join(testFolder(), "pool.db");
  const first = await sqliteStore(file).open("web");
  await commit(first, 1, put(1));
  rmSync(`${file}-lock`);
  const second = await sqliteStore(file).open("web");
  await commit(second, 1, put(2));
  await expect(commit(first, 2, put(3))).rejects.toMatchObject({ code: "FENCED" });
  await closeAll(first, second);
});

test("other programs can read the file while it is open", async () => {
  const file = join(testFolder(), "pool.db");
  const session = await sqliteStore(file).open("web");
  await commit(session, 1, put(1, "hello"), put(2, "world", "ticket"));
  const reader = new DatabaseSync(file, { readOnly: true });
  expect(reader.prepare("SELECT kind, id, record ->> 'value' AS value FROM record").all()).toMatchObject([
    { kind: 1, id: 1, value: "hello" },
    { kind: 2, id: 2, value: "world" },
  ]);
  await commit(session, 2, put(3));
  reader.close();
  await session.close();
});

test("a commit that another program's writing holds up goes through once that is done", async () => {
  const file = join(testFolder(), "pool.db");
  const session = await sqliteStore(file).open("web");
  const shell = new DatabaseSync(file);
  shell.exec("BEGIN IMMEDIATE");
  const committed = commit(session, 1, put(1));
  const other = commit(session, 2, put(2));
  shell.exec("ROLLBACK");
  shell.close();
  await Promise.all([committed, other]);
  await session.close();
});

test("after the last session only the file and its empty lock are left", async () => {
  const file = join(testFolder(), "pool.db");
  const session = await sqliteStore(file).open("web");
  await commit(session, 1, put(1));
  expect(existsSync(`${file}-wal`)).toBe(true);
  await session.close();
  expect([existsSync(file), existsSync(`${file}-wal`), existsSync(`${file}-shm`)]).toEqual([true, false, false]);
});

test("nothing is made before the store is opened", () => {
  const file = join(testFolder(), "pool.db");
  sqliteStore(file);
  expect(existsSync(file)).toBe(false);
});

async function closeAll(...sessions: StoreSession[]): Promise<void> {
  await Promise.all(sessions.map((session) => session.close()));
}

import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isWarmpoolError, type StoreSession } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { describe, expect, test } from "vitest";
import { testFolder } from "./folder.js";
import { commit, loadIds, put } from "./record.js";

/** The bytes of a closed store with a few hundred kilobytes of records. */
async function goodFile(folder: string): Promise<Buffer> {
  const file = join(folder, "good.db");
  const session = await sqliteStore(file).open("web");
  await commit(session, 1, ...Array.from({ length: 1_000 }, (_, index) => put(index, "some text ".repeat(30))));
  await session.close();
  return readFileSync(file);
}

function overwritten(good: Buffer, start: number): Buffer {
  const bad = Buffer.from(good);
  bad.fill(0xaa, start, start + 300);
  return bad;
}

describe("a damaged file is refused with STORE_CORRUPT and left as it is", () => {
  const damages: [string, (good: Buffer) => Buffer][] = [
    ["a text", () => Buffer.from("This is no database, but a letter to the editor. ".repeat(100))],
    ["a single byte", (good) => good.subarray(0, 1)],
    ["half a header", (good) => good.subarray(0, 50)],
    ["only the first page", (good) => good.subarray(0, 4_096)],
    ["half of it", (good) => good.subarray(0, good.length / 2)],
    ["without its last page", (good) => good.subarray(0, good.length - 4_096)],
    ["without its last byte", (good) => good.subarray(0, good.length - 1)],
    ["an overwritten header", (good) => overwritten(good, 0)],
    ["an overwritten schema", (good) => overwritten(good, 100)],
    ["an overwritten page", (good) => overwritten(good, 40_960)],
  ];

  test.each(damages)("%s", async (_, damage) => {
    const folder = testFolder();
    const file = join(folder, "pool.db");
    const bad = damage(await goodFile(folder));
    writeFileSync(file, bad);
    const error = await refusal(file);
    expect(isWarmpoolError(error, "STORE_CORRUPT") && error.details).toEqual({ store: `sqlite ${file}` });
    expect(String(error)).toContain("Put a backup in its place");
    expect(readFileSync(file).equals(bad)).toBe(true);
    // Nothing of the refused opening is left over: a backup put in its place opens.
    writeFileSync(file, await goodFile(folder));
    await (await sqliteStore(file).open("web")).close();
  });
});

test("a record that changed on the disk is refused with STORE_CORRUPT when it is loaded", async () => {
  const folder = testFolder();
  const bad = await goodFile(folder);
  // Wherever it is: SQLite leaves old copies in pages that it rearranged.
  for (let at = bad.indexOf('"id":500,'); at >= 0; at = bad.indexOf('"id":500,')) bad.write('"id":501,', at);
  const file = join(folder, "pool.db");
  writeFileSync(file, bad);
  const session = await sqliteStore(file).open("web");
  await expect(loadIds(session)).rejects.toMatchObject({ code: "STORE_CORRUPT", message: /record \d+ of kind 1/ });
  await session.close();
});

describe("a file of a newer release is refused with STORE_TOO_NEW and left as it is", () => {
  test("closed by that release", async () => {
    const folder = testFolder();
    const file = join(folder, "pool.db");
    writeFileSync(file, await goodFile(folder));
    const newer = new DatabaseSync(file);
    newer.exec("PRAGMA user_version = 1000");
    newer.close();
    await expectTooNew(file, 1_000);
  });

  test("left by a crash of that release, with its log", async () => {
    const folder = testFolder();
    const [file, crashed] = [join(folder, "pool.db"), join(folder, "crashed.db")];
    writeFileSync(file, await goodFile(folder));
    const newer = new DatabaseSync(file);
    newer.exec("PRAGMA journal_mode = WAL; PRAGMA user_version = 1000");
    for (const part of ["", "-wal"]) writeFileSync(crashed + part, readFileSync(file + part));
    newer.close();
    const log = readFileSync(`${crashed}-wal`);
    await expectTooNew(crashed, 1_000);
    expect(readFileSync(`${crashed}-wal`).equals(log)).toBe(true);
  });

  async function expectTooNew(file: string, found: number): Promise<void> {
    const before = readFileSync(file);
    const error = await refusal(file);
    expect(isWarmpoolError(error, "STORE_TOO_NEW") && error.details.found).toBe(found);
    expect(readFileSync(file).equals(before)).toBe(true);
  }
});

describe("what cannot be a store is refused with STORE_FAILED", () => {
  test.each<[string, string, RegExp, ((folder: string) => void)?]>([
    ["a directory that does not exist", "missing/pool.db", /directory .*missing does not exist; create it first/],
    [
      "a directory that is a file",
      "file/pool.db",
      /directory .*file cannot be used/,
      (folder) => write(folder, "file"),
    ],
    ["a directory", "folder", /is a directory; name a file in it/, (folder) => mkdirSync(join(folder, "folder"))],
    [
      "a directory that cannot be written",
      "locked/pool.db",
      /its lock .* cannot be taken/,
      (folder) =>
        // Root may write into any directory, but for those of the kernel.
        symlinkSync("/proc/self", join(folder, "locked")),
    ],
    [
      "the database of another application",
      "pool.db",
      /another application/,
      (folder) => {
        const other = new DatabaseSync(join(folder, "pool.db"));
        other.exec("CREATE TABLE customer (name TEXT)");
        other.close();
      },
    ],
    ["a lock file that is none", "pool.db", /its lock .* cannot be taken/, (folder) => write(folder, "pool.db-lock")],
  ])("%s", async (_, path, message, prepare) => {
    const folder = testFolder();
    prepare?.(folder);
    const error = await refusal(join(folder, path));
    expect(isWarmpoolError(error, "STORE_FAILED")).toBe(true);
    expect(String(error)).toMatch(message);
  });

  function write(folder: string, name: string): void {
    writeFileSync(join(folder, name), "some text ".repeat(100));
  }
});

describe("what a crash can leave is a store", () => {
  test("an empty file", async () => {
    const file = join(testFolder(), "pool.db");
    writeFileSync(file, "");
    expect(await idsIn(file)).toEqual([]);
  });

  test("a database without tables", async () => {
    const file = join(testFolder(), "pool.db");
    const young = new DatabaseSync(file);
    young.exec("PRAGMA journal_mode = WAL");
    young.close();
    expect(await idsIn(file)).toEqual([]);
  });

  test("a file with a log that nobody has written back", async () => {
    const folder = testFolder();
    const [file, crashed] = [join(folder, "pool.db"), join(folder, "crashed.db")];
    const session = await sqliteStore(file).open("web");
    await commit(session, 1, put(1), put(2));
    for (const part of ["", "-wal"]) writeFileSync(crashed + part, readFileSync(file + part));
    await session.close();
    expect(await idsIn(crashed)).toEqual([1, 2]);
  });

  test("a log whose end is cut off: what was committed before is there", async () => {
    const folder = testFolder();
    const [file, crashed] = [join(folder, "pool.db"), join(folder, "crashed.db")];
    const session = await sqliteStore(file).open("web");
    await commit(session, 1, put(1));
    await commit(session, 2, put(2));
    writeFileSync(crashed, readFileSync(file));
    writeFileSync(`${crashed}-wal`, readFileSync(`${file}-wal`).subarray(0, -1));
    await session.close();
    expect(await idsIn(crashed)).toEqual([1]);
  });

  async function idsIn(file: string): Promise<number[]> {
    const session = await sqliteStore(file).open("web");
    const ids = await loadIds(session);
    await session.close();
    return ids;
  }
});

describe("a file that goes away while it is open", () => {
  test("deleted: commits are refused for good, since nobody would ever see them", async () => {
    const file = join(testFolder(), "pool.db");
    const session = await openWithOneRecord(file);
    rmSync(file);
    await expect(commit(session, 2, put(2))).rejects.toMatchObject({ code: "STORE_FAILED", message: /deleted/ });
    await session.close();
  });

  test("replaced: commits are refused for good, and the new file is untouched", async () => {
    const folder = testFolder();
    const file = join(folder, "pool.db");
    const session = await openWithOneRecord(file);
    const other = await goodFile(folder);
    rmSync(file);
    writeFileSync(file, other);
    await expect(commit(session, 2, put(2))).rejects.toMatchObject({ code: "STORE_FAILED", message: /replaced/ });
    expect(readFileSync(file).equals(other)).toBe(true);
    await session.close();
  });

  async function openWithOneRecord(file: string): Promise<StoreSession> {
    const session = await sqliteStore(file).open("web");
    await commit(session, 1, put(1));
    return session;
  }
});

function refusal(file: string): Promise<unknown> {
  return sqliteStore(file)
    .open("web")
    .then((session) => session.close().then(() => undefined))
    .catch((error: unknown) => error);
}

import { rmSync } from "node:fs";
import { join } from "node:path";
import { type SqliteStoreOptions, sqliteStore } from "@warmpool/core/sqlite";
import type { StoreHarness } from "@warmpool/testing";
import { copyAsAfterCrash, newFolder } from "./folder.js";

/** Each restart goes on with a copy: the process that "crashed" is this one, and still has the file open. */
export function sqliteHarness(options?: SqliteStoreOptions): StoreHarness {
  const folder = newFolder();
  let restarts = 0;
  const file = () => join(folder, `${restarts}.db`);
  return {
    store: sqliteStore(file(), options),
    reopen() {
      const crashed = file();
      restarts += 1;
      copyAsAfterCrash(crashed, file());
      return sqliteStore(file(), options);
    },
    another: () => sqliteStore(file(), options),
    cleanup: () => rmSync(folder, { recursive: true, force: true }),
  };
}

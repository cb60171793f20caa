import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { type KeyvLike, keyvStore } from "@warmpool/core/keyv";
import { type StoreDeviation, type StoreHarness, storeSuite } from "@warmpool/testing";
import { Keyv } from "keyv";
import { Keyv as Keyv5 } from "keyv-5";
import { describe, test } from "vitest";
import { FileBackend } from "./file-backend.js";

/** Openers wait a quarter of a heartbeat each time. A busy machine may stand still for longer than three. */
const options = { heartbeat: "200ms", staleAfter: "2s" } as const;

const forgetful: readonly StoreDeviation[] = (
  [
    "survives a restart",
    "an epoch that wrote nothing is not given again after a restart",
    "what was left behind by a crash cannot write",
  ] as const
).map((name) => ({ case: name, reason: "a Map keeps nothing" }));

const versions: readonly [string, (store?: FileBackend) => KeyvLike][] = [
  ["Keyv 6", (store) => new Keyv(store && { store })],
  ["Keyv 5", (store) => new Keyv5(store && { store })],
];

describe.concurrent.each(versions)("%s", (_, keyvOn) => {
  describe("on a file", () => {
    storeSuite({ test, create: () => fileHarness(keyvOn) });
  });

  describe("on its own Map", () => {
    const create = () => {
      const keyv = keyvOn();
      return { store: keyvStore(keyv, options), another: () => keyvStore(keyv, options) };
    };
    storeSuite({ test, create, deviations: forgetful });
  });
});

/** Each restart goes on with a copy: the process that "crashed" is this one, and its heart beats on. */
function fileHarness(keyvOn: (store: FileBackend) => KeyvLike): StoreHarness {
  const folder = mkdtempSync(join(tmpdir(), "warmpool-keyv-"));
  const backends: FileBackend[] = [];
  let restarts = 0;
  const file = () => join(folder, `${restarts}.db`);
  const openStore = () => {
    const backend = new FileBackend(file());
    backends.push(backend);
    return keyvStore(keyvOn(backend), options);
  };
  return {
    store: openStore(),
    async reopen() {
      const crashed = new DatabaseSync(file(), { readOnly: true });
      restarts += 1;
      await backup(crashed, file());
      crashed.close();
      return openStore();
    },
    another: openStore,
    async cleanup() {
      await Promise.all(backends.map((backend) => backend.disconnect()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

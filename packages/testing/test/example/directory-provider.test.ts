import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { providerSuite } from "@warmpool/testing";
import { describe, test } from "vitest";
import { directoryProvider } from "./directory-provider.js";

describe("directoryProvider", () => {
  providerSuite({
    test,
    async create() {
      const root = await mkdtemp(join(tmpdir(), "warmpool-"));
      return {
        provider: directoryProvider({ root }),
        count: async () => (await readdir(root)).length,
        break: ({ path }) => rm(path, { recursive: true }),
        restart: () => directoryProvider({ root }),
        cleanup: () => rm(root, { recursive: true }),
      };
    },
    deviations: [
      { without: "reset", reason: "a used directory is not cleaned, it is replaced" },
      { without: "outage", reason: "the file system of this machine is always there" },
    ],
  });
});

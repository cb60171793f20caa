import process from "node:process";
import { defineConfig } from "vitest/config";

// Many workers and few servers. The files are written by generate.ts; $CROWD says where they lie.
export default defineConfig({
  test: {
    include: [`${process.env["CROWD"] ?? ".files"}/*.spec.ts`],
    globalSetup: "./servers.setup.ts",
    pool: "forks",
    maxWorkers: 8,
    // Workers that live for many files: who waits for a server is then never waiting for a process to start.
    isolate: false,
    testTimeout: 120_000,
    teardownTimeout: 60_000,
  },
});

/** The test runners, as a user starts them. */
import { fileURLToPath } from "node:url";

export interface Runner {
  readonly name: string;
  /** Of the tests that go wrong. From the root of the repository. */
  readonly folder: string;
  /** Of its example. */
  readonly example: string;
  /** How its tests are called. */
  file(row: string): string;
  /** What starts it, in its folder. */
  command(files: readonly string[]): readonly string[];
  /** What starts it so that a failed test is tried again, if not by what the test says: it is started twice. */
  readonly rerun?: readonly string[];
}

const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));

const all: readonly Omit<Runner, "folder" | "example">[] = [
  {
    name: "vitest",
    file: (row) => `${row}.spec.ts`,
    command: (files) => [`${modules}vitest/vitest.mjs`, "run", ...files],
  },
  {
    name: "node-test",
    file: (row) => `${row}.spec.mjs`,
    command: (files) => [
      "--test",
      "--test-concurrency=1",
      "--test-force-exit",
      "--test-global-setup=./things.setup.mjs",
      ...files.map((file) => `./${file}`),
    ],
    rerun: ["--test-rerun-failures=./rerun.json"],
  },
  {
    name: "jest",
    file: (row) => `${row}.spec.cjs`,
    // A worker is killed in the middle of a test, if need be; and Jest does not wait for what tests leave running.
    command: (files) => [`${modules}jest/bin/jest.js`, "--forceExit", ...files],
  },
  {
    name: "playwright",
    file: (row) => `${row}.spec.ts`,
    command: (files) => [`${modules}@playwright/test/cli.js`, "test", "--reporter=line", ...files],
  },
];

export const runners: readonly Runner[] = all.map((runner) => ({
  ...runner,
  folder: `test/runners/${runner.name}`,
  example: `examples/${runner.name}`,
}));

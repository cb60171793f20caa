/** What docs/guide/test-frameworks.md shows for each runner, run as it stands there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPage } from "../docs/page.js";
import { runners } from "./runner.js";
import { Stage } from "./stage.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { files } = readPage(root, "docs/guide/test-frameworks.md");
const shown = files.filter(({ name }) => !name.startsWith("fragment-"));

/** Inside the repository, so that what is installed is found. */
const folder = mkdtempSync(join(root, "test/runners/.guide-"));
/** A script starts the run there, and Node looks for tests. */
const alone = join(folder, "node-22");

beforeAll(() => {
  mkdirSync(alone);
  for (const { name, text } of shown) writeFileSync(join(folder, name), text);
  for (const { name, text } of shown) {
    if (["servers.pool.ts", "start.mjs", "users.node.test.ts"].includes(name)) writeFileSync(join(alone, name), text);
  }
  // Of its own: by the repository's, Playwright would take the packages' sources.
  writeFileSync(join(folder, "tsconfig.json"), "{}");
});
afterAll(() => rmSync(folder, { recursive: true }));

const tests: Readonly<Record<string, string>> = {
  vitest: "users.test.ts",
  jest: "users.test.cjs",
  "node-test": "users.node.test.ts",
  playwright: "users.spec.ts",
};

test.each(runners)("$name", async ({ name, command }) => {
  using stage = new Stage();
  const args = command([tests[name] ?? ""]).map((arg) => arg.replace("./things.setup.mjs", "./servers.setup.mjs"));
  const run = stage.start(join("test/runners", basename(folder)), args);
  expect(await run.ended, run.output).toBe(0);
  expect(run.output.replaceAll(/\s+/g, " ")).toMatch(/\b1 passed|pass 1\b/);
  await expect.poll(() => stage.left, { timeout: 30_000 }).toEqual([]);
});

test("node:test without a global set-up, under Node 22", async () => {
  using stage = new Stage();
  const node = join(root, "test/nodes/22/node_modules/node/bin/node");
  const run = stage.start(join("test/runners", basename(folder), "node-22"), ["start.mjs"], {}, node);
  expect(await run.ended, run.output).toBe(0);
  expect(run.output).toMatch(/pass 1\b/);
  await expect.poll(() => stage.left, { timeout: 30_000 }).toEqual([]);
});

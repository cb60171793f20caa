/** A newcomer's path: an empty folder, the packages as published, and the README's first example as it is written there. */
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPage } from "../docs/page.js";
import { install } from "./install.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const node24 = join(root, "node_modules/node/bin/node");
const node26 = join(root, "test/nodes/26/node_modules/node/bin/node");
const node22 = join(root, "test/nodes/22/node_modules/node/bin/node");

const readme = readPage(root, "README.md");
const example = readme.files[0]?.text ?? "";
const printed = withoutTimes(readme.steps[0]?.prints ?? "");

let folder = "";
beforeAll(async () => {
  folder = await install("test/installed/newcomer", "core");
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(file: string, ...args: string[]): Promise<{ error: Error | null; stdout: string; stderr: string }> {
  const env = { PATH: process.env["PATH"], NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile(file, args, { cwd: folder, env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ error, stdout: withoutTimes(stdout), stderr }),
    );
  });
}

function withoutTimes(text: string): string {
  return text.trim().replaceAll(/\d+ms/g, "…ms");
}

/** As somebody writes it who has CommonJS and a target before `await using`: in a function, by the compiler. */
function asCommonJs(before: string, after: string): string {
  const lines = example.split("\n");
  const imports = lines.filter((line) => line.startsWith("import "));
  const body = lines.filter((line) => !line.startsWith("import "));
  const text = [...imports, before, ...body, after].join("\n");
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}

test("the README says what its first example prints", () => {
  expect(example).toContain('from "@warmpool/core"');
  expect(printed).toContain("have 1 after …ms");
});

test.each([node24, node26])("it works as written", async (node) => {
  writeFileSync(join(folder, "first.ts"), example);
  expect(await run(node, "first.ts")).toMatchObject({ error: null, stdout: printed });
});

test.each([node22, node24, node26])("it works from CommonJS", async (node) => {
  writeFileSync(join(folder, "first.cjs"), asCommonJs("(async () => {", "})();"));
  expect(await run(node, "first.cjs")).toMatchObject({ error: null, stdout: printed, stderr: "" });
});

test("it works in Jest", async () => {
  writeFileSync(join(folder, "first.test.cjs"), asCommonJs('test("the first example", async () => {', "});"));
  const { error, stderr } = await run(node24, join(root, "node_modules/jest/bin/jest.js"));
  expect(stderr).toMatch(/^Tests: +1 passed, 1 total$/m);
  expect(error).toBe(null);
});

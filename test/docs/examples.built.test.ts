/** What the documentation shows is compiled, and run where it says so, against the built packages. See page.ts. */
import { execFile } from "node:child_process";
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { masked, type Page, readPage } from "./page.js";
import { pages, root } from "./pages.js";

/** Inside the repository, so that `@warmpool/…` is found; hidden from the compiler's and the linter's search. */
const folder = mkdtempSync(join(root, "test/docs/.examples-"));
afterAll(() => {
  // What an example that failed left running.
  for (const path of globSync("**/pid", { cwd: folder })) {
    try {
      process.kill(Number(readFileSync(join(folder, path), "utf8")));
    } catch {
      // It has ended by itself.
    }
  }
  rmSync(folder, { recursive: true });
});

/** Compares its examples with tests that are run. */
const provedElsewhere = ["packages/testing/README.md"];

const examples = pages
  .filter((path) => !provedElsewhere.includes(path))
  .map((path) => readPage(root, path))
  .filter(({ files }) => files.length > 0);
const folderOf = ({ path }: Page) => join(folder, path.replaceAll("/", "-"));
for (const page of examples) {
  for (const { name, text } of page.files) {
    const path = join(folderOf(page), name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    if (name.endsWith(".sh")) chmodSync(path, 0o755);
  }
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly all: string;
}

function run(file: string, args: readonly string[], cwd: string): Promise<Ran> {
  return new Promise((resolve) => {
    const path = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
    // Everything that the examples leave behind lies in their folder.
    const env = { ...process.env, PATH: path, TMPDIR: cwd, NO_COLOR: "1", FORCE_COLOR: undefined };
    execFile(file, args, { cwd, env, timeout: 25_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, stdout, all: `${stdout}${stderr}` });
    });
  });
}

test("every example compiles", async () => {
  const sources = examples.flatMap((page) =>
    page.files.filter(({ name }) => /\.[cm]?ts$/.test(name)).map(({ name }) => join(folderOf(page), name)),
  );
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck"];
  options.push("--lib", "es2023,esnext.disposable", "--types", "node", "--ignoreConfig", "--pretty", "false");
  options.push("--allowImportingTsExtensions");
  // TypeScript 7 is four times as fast; what consumers see under the others is checked by check:consumers.
  const compiler = join(root, "node_modules/typescript-7/bin/tsc");
  const { all } = await run(process.execPath, [compiler, ...options, ...sources], root);
  expect(all.replaceAll(/^\S*\.examples-[^/]*\/([^(]+)\((\d+),/gm, whereInPage)).toBe("");
});

/** Where the compiler's complaint stands in the page. */
function whereInPage(all: string, path: string, line: string): string {
  for (const page of examples) {
    for (const { name, firstLine } of page.files) {
      if (join(page.path.replaceAll("/", "-"), name) === path) return `${page.path}:${Number(line) + firstLine - 1} (`;
    }
  }
  return all;
}

for (const page of examples.filter(({ steps }) => steps.length > 0)) {
  // Each command has a limit of its own.
  test.concurrent(`${page.path} runs as it says`, { timeout: 120_000 }, async ({ expect }) => {
    for (const { command, prints, line } of page.steps) {
      const { code, stdout, all } = await run("/bin/sh", ["-c", command], folderOf(page));
      expect(code, `${page.path}:${line}: ${command}\n${all}`).toBe(0);
      if (prints !== undefined) expect(masked(stdout), `${page.path}:${line}: ${command}`).toBe(masked(prints));
    }
  });
}

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

/** Blocks of the README that bear a file's name, with that name. */
const QUOTES = [...read("../../README.md").matchAll(/^```\w+ (?<file>[\w.-]+)\n(?<code>[\s\S]*?)^```$/gm)];

test.each(QUOTES.map(({ groups }) => groups as { file: string; code: string }))("the README quotes $file", (quote) => {
  expect(quote.code).toBe(read(quote.file));
});

test("the README quotes both examples", () => {
  expect(QUOTES.map(({ groups }) => groups?.["file"])).toEqual(["directory-provider.test.ts", "connections.test.mjs"]);
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { OPTION_NAMES } from "../src/parse-options.js";

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
const readme = read("../README.md");

/** The first cells of the rows of the table below a heading, without backquotes. */
function firstCells(heading: string): string[] {
  const section = readme.slice(readme.indexOf(`\n${heading}\n`) + heading.length + 2).split(/^## /m)[0]!;
  const cells = [...section.matchAll(/^\| (.*?) \|/gm)].slice(1).flatMap(([, cell = ""]) => cell.split(", "));
  return cells.map((cell) => cell.replaceAll("`", ""));
}

test("the table of options is complete", () => {
  expect(firstCells("## Options").sort()).toEqual([...OPTION_NAMES].sort());
});

test("the table of variables for a real cloud is complete", () => {
  const names = [...read("real-cloud.ts").matchAll(/env\("([A-Z_]+)"\)/g)].map(([, name]) => name);
  const documented = firstCells("## Against a cloud of your own");
  expect(documented.sort()).toEqual(names.map((name) => `WARMPOOL_TEST_OPENSTACK_${name}`).sort());
});

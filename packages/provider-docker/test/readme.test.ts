import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { dockerOptions } from "../src/option-schema.js";
import { problemsOf } from "../src/schema.js";

const readme = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8");

/** The first cells of the rows of the table below a heading, without backquotes. */
function firstCells(heading: string): string[] {
  const section = readme.slice(readme.indexOf(`\n${heading}\n`) + heading.length + 2).split(/^#+ /m)[0]!;
  const cells = [...section.matchAll(/^\| (.*?) \|/gm)].slice(1).flatMap(([, cell = ""]) => cell.split(", "));
  return cells.map((cell) => cell.replaceAll("`", ""));
}

test("the table of options is complete", () => {
  // An option that is unknown is answered with all that are known.
  const [problem] = problemsOf(dockerOptions, { "????????????????????": 1 });
  const known = /known are (.*)$/.exec(problem?.problem ?? "")?.[1]?.split(", ");
  expect(firstCells("## Options").sort()).toEqual(known?.sort());
});

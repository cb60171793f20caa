import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { OPTION_NAMES, parseOptions } from "../src/parse-options.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const readme = readFileSync(at("../README.md"), "utf8");
const guide = readFileSync(at("../../../docs/guide/ec2.md"), "utf8");

/** The rows of the table below a heading, cell by cell. */
function rowsBelow(heading: string): string[][] {
  const section = readme.slice(readme.indexOf(`\n${heading}\n`) + heading.length + 2).split(/^#+ /m)[0]!;
  const rows = [...section.matchAll(/^\| (.*) \|$/gm)].slice(1);
  return rows.map(([, row = ""]) => row.split(" | "));
}

test("the table of options is complete", () => {
  const named = rowsBelow("## Options").flatMap(([cell = ""]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual([...OPTION_NAMES].sort());
});

test("and says the defaults that are really used", () => {
  const settings = parseOptions({ launch: {} }) as unknown as Record<string, unknown>;
  const inMs = { "5m": 300_000, "15m": 900_000, "60s": 60_000, "5s": 5_000 } as Record<string, number>;
  let compared = 0;
  for (const [option = "", told = ""] of rowsBelow("## Options")) {
    const name = option.replaceAll("`", "");
    const duration = inMs[told.replaceAll(/[`"]/g, "")];
    if (duration !== undefined) expect([name, settings[`${name}Ms`]]).toEqual([name, duration]);
    else if (name === "pageSize" || name === "name")
      expect(JSON.stringify(settings[name])).toBe(told.replaceAll("`", ""));
    else continue;
    compared += 1;
  }
  expect(compared).toBe(7);
});

test("every action that is called is among those that must be allowed, in the table and in the policy", () => {
  const sources = globSync("../src/**/*.ts", { cwd: at(".") }).filter((path) => !path.includes(".test"));
  const calls = sources.flatMap((path) => [...readFileSync(at(path), "utf8").matchAll(/new sdk\.(\w+)Command\(/g)]);
  const called = [...new Set(calls.map(([, name]) => `ec2:${name}`))];
  expect(called.length).toBeGreaterThan(7);
  const allowed = rowsBelow("## What it must be allowed").flatMap(([, cell = ""]) => [
    ...cell.matchAll(/`(ec2:\w+)`/g),
  ]);
  expect(allowed.map(([, name]) => name).sort()).toEqual([...called, "ec2:CreateTags"].sort());
  for (const name of called) expect(guide).toContain(`"${name}"`);
});

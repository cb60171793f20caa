/**
 * What becomes of a lease when a test goes wrong, in the real runners: each row of the table in docs/guide/test-frameworks.md,
 * times each runner. There is one thing, so that a test that gets it proves that the one before has given it back.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runners } from "./runner.js";
import { Stage } from "./stage.js";

/** Rows whose tests go on after it. */
const failures = {
  "set-up that overruns": "overruns",
  "set-up that throws": "throws",
  "a test that times out": "times-out",
};
/** Rows that end the run. */
const ends = { "an interrupted run": "SIGINT", "a killed run": "SIGKILL" } as const;

const nothing = { timeout: 30_000, interval: 50 };

test("the guide has these rows", () => {
  const guide = readFileSync(fileURLToPath(new URL("../../docs/guide/test-frameworks.md", import.meta.url)), "utf8");
  // The only one with so many columns.
  const [head, line, ...rows] = guide.split("\n").filter((text) => text.split("|").length === 7);
  expect([head, line]).toEqual(["| | Vitest | Jest | `node:test` | Playwright |", "|---|---|---|---|---|"]);
  expect(rows.map((row) => row.split("|")[1]?.trim())).toEqual([
    ...Object.keys(failures),
    "a retried test",
    ...Object.keys(ends),
  ]);
});

describe.each(runners)("$name", (runner) => {
  test.each(Object.entries(failures))("%s: the next test gets the thing, and none is left", async (_, row) => {
    using stage = new Stage();
    const run = stage.start(runner.folder, runner.command([runner.file(row)]));
    await run.ended;
    const words = row.replace("-", " ");
    const told = stage.lines.map((line) => line.replace(/ \d+$/, ""));
    expect(told, run.output).toEqual([`${words}: bad got`, `${words}: next got`]);
    await expect.poll(() => [...stage.left, ...stage.living], nothing).toEqual([]);
  });

  test("a retried test: each attempt has the thing, and none is left", async () => {
    using stage = new Stage();
    const { rerun = [] } = runner;
    const options = rerun.map((option) => option.replace("./", `${stage.folder}/`));
    const args = runner.command([runner.file("retried")]);
    for (let runs = rerun.length > 0 ? 2 : 1; runs > 0; runs--) {
      const run = stage.start(runner.folder, [...options, ...args]);
      await run.ended;
    }
    const told = stage.lines.map((line) => line.replace(/ \d+$/, ""));
    expect(told.filter((line) => line === "retried: bad got")).toHaveLength(2);
    expect(told).toContain("retried: next got");
    await expect.poll(() => [...stage.left, ...stage.living], nothing).toEqual([]);
  });

  test.each(Object.entries(ends))("%s: nothing is left", async (_, signal) => {
    using stage = new Stage();
    const run = stage.start(runner.folder, runner.command([runner.file("interrupted")]));
    await expect.poll(() => stage.lines, nothing).toEqual([expect.stringMatching(/^interrupted: bad got \d+$/)]);
    expect(stage.left).toHaveLength(2);
    run.signal(signal);
    await run.ended;
    await expect.poll(() => [...stage.left, ...stage.living], nothing).toEqual([]);
  });
});

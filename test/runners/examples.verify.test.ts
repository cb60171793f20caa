/** Each example in its real runner, with a real PostgreSQL server and real processes, which are all gone afterwards. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { findBrowser } from "../../examples/test-things/find-browser.js";
import { runners } from "./runner.js";
import { Stage } from "./stage.js";

/** Where no browser is installed, the examples say so and skip one. */
const passed = findBrowser() === undefined ? 5 : 6;
const root = fileURLToPath(new URL("../..", import.meta.url));

test.each(runners)("examples/$name", async ({ example, command }) => {
  using stage = new Stage();
  const files = readdirSync(`${root}${example}`).filter((name) => /\.spec\.c?ts$|\.spec\.cjs$/.test(name));
  expect(files).toHaveLength(3);
  const run = stage.start(example, command(files), { SERVERS: stage.folder });
  expect(await run.ended, run.output).toBe(0);
  expect(run.output.replaceAll(/\s+/g, " ")).toMatch(new RegExp(`\\b${passed} passed|pass ${passed}\\b`));
  expect(stage.pidsOf("pids").length).toBeGreaterThan(0);
  await expect
    .poll(() => [...stage.left, ...stage.livingOf("pids"), ...stage.programs], { timeout: 30_000 })
    .toEqual([]);
});

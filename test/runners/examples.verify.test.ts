/** Each example in its real runner, with a real PostgreSQL server and real processes, which are all gone afterwards. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runners } from "./runner.js";
import { Stage } from "./stage.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

test.each(runners)("examples/$name", async ({ example, command }) => {
  using stage = new Stage();
  const files = readdirSync(`${root}${example}`).filter((name) => /\.spec\.c?ts$|\.spec\.cjs$/.test(name));
  expect(files).toHaveLength(3);
  const run = stage.start(example, command(files), { SERVERS: stage.folder });
  expect(await run.ended, run.output).toBe(0);
  expect(run.output.replaceAll(/\s+/g, " ")).toMatch(/\b5 passed|pass 5\b/);
  expect(stage.pidsOf("pids").length).toBeGreaterThan(0);
  await expect
    .poll(() => [...stage.left, ...stage.livingOf("pids"), ...stage.postgres], { timeout: 30_000 })
    .toEqual([]);
});

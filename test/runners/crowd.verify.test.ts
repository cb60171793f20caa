/** 200 test files over 8 workers share 4 real servers, each of which says itself whether two were at it at once. */
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generate } from "../../examples/vitest/crowd/generate.js";
import { runners } from "./runner.js";
import { Stage } from "./stage.js";

const crowd = "examples/vitest/crowd";
const files = ".files-verify";
const folder = fileURLToPath(new URL(`../../${crowd}/${files}`, import.meta.url));
const FILES = 200;
const patient = { timeout: 120_000, interval: 20 };

beforeAll(() => generate(folder, FILES));
afterAll(() => rmSync(folder, { recursive: true }));

function start(stage: Stage, env: Readonly<Record<string, string>> = {}) {
  const vitest = runners.find(({ name }) => name === "vitest");
  return stage.start(crowd, vitest?.command([]) ?? [], { CROWD: files, SERVERS: stage.folder, ...env });
}

async function nothingIsLeft(stage: Stage): Promise<void> {
  expect(stage.pidsOf("pids").length).toBeGreaterThanOrEqual(4);
  await expect.poll(() => [...stage.left, ...stage.livingOf("pids")], patient).toEqual([]);
}

test("nobody ever comes to a server where somebody is, and none is left", async () => {
  using stage = new Stage();
  const run = start(stage);
  expect(await run.ended, run.output).toBe(0);
  expect(stage.linesOf("violations")).toEqual([]);
  expect(new Set(stage.linesOf("visits")).size).toBe(2 * FILES);
  expect(stage.linesOf("visits")).toHaveLength(2 * FILES);
  expect(new Set(stage.linesOf("visits").map((who) => who.split(", worker ")[1])).size).toBe(8);
  // The same four, all the time.
  expect(stage.pidsOf("pids")).toHaveLength(4);
  await nothingIsLeft(stage);
});

test("nor when a worker is killed in the middle of a test: all others go on", async () => {
  using stage = new Stage();
  const run = start(stage, { KILLED: "file 100" });
  expect(await run.ended).toBe(1);
  expect(stage.linesOf("violations")).toEqual([]);
  // What the dead one had is replaced: nobody knows what it did to it.
  expect(stage.pidsOf("pids")).toHaveLength(5);
  // Vitest takes a worker's death for the failure of what it ran; the others' files are all run.
  expect(new Set(stage.linesOf("visits")).size, run.output).toBeGreaterThan(2 * FILES * 0.8);
  await nothingIsLeft(stage);
});

test("nor when the whole run is killed", async () => {
  using stage = new Stage();
  const run = start(stage);
  await expect.poll(() => stage.linesOf("visits").length, patient).toBeGreaterThan(40);
  run.signal("SIGKILL");
  await run.ended;
  expect(stage.linesOf("visits").length).toBeLessThan(2 * FILES);
  await nothingIsLeft(stage);
  expect(stage.linesOf("violations")).toEqual([]);
});

/** The keeper of a run's pool, a real process. That it outlives every end of a runner is proved in test/runners. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { connectManager } from "@warmpool/core";
import { type RunOptions, startRun } from "@warmpool/testing/node-test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "warmpool-keeper-"));
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** Things are files of a folder: what is left of them is seen. */
function moduleOf(text: string): string {
  const path = join(folder, "things.pool.mjs");
  const core = pathToFileURL(join(import.meta.dirname, "../../core/dist/index.js")).href;
  writeFileSync(
    path,
    `import { rmSync, writeFileSync } from "node:fs";
     import { createPool } from ${JSON.stringify(core)};
     const file = (key) => ${JSON.stringify(folder)} + "/" + key;
     const provider = {
       name: "files",
       reuse: true,
       async allocate({ key }) { writeFileSync(file(key), ""); return { keeper: process.pid }; },
       async delete({ key }) { rmSync(file(key), { force: true }); },
     };
     ${text}`,
  );
  return path;
}

const things = () => readdirSync(folder).filter((name) => name.startsWith("wp-"));
const pool = "export default () => createPool({ name: 'files', provider, max: 2, warm: 1, lease: { grace: 0 } });";

function told(): string[] {
  const texts: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => texts.push(String(text)) > 0);
  return texts;
}

test("it serves other processes, and ends with its run, twice as once", async () => {
  const run = await startRun({ pool: moduleOf(pool) });
  const manager = connectManager(run.address.path);
  const lease = await manager.acquire({ group: run.address.run });
  expect(things().length).toBeGreaterThan(0);
  await Promise.all([run.end(), run.end()]);
  expect(things()).toEqual([]);
  expect(existsSync(run.address.path)).toBe(false);
  await expect.poll(() => lease.active).toBe(false);
  await manager.close();
});

test("a module that makes no pool is told at once, with what it threw", async () => {
  await expect(startRun({ pool: moduleOf("throw new Error('no license');") })).rejects.toThrow("no license");
  await expect(startRun({ pool: moduleOf("export default 7;") })).rejects.toThrow("exports no pool");
  const texts = told();
  await expect(startRun({ pool: moduleOf("console.log('so long'); process.exit(3);") })).rejects.toThrow("ended");
  expect(texts.join("")).toContain("so long");
});

test("what is kept for a look outlives the run, until it is told to end", async () => {
  const run = await startRun({ pool: moduleOf(pool) });
  const manager = connectManager(run.address.path);
  const lease = await manager.acquire({ group: run.address.run });
  await manager.resource(lease.resource.id).hold("look at it", { for: "1h" });
  const texts = told();
  await run.end();
  expect(texts.join("")).toMatch(/resource \d+ of pool "files" \(wp-\S+\) is kept until \S+Z\. look at it/);
  await expect.poll(things).toEqual([lease.resource.key]);
  const { keeper } = lease.data as { keeper: number };
  expect(texts.join("")).toContain(`kill ${keeper}`);
  process.kill(keeper, "SIGTERM");
  await expect.poll(things).toEqual([]);
  await manager.close();
});

test("a pool that is somebody else's goes on after the run, without its leases", async () => {
  const owner = await startRun({ pool: moduleOf(pool) });
  const run = await startRun({ listener: owner.address.path });
  const manager = connectManager(run.address.path);
  await manager.acquire({ group: run.address.run });
  const other = await manager.acquire();
  await run.end();
  expect((await manager.leases()).map(({ lease }) => lease?.token)).toEqual([other.token]);
  await manager.close();
  await owner.end();
  expect(things()).toEqual([]);
});

test.each([
  ["neither", {}, "pool: or listener must be given"],
  ["both", { pool: "a", listener: "b" }, "pool: or listener must be given"],
  ["a slip", { pol: "a" }, "did you mean pool?"],
  ["an end that is none", { pool: "a", atEnd: "drop" as never }, "atEnd"],
])("%s is refused", async (_, options, words) => {
  await expect(startRun(options as RunOptions)).rejects.toMatchObject({
    code: "INVALID_OPTIONS",
    message: expect.stringContaining(words),
  });
});

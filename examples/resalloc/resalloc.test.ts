import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { builders } from "./builders.ts";

/** A place of its own for each test; ports that a machine finds taken are its script's failure, and it gets others. */
function place() {
  const folder = mkdtempSync(join(tmpdir(), "warmpool-resalloc-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const machines = join(folder, "machines");
  const firstPort = 20_000 + Math.floor(Math.random() * 20_000);
  return { folder, machines, firstPort, state: join(folder, "state") };
}

async function run(data: string, command: string): Promise<string> {
  const [address = ""] = data.split("\n");
  const answer = await fetch(address, { method: "POST", body: command });
  return (await answer.text()).trim();
}

test("scripts of resalloc's contract make, clean and delete, under the names of their pool", async () => {
  const { machines, ...where } = place();
  // Another one would be lent while the first is being cleaned.
  await using pool = builders({ machines, ...where, max: 1 });
  const lease = await pool.acquire({ sandbox: "build-17" });
  const name = /^name: (.*)$/m.exec(lease.data)?.[1] ?? "";
  expect(name).toMatch(/^builder_wp-/);
  expect(readdirSync(machines)).toContain(name);
  await run(lease.data, "touch object.o .cache");
  await lease.release();

  const again = await pool.acquire({ sandbox: "build-17" });
  expect(again.data).toBe(lease.data);
  expect(await run(again.data, "ls -A")).toBe("");
  await again.release();
  await pool.close({ resources: "delete" });
  expect(readdirSync(machines)).toEqual([]);
});

test("what a resalloc of the same pool made is left alone", async () => {
  const { machines, ...where } = place();
  mkdirSync(join(machines, "builder_00000012_20260102_030405"), { recursive: true });
  await using pool = builders({ machines, ...where });
  await (await pool.acquire()).release();
  await pool.close({ resources: "delete" });
  expect(readdirSync(machines)).toEqual(["builder_00000012_20260102_030405"]);
});

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createPool, factoryProvider, type Pool } from "@warmpool/core";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
let path: string;
let pool: Pool<object>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "warmpool-killed-"));
  path = join(folder, "pool.sock");
  const provider = factoryProvider({ create: () => ({ made: true }) });
  pool = createPool({ provider, max: 1 });
  await pool.listen(path);
});

afterEach(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

async function worker(): Promise<ChildProcess> {
  const file = join(import.meta.dirname, "worker.ts");
  const child = spawn(process.execPath, [file, path], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout as NodeJS.ReadableStream, "data");
  return child;
}

test("what a killed process held and waited for is given back at once, and reused", async () => {
  const child = await worker();
  await expect.poll(() => pool.stats().waiting).toBe(1);
  const startedAtMs = performance.now();
  child.kill("SIGKILL");
  await using lease = await pool.acquire({ timeout: "10s" });
  expect(lease.active).toBe(true);
  // Its ttl is two minutes.
  expect(performance.now() - startedAtMs).toBeLessThan(9_000);
  expect(await pool.tickets({ owner: "worker" })).toEqual([]);
});

test("a process that stands still keeps what it has", async () => {
  const child = await worker();
  child.kill("SIGSTOP");
  await expect(pool.acquire({ timeout: "300ms" })).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT" });
  child.kill("SIGKILL");
  await (await pool.acquire({ timeout: "10s" })).release();
});

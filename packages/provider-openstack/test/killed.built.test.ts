import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { OpenStack } from "@warmpool/test-openstack";
import { expect, onTestFinished, test } from "vitest";
import { fakeCloud, optionsOf } from "./fake-cloud.js";

const WARM = 50;
const program = fileURLToPath(new URL("manager.ts", import.meta.url));

/** Starts a manager in a process of its own. */
function manager(store: string, cloud: OpenStack): ChildProcess {
  const options = JSON.stringify(optionsOf(cloud, { floatingIp: "public", pollInterval: 50, settlesWithin: "3s" }));
  const child = spawn(process.execPath, [program, store, options, String(WARM)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Resolves when all are ready, and nothing else is on record. */
async function allReady({ stdout }: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: stdout! })) {
    const { ready, total } = JSON.parse(line);
    if (ready === WARM && total === WARM) return;
  }
  throw new Error("the manager has ended");
}

/** How many servers were ordered so far. */
const orders = (cloud: OpenStack) =>
  cloud.count(({ method, path, status }) => method === "POST" && path.endsWith("/servers") && status === 202);

test("a manager that is killed in the middle of 50 launches leaks none and doubles none", {
  timeout: 90_000,
}, async () => {
  // Throttled, so that there is a middle.
  const throttle = { status: 429, perSecond: 120, burst: 10, retryAfterS: 0 } as const;
  const cloud = await fakeCloud({ buildMs: 100, lagMs: 20, throttle });
  const folder = mkdtempSync(join(tmpdir(), "warmpool-openstack-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = join(folder, "pool.db");

  const ordered: number[] = [];
  for (const life of [1, 2]) {
    const before = orders(cloud);
    const killed = manager(store, cloud);
    await expect.poll(() => orders(cloud) - before, { timeout: 30_000, interval: 1 }).toBeGreaterThanOrEqual(life * 12);
    killed.kill("SIGKILL");
    await new Promise((resolve) => killed.once("exit", resolve));
    ordered.push(orders(cloud) - before);
    expect(ordered.at(-1)).toBeLessThan(WARM);
  }
  cloud.control.throttle = undefined;
  await allReady(manager(store, cloud));

  const standing = cloud.state.standing();
  const keys = standing.map(({ order }) => order.name).sort();
  const ips = [...cloud.state.floatingIps.values()].map(({ description }) => description).sort();
  console.log(
    `killed after ${ordered.join(" and ")} orders; ${orders(cloud)} orders in all, ${keys.length} servers in the end`,
  );
  expect(keys).toHaveLength(WARM);
  expect(new Set(keys).size).toBe(WARM);
  expect(ips).toEqual(keys);
  expect(cloud.state.ports.size).toBe(WARM);
});

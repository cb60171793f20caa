import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../test/workshop.js";
import { procTable, psTable } from "./process-table.js";

/** A process that leads a group with one more in it. */
async function family(): Promise<{ leader: ChildProcess; pid: number }> {
  const env = { ...process.env, WARMPOOL_KEY: "wp-1" };
  const leader = spawn("/bin/sh", ["-c", "sleep 600 & echo ready; wait"], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env,
  });
  const pid = leader.pid!;
  onTestFinished(() => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It is gone, as it should be.
    }
  });
  await once(leader.stdout!, "data");
  return { leader, pid };
}

const tables = { ps: psTable, ...(existsSync("/proc/self/stat") && { proc: procTable }) };

describe.each(Object.entries(tables))("%s", (_, table) => {
  test("a process keeps its identity, and another has another", async () => {
    const { pid } = await family();
    const identity = await table.identify(pid);
    expect(identity).toMatch(/\d/);
    expect(await table.identify(pid)).toBe(identity);
    expect(await table.identify(process.ppid)).not.toBe(identity);
  });

  test("what doesn't run has none, and a zombie doesn't run", async () => {
    expect(await table.identify(2 ** 22 + 7)).toBeUndefined();
    // Its parent never asks how it ended.
    const parent = spawn("/bin/sh", ["-c", "sh -c 'echo $$; exec sleep 600' & exec sleep 600"], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void process.kill(-parent.pid!, "SIGKILL"));
    const [line] = await once(parent.stdout!, "data");
    const pid = Number(String(line));
    expect(await table.identify(pid)).toBeDefined();
    process.kill(pid, "SIGKILL");
    await until("no identity", async () => (await table.identify(pid)) === undefined);
    expect(await table.members(parent.pid!)).toEqual([parent.pid]);
  });

  test("the members of a group", async () => {
    const { pid, leader } = await family();
    const members = await table.members(pid);
    expect(members).toContain(pid);
    expect(members).toHaveLength(2);
    leader.kill("SIGKILL");
    await until("one member", async () => (await table.members(pid)).length === 1);
  });
});

test.runIf(existsSync("/proc/self/stat"))("variables", async () => {
  const { pid } = await family();
  expect(await procTable.hasVariable(pid, "WARMPOOL_KEY", "wp-1")).toBe(true);
  expect(await procTable.hasVariable(pid, "WARMPOOL_KEY", "wp-12")).toBe(false);
  expect(await procTable.hasVariable(2 ** 22 + 7, "WARMPOOL_KEY", "wp-1")).toBe(false);
});

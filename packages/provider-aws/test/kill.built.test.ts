/** A manager is killed in the middle of 50 launches; the next one leaves nothing behind, and makes nothing twice. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { account } from "./account.js";

const LAUNCHES = 50;

const manager = fileURLToPath(new URL("manager.ts", import.meta.url));

interface Told {
  readonly records: number;
  readonly ids: readonly string[];
}

test.each([
  ["when half of them are asked for", 25],
  ["right after the first", 1],
])("killed %s", async (_, killedAt) => {
  const server = await account();
  const { cloud } = server;
  const folder = mkdtempSync(join(tmpdir(), "warmpool-ec2-"));
  const children: ChildProcess[] = [];
  onTestFinished(() => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  /** A manager; `heard` gets what it tells. */
  const start = (heard: (told: Told) => void) => {
    const child = spawn(process.execPath, [manager, server.url, join(folder, "pool.db")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    createInterface({ input: child.stdout! }).on("line", (line) => heard(JSON.parse(line) as Told));
    return child;
  };
  Object.assign(cloud.weather, { pendingMs: 200, statusMs: 100, shuttingDownMs: 50, visibleAfterMs: 100 });
  let most = 0;
  let launches = 0;
  // Answers take their time, each another one, so that some are on their way when the manager dies.
  let asked = () => {};
  cloud.weather.mishap = (action) => {
    most = Math.max(most, cloud.alive().length);
    if (action !== "RunInstances") return undefined;
    launches += 1;
    asked();
    return { kind: "delay", ms: (launches * 7) % 60 };
  };

  const first = start(() => {});
  await new Promise<void>((resolve) => {
    asked = () => launches >= killedAt && resolve();
  });
  first.kill("SIGKILL");
  await once(first, "exit");
  const before = new Set(cloud.alive().map(({ id }) => id));
  expect(before.size).toBeGreaterThan(0);
  expect(before.size).toBeLessThan(LAUNCHES);

  const told = await new Promise<Told>((resolve) => {
    start((news) => news.ids.length === LAUNCHES && news.records === LAUNCHES && resolve(news));
  });
  most = Math.max(most, cloud.alive().length);
  const alive = cloud.alive();
  // Nothing leaked: what exists is on record. Nothing doubled: each under a key of its own.
  expect(alive.map(({ id }) => id).sort()).toEqual([...told.ids].sort());
  expect(new Set(alive.map(({ tags }) => tags.get("warmpool:key"))).size).toBe(LAUNCHES);
  expect(most).toBe(LAUNCHES);
  // What the first one made is used, not made anew.
  const kept = alive.filter(({ id }) => before.has(id)).length;
  expect(kept).toBe(before.size);
  console.log(
    `Killed at launch ${killedAt}: ${before.size} existed, ${kept} kept, ${alive.length} in the end, never more than ${most}.`,
  );
});

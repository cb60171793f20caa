import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DockerServer } from "@warmpool/test-docker";
import { expect, onTestFinished, test } from "vitest";
import { until } from "./workbench.js";

const program = fileURLToPath(new URL("manager.ts", import.meta.url));

function manager(database: string, url: string): { child: ChildProcess; said: string[] } {
  const child = spawn(process.execPath, [program, database, url], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said: string[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => said.push(line));
  return { child, said };
}

/** How many creates have come when it is killed: in the beginning, in the middle, and near the end. */
test.each([1, 25, 49])(
  "kill -9 when %i of 50 launches have begun leaks nothing and doubles nothing",
  async (creates) => {
    const folder = mkdtempSync(join(tmpdir(), "warmpool-kill-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const database = join(folder, "pool.db");
    const server = await DockerServer.start();
    onTestFinished(() => server.stop());
    // So that the kill finds some in every stage.
    server.faults.delay("create", 20);
    server.faults.delay("start", 20);

    const first = manager(database, server.url);
    await until("launches", () => server.count("create") >= creates);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");

    const second = manager(database, server.url);
    await until("all leases", () => second.said.includes("done"), 90_000);
    const leased = second.said.filter((line) => line.startsWith("leased ")).map((line) => line.slice("leased ".length));
    expect(new Set(leased).size).toBe(50);
    const names = () => server.engine.containers.map(({ name }) => name);
    const left = () => server.engine.containers.filter(({ id }) => !leased.includes(id));
    await until("the end of what nobody leases", () => left().length === 0, 60_000);
    expect(new Set(names()).size).toBe(50);
    expect(server.engine.peak).toBeLessThanOrEqual(50);
    console.log(
      `killed at ${creates} of 50: ${server.count("create")} creates in all, ${names().length} containers left`,
    );
    second.child.kill("SIGKILL");
    await once(second.child, "exit");
  },
);

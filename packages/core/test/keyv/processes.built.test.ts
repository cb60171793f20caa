import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { keyvStore } from "@warmpool/core/keyv";
import { expect, onTestFinished, test } from "vitest";
import { keyvOn } from "./file-backend.js";

function testFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "warmpool-keyv-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "keyv.db");
}

/** A writer, and what it says. */
class Writer {
  readonly lines: AsyncIterator<string>;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(file: string, wait = "") {
    // Node 22 calls running TypeScript, and its SQLite, experimental.
    const args = ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "writer.ts"), file, wait];
    const child = spawn(execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    this.#child = child;
    this.#exited = once(child, "exit");
    this.lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  async says(): Promise<string | undefined> {
    return (await this.lines.next()).value;
  }

  /** Kills it, and says which was the last number that it knew to be committed. */
  async killed(acknowledged: number): Promise<number> {
    this.#child.kill("SIGKILL");
    let last = acknowledged;
    for (let line = await this.says(); line !== undefined; line = await this.says()) last = Number(line);
    await this.#exited;
    return last;
  }
}

test("of processes that open at once, one has the store and the others are told", async () => {
  const file = testFile();
  for (let round = 0; round < 3; round += 1) {
    const writers = [new Writer(file), new Writer(file), new Writer(file)];
    const said = await Promise.all(writers.map((writer) => writer.says()));
    expect(said.map((line) => line?.replace(/ .*/, "")).sort()).toEqual(["STORE_IN_USE", "STORE_IN_USE", "epoch"]);
    await Promise.all(writers.map((writer) => writer.killed(0)));
  }
});

test("a killed process loses nothing that was acknowledged, and leaves no half batch", async () => {
  const file = testFile();
  for (let kill = 1; kill <= 4; kill += 1) {
    const writer = new Writer(file, "wait");
    expect(await writer.says()).toMatch(/^epoch/);
    let acknowledged = 0;
    // Some die behind a compaction.
    for (const lines = Math.ceil(Math.random() * 80 * kill); acknowledged < lines; ) {
      acknowledged = Number(await writer.says());
    }
    acknowledged = await writer.killed(acknowledged);
    const keyv = keyvOn(file);
    const session = await keyvStore(keyv, { heartbeat: "200ms", staleAfter: "2s" }).open("web");
    for await (const records of session.load()) {
      const numbers = new Set(records.map(({ record }) => JSON.parse(record).number));
      expect([...numbers], "not what one batch left").toHaveLength(1);
      expect([acknowledged, acknowledged + 1]).toContain([...numbers][0]);
      expect(records).toHaveLength(20);
    }
    await session.close();
    await keyv.disconnect();
  }
});

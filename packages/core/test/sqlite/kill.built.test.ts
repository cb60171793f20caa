import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { StoredRecord } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { expect, test } from "vitest";
import { testFolder } from "./folder.js";
import { batchOf, idsAfter, recordOf } from "./writer.js";

const writer = fileURLToPath(new URL("writer.ts", import.meta.url));

/** What the writer had said when it died. */
interface Said {
  epoch: number | undefined;
  /** The last batch that it knew to be committed; 0: none. */
  acknowledged: number;
}

/**
 * Starts the writer, kills it with SIGKILL at a random moment after it has said `lines` lines, and tells what it said
 * until it was gone.
 */
async function killAfter(lines: number, file: string, synchronous: string): Promise<Said> {
  // Node 22 calls running TypeScript experimental.
  const args = ["--disable-warning=ExperimentalWarning", writer, file, synchronous];
  const child = spawn(execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const said: Said = { epoch: undefined, acknowledged: 0 };
  let count = 0;
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith("epoch ")) said.epoch = Number(line.slice(6));
    else if (line !== "opening") said.acknowledged = Number(line);
    count += 1;
    if (count === lines) {
      // Otherwise each kill would hit the same step of a batch: about as long as two batches take.
      spin(Math.random());
      child.kill("SIGKILL");
    }
  }
  const [, signal] = await exited;
  expect(signal).toBe("SIGKILL");
  return said;
}

function spin(ms: number): void {
  for (const startMs = performance.now(); performance.now() - startMs < ms; );
}

/** Opens the store at once, and checks that it holds what batches 1 to n left, for one n, and nothing else. */
async function checkAfterKill(file: string, { epoch, acknowledged }: Said): Promise<void> {
  // The lock died with its holder: no waiting.
  const session = await sqliteStore(file).open("web");
  const records: StoredRecord[] = [];
  for await (const chunk of session.load()) records.push(...chunk);
  const found = records.map(({ id }) => id).filter((id) => batchOf(id).epoch === epoch);
  const last = found.length === 0 ? 0 : batchOf(found.at(-1)!).number;
  expect(last, "a batch that was acknowledged is missing").toBeGreaterThanOrEqual(acknowledged);
  if (epoch !== undefined) expect(found, `not what batch ${last} left`).toEqual(idsAfter(epoch, last));
  expect(records.filter(({ id, record }) => record !== recordOf(id))).toEqual([]);
  if (epoch !== undefined) expect(session.epoch).toBe(epoch + 1);
  await session.close();
}

test.each([
  ["full", 12],
  ["normal", 4],
])(
  "synchronous %s: a process killed %i times loses nothing that was acknowledged, and leaves no half batch",
  async (synchronous, kills) => {
    const file = join(testFolder(), "pool.db");
    for (let kill = 0; kill < kills; kill += 1) {
      // From the middle of opening to some hundred batches in, with the log written back in between.
      const lines = kill === 0 ? 1 : 1 + Math.ceil(Math.random() * 30 * kill);
      await checkAfterKill(file, await killAfter(lines, file, synchronous));
    }
  },
);

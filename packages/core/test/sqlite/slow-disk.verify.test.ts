import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import type { Change } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { expect, test } from "vitest";
import { testFolder } from "./folder.js";
import { commit, loadIds, put } from "./record.js";

test("an fsync of 50 ms never stops the application: its event loop is late by less than 5 ms at p99", async () => {
  const session = await sqliteStore(join(testFolder(), "pool.db"), { fsyncDelay: "50ms" }).open("web");
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  // As the runtime does: one batch under way, and what is decided meanwhile gathers into the next.
  let gathered: Change[] = [];
  let decided = 0;
  const decisions = setInterval(() => {
    for (let index = 0; index < 5; index += 1) gathered.push(put(decided++ % 2_000, "some text ".repeat(30)));
  }, 1);
  let number = 0;
  for (const startMs = performance.now(); performance.now() - startMs < 4_000; ) {
    const batch = gathered;
    gathered = [];
    number += 1;
    await commit(session, number, ...batch);
  }
  clearInterval(decisions);
  loop.disable();
  await session.close();
  const p99Ms = loop.percentile(99) / 1e6;
  console.log(`${number} commits of ${Math.round(decided / number)} changes; event loop p99 ${p99Ms.toFixed(2)} ms`);
  expect(number).toBeGreaterThan(40);
  expect(p99Ms).toBeLessThan(5);
});

test("a commit that another program holds up for too long may be repeated, and then happens once", async () => {
  const file = join(testFolder(), "pool.db");
  const session = await sqliteStore(file).open("web");
  const shell = new DatabaseSync(file);
  shell.exec("BEGIN IMMEDIATE");
  const error = await commit(session, 1, put(1)).catch((rejection: unknown) => rejection);
  // A plain error, without a code: repeat the same batch.
  expect(error).toMatchObject({ name: "Error", message: /locked.*can be repeated/ });
  shell.exec("ROLLBACK");
  shell.close();
  await commit(session, 1, put(1));
  await commit(session, 2, put(2));
  expect(await loadIds(session)).toEqual([1, 2]);
  await session.close();
});

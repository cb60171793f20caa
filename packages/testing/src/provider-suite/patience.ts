import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds between two looks: short at first for what is in memory, longer for what is far away. */
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Looks until there is no problem left.
 *
 * @param look Resolves with what is still wrong, or nothing.
 * @throws {AssertionError} What was still wrong after `timeoutMs` milliseconds.
 */
export async function until(timeoutMs: number, look: () => Promise<string | undefined>): Promise<void> {
  const startedAtMs = performance.now();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const problem = await look();
    if (problem === undefined) return;
    const leftMs = timeoutMs - (performance.now() - startedAtMs);
    if (leftMs <= 0) assert.fail(`${problem}, still after ${timeoutMs} ms`);
    await sleep(Math.min(pauseMs, leftMs));
  }
}

/**
 * Looks for `forMs` milliseconds, and at its end once more.
 *
 * @throws {AssertionError} The first problem.
 */
export async function throughout(forMs: number, look: () => Promise<string | undefined>): Promise<void> {
  const startedAtMs = performance.now();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const leftMs = forMs - (performance.now() - startedAtMs);
    const problem = await look();
    if (problem !== undefined) assert.fail(problem);
    if (leftMs <= 0) return;
    await sleep(Math.min(pauseMs, leftMs));
  }
}

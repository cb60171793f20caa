import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pace, type Turn } from "./pace.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;

/** A line in which the launches of a test wait. */
function line() {
  const pace = new Pace();
  const begun: { name: string; atMs: number; turn: Turn }[] = [];
  const startMs = performance.now();
  return {
    begun,
    names: () => begun.map(({ name }) => name),
    times: () => begun.map(({ atMs }) => Math.round(atMs)),
    join(name: string, { again = false, signal = never } = {}) {
      const turn = pace.turn(signal, again);
      turn.then(
        (each) => begun.push({ name, atMs: each.beganAtMs - startMs, turn: each }),
        () => {},
      );
      return turn;
    },
  };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("launches follow each other as they come, ten at once", async () => {
  const { begun, join } = line();
  for (let n = 0; n < 12; n += 1) join(`${n}`);
  await pass(0);
  expect(begun).toHaveLength(10);
  begun[3]!.turn.end(false);
  await pass(0);
  expect(begun).toHaveLength(11);
});

test("after a refusal there is a gap, and the refused one goes first", async () => {
  const { begun, join, names, times } = line();
  join("refused");
  await pass(10);
  begun[0]!.turn.end(true);
  join("waiting");
  join("refused", { again: true });
  await pass(89);
  expect(names()).toEqual(["refused"]);
  await pass(200);
  expect(names()).toEqual(["refused", "refused", "waiting"]);
  expect(times()).toEqual([0, 100, 200]);
});

test("those that are refused together slow down once; the next refusal slows down more; a success speeds up", async () => {
  const { begun, join, times } = line();
  for (let n = 0; n < 3; n += 1) join(`${n}`);
  await pass(1);
  for (const { turn } of [...begun]) turn.end(true);
  join("next");
  await pass(100);
  expect(times()).toEqual([0, 0, 0, 100]);
  begun[3]!.turn.end(true);
  join("slower");
  await pass(150);
  expect(times().at(-1)).toBe(250);
  begun[4]!.turn.end(false);
  join("faster");
  await pass(143);
  expect(times().at(-1)).toBe(393);
});

test("where there is no refusal any more, there is no gap any more", async () => {
  const { begun, join } = line();
  join("refused");
  await pass(0);
  begun[0]!.turn.end(true);
  for (let n = 0; n < 40; n += 1) {
    join(`${n}`);
    await pass(100);
    begun.at(-1)!.turn.end(false);
  }
  const before = begun.length;
  for (let n = 0; n < 5; n += 1) join("at once");
  await pass(0);
  expect(begun.length - before).toBe(5);
});

test("who gives up leaves the line to the others", async () => {
  const { begun, join, names } = line();
  join("refused");
  await pass(0);
  begun[0]!.turn.end(true);
  const controller = new AbortController();
  const impatient = join("impatient", { signal: controller.signal });
  join("patient");
  controller.abort(new Error("the deadline"));
  await expect(impatient).rejects.toThrow("the deadline");
  await pass(100);
  expect(names()).toEqual(["refused", "patient"]);
  expect(vi.getTimerCount()).toBe(0);
});

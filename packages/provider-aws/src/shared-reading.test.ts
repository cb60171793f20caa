import { expect, test } from "vitest";
import { SharedReading } from "./shared-reading.js";

/** Readings that end when the test says so. */
function readings(everyMs = 0) {
  const started: { resolve: (result: string) => void; reject: (error: Error) => void }[] = [];
  const reading = new SharedReading<string>(
    everyMs,
    () => new Promise((resolve, reject) => void started.push({ resolve, reject })),
  );
  return { reading, started, begun: (count: number) => expect.poll(() => started.length, { interval: 1 }).toBe(count) };
}

const never = new AbortController().signal;

test("many who ask at once share one reading", async () => {
  const { reading, started, begun } = readings();
  const asked = [1, 2, 3].map(() => reading.since(performance.now(), never));
  await begun(1);
  started[0]!.resolve("first");
  expect(await Promise.all(asked)).toEqual(["first", "first", "first"]);
  expect(started).toHaveLength(1);
});

test("whoever asks while a reading is under way gets the next one, for this one began too early", async () => {
  const { reading, started, begun } = readings();
  const first = reading.since(performance.now(), never);
  await begun(1);
  const [second, third] = [reading.since(performance.now(), never), reading.since(performance.now(), never)];
  started[0]!.resolve("first");
  expect(await first).toBe("first");
  await begun(2);
  started[1]!.resolve("second");
  expect(await Promise.all([second, third])).toEqual(["second", "second"]);
  expect(started).toHaveLength(2);
});

test("whoever is content with an older one gets it at once", async () => {
  const { reading, started, begun } = readings();
  const sinceMs = performance.now();
  const first = reading.since(sinceMs, never);
  await begun(1);
  started[0]!.resolve("first");
  await first;
  expect(await reading.since(sinceMs, never)).toBe("first");
  expect(started).toHaveLength(1);
});

test("a reading that failed is told to those who waited for it, and is nobody's answer afterwards", async () => {
  const { reading, started, begun } = readings();
  const sinceMs = performance.now();
  const first = reading.since(sinceMs, never);
  await begun(1);
  started[0]!.reject(new Error("no network"));
  await expect(first).rejects.toThrow("no network");
  const second = reading.since(sinceMs, never);
  await begun(2);
  started[1]!.resolve("second");
  expect(await second).toBe("second");
});

test("between the beginnings of two there is a pause", async () => {
  const { reading, started, begun } = readings(40);
  const first = reading.since(performance.now(), never);
  await begun(1);
  const beganAtMs = performance.now();
  started[0]!.resolve("first");
  await first;
  const second = reading.since(performance.now(), never);
  await begun(2);
  expect(performance.now() - beganAtMs).toBeGreaterThan(25);
  started[1]!.resolve("second");
  await second;
});

test("one who gives up leaves the others what they wait for", async () => {
  const { reading, started, begun } = readings();
  const controller = new AbortController();
  const impatient = reading.since(performance.now(), controller.signal);
  const patient = reading.since(performance.now(), never);
  await begun(1);
  controller.abort(new Error("the deadline"));
  await expect(impatient).rejects.toThrow("the deadline");
  started[0]!.resolve("first");
  expect(await patient).toBe("first");
});

test("a reading that nobody waits for any more is not made", async () => {
  const { reading, started, begun } = readings(60_000);
  const first = reading.since(performance.now(), never);
  await begun(1);
  started[0]!.resolve("first");
  await first;
  const controller = new AbortController();
  const given = reading.since(performance.now(), controller.signal);
  controller.abort(new Error("closing"));
  await expect(given).rejects.toThrow("closing");
  // The next one plans anew, and the pause that was given up keeps nothing alive.
  const older = reading.since(0, never);
  expect(await older).toBe("first");
  expect(started).toHaveLength(1);
});

import { expect, test } from "vitest";
import { settleArrivals } from "./arrivals.js";
import { goesBefore, Line } from "./line.js";
import { Random } from "./testing/random.js";
import { ticketAt } from "./testing/ticket-at.js";

const ticket = (id: number, cameAtMs: number, priority = 0) => ticketAt(id, { cameAtMs, priority });

function settled(nowMs: number, ...cameAtMs: number[]): number[] {
  const waiting = cameAtMs.map((atMs, n) => ticket(n + 1, atMs));
  settleArrivals(waiting, nowMs);
  return waiting.map((one) => one.cameAtMs);
}

test.each([
  ["who came in order came when the clock said so", 500, [100, 200, 200, 300], [100, 200, 200, 300]],
  ["who came by a clock that was set back came with the one before", 500, [100, 300, 200], [100, 300, 300]],
  ["nobody came later than now: all did by as much earlier", 500, [100, 900, 700], [-300, 500, 500]],
  ["nobody at all", 500, [], []],
])("%s", (_, nowMs, cameAtMs, expected) => {
  expect(settled(nowMs, ...cameAtMs)).toEqual(expected);
});

test("over all lines there is one order, whatever the clock said when they came", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed);
    const terms = { ageingMs: 60_000, owners: undefined };
    const lines = [new Line([], terms), new Line([], terms), new Line([], terms)];
    const before = Array.from({ length: 8 }, (_, n) => ticket(n + 1, random.below(300_000), random.below(3)));
    const nowMs = random.below(300_000);
    settleArrivals(before, nowMs);
    const since = Array.from({ length: 4 }, (_, n) => ticket(n + 9, nowMs + n * 20_000, random.below(3)));
    const tickets = [...before, ...since];
    for (const one of tickets) lines[random.below(3)]?.push(one);
    const sorted = [...tickets].sort((a, b) => (goesBefore(a, b) ? -1 : 1));
    sorted.forEach((one, n) => {
      const after = sorted.slice(n + 1);
      expect(after.filter((other) => !goesBefore(one, other)).map(({ id }) => [seed, one.id, id])).toEqual([]);
    });
  }
});

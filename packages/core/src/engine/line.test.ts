import { expect, test } from "vitest";
import { goesBefore, Line } from "./line.js";
import { Random } from "./testing/random.js";
import { ticketAt } from "./testing/ticket-at.js";
import type { Ticket } from "./ticket.js";

const ticket = (id: number, priority = 0) => ticketAt(id, { priority });

function idsOf(line: Line): number[] {
  return [...line].map(({ id }) => id);
}

test("who came first is first", () => {
  const line = new Line([]);
  for (const id of [1, 2, 3]) line.push(ticket(id));
  expect(line.first?.id).toBe(1);
  expect(idsOf(line)).toEqual([1, 2, 3]);
});

test("a higher priority goes before, whenever it came", () => {
  const line = new Line([]);
  for (const one of [ticket(1), ticket(2, 5), ticket(3, -1), ticket(4, 5)]) line.push(one);
  expect(idsOf(line)).toEqual([2, 4, 1, 3]);
});

test("who left is in no line", () => {
  const line = new Line([]);
  const one = ticket(1);
  line.push(one);
  expect(one.line).toBe(line);
  line.remove(one);
  expect([one.line, line.first, line.size]).toEqual([undefined, undefined, 0]);
});

test("the one that is looked at may leave the line meanwhile", () => {
  const line = new Line([]);
  for (const id of [1, 2, 3]) line.push(ticket(id));
  for (const one of line) line.remove(one);
  expect(line.size).toBe(0);
});

test("the one order of all is priority, then arrival", () => {
  expect(goesBefore(ticket(1), ticket(2))).toBe(true);
  expect(goesBefore(ticket(2), ticket(1))).toBe(false);
  expect(goesBefore(ticket(2, 1), ticket(1))).toBe(true);
  expect(goesBefore(ticket(1), ticket(1))).toBe(false);
});

test("whoever comes and leaves, the line is sorted by the one order of all", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new Random(seed);
    const line = new Line([]);
    const inLine: Ticket[] = [];
    for (let step = 1; step <= 200; step++) {
      if (random.chance(0.6)) {
        const one = ticket(step, random.below(4));
        line.push(one);
        inLine.push(one);
      } else if (inLine.length > 0) {
        line.remove(inLine.splice(random.below(inLine.length), 1)[0] as Ticket);
      }
      const sorted = [...inLine].sort((a, b) => (goesBefore(a, b) ? -1 : 1));
      expect(idsOf(line), `seed ${seed}, step ${step}`).toEqual(sorted.map(({ id }) => id));
      expect([line.size, line.first]).toEqual([sorted.length, sorted[0]]);
    }
  }
});

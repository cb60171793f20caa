import { expect, test } from "vitest";
import { Deadlines, type Due } from "./deadlines.js";
import { Random } from "./testing/random.js";

interface Item extends Due {
  readonly name: number;
}

function item(name: number): Item {
  return { name, heapIndex: -1 };
}

test("nothing is due in an empty heap, ever", () => {
  const deadlines = new Deadlines<Item>();
  expect(deadlines.nextAtMs).toBe(Number.POSITIVE_INFINITY);
  expect(deadlines.take(Number.POSITIVE_INFINITY)).toBe(undefined);
});

test("what is due exactly now is taken, and what is due later is not", () => {
  const deadlines = new Deadlines<Item>();
  const due = item(1);
  deadlines.arm(due, 1_000);
  deadlines.arm(item(2), 1_001);
  expect(deadlines.take(1_000)).toBe(due);
  expect(deadlines.take(1_000)).toBe(undefined);
  expect(deadlines.nextAtMs).toBe(1_001);
});

test("arming moves a deadline nearer, and never further away", () => {
  const deadlines = new Deadlines<Item>();
  const one = item(1);
  deadlines.arm(one, 1_000);
  deadlines.arm(one, 2_000);
  expect(deadlines.nextAtMs).toBe(1_000);
  deadlines.arm(one, 500);
  expect(deadlines.nextAtMs).toBe(500);
  expect(deadlines.size).toBe(1);
});

test("what is never due takes no place", () => {
  const deadlines = new Deadlines<Item>();
  deadlines.arm(item(1), Number.POSITIVE_INFINITY);
  expect(deadlines.size).toBe(0);
});

test("what was disarmed or taken can be armed again, for later too", () => {
  const deadlines = new Deadlines<Item>();
  const one = item(1);
  deadlines.arm(one, 1_000);
  deadlines.disarm(one);
  deadlines.disarm(one);
  expect([one.heapIndex, deadlines.dueAtMs(one)]).toEqual([-1, Number.POSITIVE_INFINITY]);
  deadlines.arm(one, 2_000);
  expect(deadlines.take(2_000)).toBe(one);
  deadlines.arm(one, 3_000);
  expect(deadlines.nextAtMs).toBe(3_000);
});

test("whatever is armed, disarmed and taken, the earliest is next", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = new Random(seed);
    const deadlines = new Deadlines<Item>();
    const items = Array.from({ length: 30 }, (_, name) => item(name));
    const model = new Map<Item, number>();
    for (let step = 0; step < 300; step++) {
      const one = random.pick(items) as Item;
      const how = random.below(10);
      if (how < 6) {
        const atMs = random.below(100);
        deadlines.arm(one, atMs);
        model.set(one, Math.min(atMs, model.get(one) ?? atMs));
      } else if (how < 8) {
        deadlines.disarm(one);
        model.delete(one);
      } else {
        const taken = deadlines.take(random.below(100));
        if (taken !== undefined) {
          expect(model.get(taken), `seed ${seed}, step ${step}`).toBe(Math.min(...model.values()));
          model.delete(taken);
        }
      }
      expect(deadlines.size, `seed ${seed}, step ${step}`).toBe(model.size);
      expect(deadlines.nextAtMs, `seed ${seed}, step ${step}`).toBe(Math.min(...model.values()));
      const wrong = items.filter(
        (other) => deadlines.dueAtMs(other) !== (model.get(other) ?? Number.POSITIVE_INFINITY),
      );
      expect(wrong, `seed ${seed}, step ${step}`).toEqual([]);
    }
  }
});

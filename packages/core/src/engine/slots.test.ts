import { expect, test } from "vitest";
import { Slots } from "./slots.js";
import { Random } from "./testing/random.js";

test("slots are given from 0 on", () => {
  const slots = new Slots();
  expect([slots.take(), slots.take(), slots.take()]).toEqual([0, 1, 2]);
});

test("the smallest slot that came back is given next", () => {
  const slots = new Slots();
  for (let i = 0; i < 5; i++) slots.take();
  for (const slot of [3, 1, 2]) slots.give(slot);
  expect([slots.take(), slots.take(), slots.take(), slots.take()]).toEqual([1, 2, 3, 5]);
});

test("a slot that a record holds is not given", () => {
  const slots = new Slots();
  for (const slot of [1, 4]) slots.claim(slot);
  expect([slots.take(), slots.take(), slots.take(), slots.take()]).toEqual([0, 2, 3, 5]);
});

test("a slot that comes back twice is given once", () => {
  const slots = new Slots();
  slots.take();
  slots.give(0);
  slots.give(0);
  expect([slots.take(), slots.take()]).toEqual([0, 1]);
});

test("whatever is claimed, taken and given back, the smallest free one is next", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = new Random(seed);
    const slots = new Slots();
    const taken = new Set<number>();
    for (let step = 0; step < 200; step++) {
      if (random.chance(0.5)) {
        const slot = slots.take();
        let smallest = 0;
        while (taken.has(smallest)) smallest += 1;
        expect(slot, `seed ${seed}, step ${step}`).toBe(smallest);
        taken.add(slot);
      } else if (random.chance(0.2)) {
        const slot = random.below(30);
        slots.claim(slot);
        taken.add(slot);
      } else {
        const slot = random.pick([...taken]) ?? 0;
        slots.give(slot);
        taken.delete(slot);
      }
    }
  }
});

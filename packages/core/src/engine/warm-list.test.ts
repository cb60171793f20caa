import { expect, test } from "vitest";
import type { Resource } from "./resource.js";
import { Random } from "./testing/random.js";
import { WarmList } from "./warm-list.js";

function resource(id: number): Resource {
  return { id, shelf: undefined, prev: undefined, next: undefined } as Resource;
}

function idsOf(list: WarmList): number[] {
  const ids: number[] = [];
  for (let one = list.first; one !== undefined; one = one.next) ids.push(one.id);
  return ids;
}

test("those pushed stay in their order, and the one put in front is next", () => {
  const list = new WarmList();
  const [a, b, c] = [resource(1), resource(2), resource(3)] as const;
  list.push(a);
  list.push(b);
  list.unshift(c);
  expect(idsOf(list)).toEqual([3, 1, 2]);
  expect(list.last).toBe(b);
});

test("what is not in the list is removed without harm", () => {
  const list = new WarmList();
  list.push(resource(1));
  list.remove(resource(2));
  expect(list.size).toBe(1);
});

test("whatever is put in and taken out, it is the list that an array would be", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new Random(seed);
    const list = new WarmList();
    const all = Array.from({ length: 8 }, (_, id) => resource(id));
    let model: number[] = [];
    for (let step = 0; step < 200; step++) {
      const one = random.pick(all) as Resource;
      if (one.shelf !== undefined || random.chance(0.3)) {
        list.remove(one);
        model = model.filter((id) => id !== one.id);
      } else if (random.chance(0.5)) {
        list.push(one);
        model.push(one.id);
      } else {
        list.unshift(one);
        model.unshift(one.id);
      }
      expect(idsOf(list), `seed ${seed}, step ${step}`).toEqual(model);
      expect([list.size, list.first?.id, list.last?.id]).toEqual([model.length, model[0], model.at(-1)]);
      for (const { id, shelf } of all) expect(shelf === list).toBe(model.includes(id));
    }
  }
});

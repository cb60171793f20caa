import { expect, test } from "vitest";
import type { CountersRecord } from "../model/counters.js";
import { scene } from "./testing/scene.js";

// Otherwise a crash right after it would give their numbers again: to other resources, whose records then replace theirs.
test("the first commit of a life brings the numbers that taking up the records has used", async () => {
  const { durable, store } = scene();
  await durable({ warm: 2 });
  const [first] = store.sent;
  const numbers = first?.changes.filter(({ kind }) => kind === "resource").map(({ id }) => id);
  const counters = first?.changes.find(({ kind }) => kind === "counters");
  expect(numbers).toEqual([1, 2]);
  expect((JSON.parse(counters?.record ?? "{}") as CountersRecord).resource).toBe(3);
});

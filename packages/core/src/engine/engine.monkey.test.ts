import { expect, test } from "vitest";
import { Monkey } from "./testing/monkey.js";

/** MONKEY_SEED=17 walks that one only; MONKEY_WALKS=100000 walks further than the usual few hundred. */
const FIRST = Number(process.env["MONKEY_SEED"] ?? 1);
const WALKS = Number(process.env["MONKEY_WALKS"] ?? (process.env["MONKEY_SEED"] === undefined ? 250 : 1));
const STEPS = 200;

test("whatever happens, in whatever order, nothing that must hold is broken, and all comes to rest", {
  timeout: 3_600_000,
}, () => {
  const failures: string[] = [];
  for (let seed = FIRST; seed < FIRST + WALKS && failures.length < 5; seed++) {
    try {
      const monkey = new Monkey(seed);
      monkey.walk(STEPS);
      monkey.comeToRest();
    } catch (error) {
      failures.push(`MONKEY_SEED=${seed}: ${(error as Error).stack}`);
    }
  }
  expect(failures).toEqual([]);
});

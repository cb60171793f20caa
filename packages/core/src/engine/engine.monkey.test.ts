import { test } from "vitest";
import { Monkey } from "./testing/monkey.js";

const SEEDS = Number(process.env["MONKEYS"] ?? 300);
const FIRST = Number(process.env["MONKEY"] ?? 1);
test("whatever happens, in whatever order, nothing that must hold is broken, and all comes to rest", () => {
  const failures = new Map<string, number[]>();
  const t0 = performance.now();
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    try {
      const m = new Monkey(seed);
      m.walk(200);
      m.comeToRest();
    } catch (error) {
      if (SEEDS === 1) throw error;
      const msg = (error as Error).message.split("\n").slice(0, 2).join(" ").replace(/\d+/g, "#").slice(0, 200);
      failures.set(msg, [...(failures.get(msg) ?? []), seed]);
    }
  }
  console.log(performance.now() - t0);
  for (const [m, s] of failures) console.log(s.length, m, s.slice(0, 4));
}, 1e9);

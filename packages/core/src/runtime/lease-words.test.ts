import { expect, test } from "vitest";
import { wrongReason, wrongVerdict } from "./lease-words.js";
import { scene } from "./testing/scene.js";

const PLAIN = { id: 1, key: "wp-1", pool: { name: "web" }, data: {} };

test.each([["good"], [null], [5], [{}], [{ reason: "it smells" }], [{ failed: "it smells", condition: "dirty" }]])(
  "%j is no verdict",
  (verdict) => {
    const text = 'verdict: must be "ok", { failed: reason } or { condition }.';
    expect(wrongVerdict(verdict as never, PLAIN)).toMatchObject({ code: "INVALID_OPTIONS", message: text });
  },
);

test.each([[""], [undefined], [5]])("%j does not say why something failed", (reason) => {
  const text = "failed: must be a text that says why, and not empty.";
  expect(wrongVerdict({ failed: reason as never }, PLAIN)).toMatchObject({ code: "INVALID_OPTIONS", message: text });
  expect(wrongReason(reason)).toMatchObject({ code: "INVALID_OPTIONS", message: text });
});

test.each([["ok" as const], [{ failed: "it smells" }], [{ condition: "dirty" }]])("%j is a verdict", (verdict) => {
  expect(wrongVerdict(verdict, { ...PLAIN, conditions: ["free", "dirty"] })).toBe(undefined);
});

test("a lease whose holder says no verdict goes on", async () => {
  const pool = await scene().memory();
  const lease = await pool.acquire();
  await expect(lease.release("good" as never)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  expect(() => lease.fail("")).toThrow("failed: must be a text");
  expect(lease.active).toBe(true);
  await lease.release();
  expect(await pool.leases()).toEqual([]);
});

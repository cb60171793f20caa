import { mkdtempSync } from "node:fs";
import { expect, test } from "vitest";
import { createManager, createPool, definePool, factoryProvider } from "../index.js";
import { sqliteStore } from "../store/sqlite/index.js";

test("smoke memory", async () => {
  let n = 0;
  const pool = createPool({ provider: factoryProvider({ create: () => ({ n: n++ }) }), warm: 2, max: 3 });
  const a = await pool.acquire();
  const b = await pool.acquire();
  const c = await pool.acquire();
  await expect(pool.acquire({ timeout: 20 })).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT" });
  const w = pool.acquire();
  await a.release();
  const d = await w;
  expect(d.data).toBe(a.data);
  console.log(pool.stats());
  await Promise.all([b, c, d].map((l) => l.release()));
  await pool.close();
});

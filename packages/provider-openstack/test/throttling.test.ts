import { createPool } from "@warmpool/core";
import { expect, test } from "vitest";
import { openStackProvider } from "../src/index.js";
import { fakeCloud, optionsOf } from "./fake-cloud.js";

test("100 launches into a cloud that throttles come to 100 leases", { timeout: 60_000 }, async () => {
  const launches = 100;
  const cloud = await fakeCloud({ buildMs: 200, throttle: { status: 429, perSecond: 100, burst: 20 } });
  const pool = createPool({
    name: "vm",
    provider: openStackProvider(optionsOf(cloud, { pollInterval: 200, settlesWithin: "5m" })),
    max: launches,
    maxAllocating: launches,
  });
  const startedAtMs = performance.now();
  const leases = await Promise.all(Array.from({ length: launches }, () => pool.acquire({ timeout: "50s" })));
  const tookMs = Math.round(performance.now() - startedAtMs);
  const rejected = cloud.count(({ status }) => status === 429);
  const orders = cloud.count(
    ({ method, path, status }) => method === "POST" && path.endsWith("/servers") && status === 202,
  );
  console.log(`${launches} launches: ${rejected} of ${cloud.requests.length} calls rejected, ${tookMs} ms`);
  expect(new Set(leases.map(({ data }) => data.id)).size).toBe(launches);
  expect(orders).toBe(launches);
  expect(cloud.state.standing()).toHaveLength(launches);
  await pool.close({ timeout: 0, resources: "keep" });
});

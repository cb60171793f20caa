import { createPool } from "@warmpool/core";
import { expect, onTestFinished, test } from "vitest";
import { context, engine, keyOf, made, providerOn, request, until } from "./workbench.js";

/** Every check of a round, ten at a time as a manager runs them, and what it costs in requests. */
async function roundOfChecks(count: number): Promise<{ lists: number; inspects: number }> {
  const server = await engine();
  const maker = providerOn(server);
  const ids = Array.from({ length: count }, (_, id) => id);
  const data = await Promise.all(ids.map((id) => maker.allocate(request(id), context())));
  const provider = providerOn(server);
  const before = server.count("list");
  for (let id = 0; id < count; id += 10) {
    const ten = data.slice(id, id + 10).map((data, index) => provider.check(made(data, id + index), context()));
    for (const health of await Promise.all(ten)) expect(health).toEqual({ status: "healthy" });
  }
  return { lists: server.count("list") - before, inspects: server.count("inspect") };
}

test("checks of 500 containers cost as many requests as those of 50", { timeout: 30_000 }, async () => {
  const [few, many] = [await roundOfChecks(50), await roundOfChecks(500)];
  console.log(
    `checks of 50: ${few.lists} listings; of 500: ${many.lists} listings; inspects: ${few.inspects + many.inspects}`,
  );
  expect(few).toEqual({ lists: 1, inspects: 0 });
  // A listing serves for a second, and a busy machine may need longer than that for 500 checks.
  expect(many.lists).toBeLessThanOrEqual(3);
  expect(many.inspects).toBe(0);
});

test("launches that wait for their health checks share the listings", async () => {
  const server = await engine();
  server.engine.healthyAfterMs = 300;
  const provider = providerOn(server, { healthcheck: { command: ["true"] } });
  await Promise.all(Array.from({ length: 50 }, (_, id) => provider.allocate(request(id), context())));
  console.log(`50 launches at once: ${server.count("list")} listings`);
  expect(server.count("list")).toBeLessThan(50);
});

test("finding what became of 50 keys at once costs two listings", async () => {
  const server = await engine();
  const maker = providerOn(server);
  const ids = Array.from({ length: 50 }, (_, id) => id);
  await Promise.all(ids.map((id) => maker.allocate(request(id), context())));
  const provider = providerOn(server);
  const before = server.count("list");
  const found = await Promise.all(ids.map((id) => provider.find(keyOf(id), context())));
  expect(found.filter(({ status }) => status === "ready")).toHaveLength(50);
  expect(server.count("list") - before).toBeLessThanOrEqual(2);
});

test("100 launches into an engine behind a throttling gateway all come to their end", { timeout: 60_000 }, async () => {
  const server = await engine();
  server.faults.throttle("create", 40);
  const pool = createPool({
    provider: providerOn(server),
    max: 100,
    maxAllocating: 100,
    backoff: { first: "50ms", max: "500ms" },
  });
  onTestFinished(() => pool.close());
  const leases = await Promise.all(Array.from({ length: 100 }, () => pool.acquire({ timeout: "50s" })));
  const rejected = server.refused.get(429) ?? 0;
  console.log(`100 launches at 40 a second: ${rejected} rejected calls, ${server.count("create")} in all`);
  expect(rejected).toBeGreaterThan(0);
  expect(new Set(leases.map(({ data }) => data.id)).size).toBe(100);
  expect(server.engine.containers).toHaveLength(100);
  await Promise.all(leases.map((lease) => lease.release()));
  await until("the end of all", () => server.engine.containers.length === 0);
});

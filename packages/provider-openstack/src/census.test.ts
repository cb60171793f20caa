import type { SeenRequest } from "@warmpool/test-openstack";
import { expect, test } from "vitest";
import { context, KEY, made, request } from "../test/call.js";
import { fakeCloud, optionsOf } from "../test/fake-cloud.js";
import type { OpenStackServer } from "./data.js";
import { openStackProvider } from "./provider.js";

const keyOf = (id: number) => `wp-abcdefgh-k3x9z2-${id.toString(36)}`;
const isDescribe = ({ method, path }: SeenRequest) => method === "GET" && path.startsWith("/compute/v2.1/servers");

async function fleet(size: number, maxPage = 1_000) {
  const cloud = await fakeCloud({ buildMs: 300, maxPage });
  const provider = openStackProvider(optionsOf(cloud, { pollInterval: 100, settlesWithin: "1m" }));
  const ids = Array.from({ length: size }, (_, index) => index + 1);
  const fleet = await Promise.all(ids.map((id) => provider.allocate(request({ key: keyOf(id) }), context())));
  return { cloud, provider, fleet };
}

test("the health of 500 servers is one listing, by pages", { timeout: 60_000 }, async () => {
  const { cloud, provider, fleet: servers } = await fleet(500, 200);
  const checkAll = () => Promise.all(servers.map((data) => provider.check(made(data), context())));
  await checkAll();
  cloud.requests.length = 0;
  expect(await checkAll()).toEqual(servers.map(() => ({ status: "healthy" })));
  console.log(`500 checks, pages of 200: ${cloud.count(isDescribe)} describe requests`);
  // Three pages in this interval one by one, then three pages for all others, and whether all could be seen.
  expect(cloud.count(isDescribe)).toBeLessThanOrEqual(3 + 3 + 1);
});

test("waiting for 200 servers costs two looks an interval", { timeout: 60_000 }, async () => {
  const startedAtMs = performance.now();
  const { cloud } = await fleet(200);
  const intervals = Math.ceil((performance.now() - startedAtMs) / 100);
  // One alone and one for all, each perhaps with the question whether all can be seen.
  expect(cloud.count(isDescribe)).toBeLessThanOrEqual(4 * intervals);
});

test("one server is asked for by its id, at once", async () => {
  const { cloud, fleet: servers } = await fleet(1);
  const provider = openStackProvider(optionsOf(cloud, { pollInterval: "1h" }));
  cloud.requests.length = 0;
  await provider.check(made(servers[0] as OpenStackServer), context());
  expect(cloud.requests.filter(isDescribe).map(({ path }) => path)).toEqual([
    `/compute/v2.1/servers/${servers[0]?.id}`,
  ]);
});

test("what a listing lacks is not gone for that", async () => {
  const { cloud, provider, fleet: servers } = await fleet(5);
  // Somebody took the tag off, by which listings are filtered.
  for (const { order } of cloud.state.standing()) Object.assign(order, { tags: [] });
  expect(await Promise.all(servers.map((data) => provider.check(made(data), context())))).toEqual(
    servers.map(() => ({ status: "healthy" })),
  );
  cloud.control.deleteMs = 150;
  await Promise.all(servers.map((data) => provider.delete(made(data), context())));
  expect(cloud.state.standing()).toEqual([]);
});

test("while part of the cloud is down, what can be seen is told, and nothing is called absent", async () => {
  const { cloud, provider, fleet: servers } = await fleet(5);
  cloud.control.downCell.add(servers[2]!.id);
  const found = await Promise.allSettled(servers.map(({ name }) => provider.find(name, context())));
  expect(found.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled"]);
  const healths = await Promise.all(servers.map((data) => provider.check(made(data), context())));
  expect(healths.map(({ status }) => status)).toEqual(["healthy", "healthy", "unknown", "healthy", "healthy"]);
});

test("whoever gives up does not keep the others from their answer", async () => {
  const { provider, fleet: servers } = await fleet(5);
  const giving = new AbortController();
  const checks = servers.map((data, index) =>
    provider.check(made(data), context(index === 2 ? giving.signal : undefined)),
  );
  giving.abort(new Error("enough"));
  const results = await Promise.allSettled(checks);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled"]);
});

test("a listing that fails fails everybody who waits for it", async () => {
  const { cloud, provider, fleet: servers } = await fleet(5);
  cloud.control.down = true;
  const results = await Promise.allSettled(servers.map(({ name }) => provider.find(name, context())));
  expect(results.map(({ status }) => status)).toEqual(Array(5).fill("rejected"));
  cloud.control.down = false;
  expect(await Array.fromAsync(provider.list(context()))).toHaveLength(5);
  expect(await provider.find(KEY, context())).toMatchObject({ status: "ready" });
});

import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { Control } from "@warmpool/test-openstack";
import { expect, onTestFinished, test } from "vitest";
import { context, KEY, made, OTHER_KEY, request } from "../test/call.js";
import { fakeCloud, optionsOf } from "../test/fake-cloud.js";
import type { OpenStackOptions } from "./options.js";
import { openStackProvider } from "./provider.js";

async function withServer(options: OpenStackOptions = {}, control: Partial<Control> = {}) {
  const cloud = await fakeCloud(control);
  const provider = openStackProvider(optionsOf(cloud, options));
  const data = await provider.allocate(request(), context());
  return { cloud, provider, data, machine: cloud.state.machines.get(data.id)! };
}

test.each([
  ["ACTIVE", "ready", "healthy"],
  ["BUILD", "pending", "unknown"],
  ["REBUILD", "pending", "unknown"],
  ["ERROR", "broken", "unhealthy"],
  ["SHUTOFF", "broken", "unhealthy"],
  ["SHELVED_OFFLOADED", "broken", "unhealthy"],
  ["SOFT_DELETED", "broken", "unhealthy"],
] as const)("a server that is %s is %s and %s", async (status, found, health) => {
  const { provider, data, machine } = await withServer();
  machine.status = status;
  expect(await provider.find(KEY, context())).toMatchObject({ status: found });
  expect(await provider.check(made(data), context())).toMatchObject({ status: health });
});

test("a server in a state that we have never heard of is neither well nor ill", async () => {
  const { provider, data, machine } = await withServer();
  machine.status = "LEVITATING" as never;
  await expect(provider.find(KEY, context())).rejects.toMatchObject({ kind: "transient" });
  expect(await provider.check(made(data), context())).toMatchObject({ status: "unknown" });
});

test("a server whose end has begun is no server any more", async () => {
  const { provider, data, machine } = await withServer();
  machine.task = { name: "deleting", endsAtMs: Number.POSITIVE_INFINITY, becomes: "gone" };
  expect(await provider.find(KEY, context())).toMatchObject({ status: "broken" });
  expect(await provider.check(made(data), context())).toMatchObject({ status: "unhealthy" });
});

test("one that is not ready in time never will be", async () => {
  const { provider, machine } = await withServer({ bootTimeout: "1h" });
  machine.status = "BUILD";
  expect(await provider.find(KEY, context())).toMatchObject({ status: "pending" });
  Object.assign(machine, { createdAt: new Date(Date.now() - 3_700_000).toISOString() });
  expect(await provider.find(KEY, context())).toMatchObject({ status: "broken" });
});

test("the tags are those that it was made with", async () => {
  const { provider } = await withServer();
  await provider.allocate(
    request({ key: OTHER_KEY, pool: "Prüfstand 100% 🚀", expiresAtMs: 1_900_000_000_000 }),
    context(),
  );
  const listed = await Array.fromAsync(provider.list(context()));
  expect(listed.map(({ key, tags }) => [key, tags])).toEqual([
    [OTHER_KEY, request({ key: OTHER_KEY, pool: "Prüfstand 100% 🚀", expiresAtMs: 1_900_000_000_000 }).tags],
    [KEY, request().tags],
  ]);
});

test("a pool's name that is longer than Nova's metadata is left out", async () => {
  const cloud = await fakeCloud();
  const provider = openStackProvider(optionsOf(cloud));
  await provider.allocate(request({ pool: "x".repeat(256) }), context());
  const [{ tags } = {}] = await Array.fromAsync(provider.list(context()));
  expect(tags).toEqual({ key: KEY, namespace: "ci", installation: "abcdefgh", epoch: 3 });
});

test("a half-made server is listed by its key alone", async () => {
  const { provider, machine } = await withServer();
  machine.status = "BUILD";
  const [listed] = await Array.fromAsync(provider.list(context()));
  expect(listed).toMatchObject({ key: KEY, createdAtMs: Date.parse(machine.createdAt) });
  expect(listed).not.toHaveProperty("data");
});

test("servers of others are not ours, whatever they are called", async () => {
  const { cloud, provider, machine } = await withServer();
  Object.assign(machine.order, { metadata: { "warmpool-key": "web-1" } });
  expect(await Array.fromAsync(provider.list(context()))).toEqual([]);
  expect(await provider.find(KEY, context())).toEqual({ status: "absent" });
  expect(cloud.state.standing()).toHaveLength(1);
});

test("of a floating IP whose server is gone, find and list tell", async () => {
  const { cloud, provider, machine } = await withServer({ floatingIp: "public" });
  cloud.state.machines.delete(machine.id);
  expect(await provider.find(KEY, context())).toMatchObject({ status: "broken" });
  expect(await Array.fromAsync(provider.list(context()))).toEqual([{ key: KEY }]);
});

test("a server that never got its floating IP is broken", async () => {
  const { cloud, provider } = await withServer({ floatingIp: "public" });
  cloud.state.floatingIps.clear();
  expect(await provider.find(KEY, context())).toMatchObject({ status: "broken", reason: "it has no floating IP" });
  const [listed] = await Array.fromAsync(provider.list(context()));
  expect(listed).not.toHaveProperty("data");
});

test("listings are read page by page to their end", async () => {
  const { cloud, provider } = await withServer({ floatingIp: "public" }, { maxPage: 2 });
  for (let id = 2; id <= 5; id += 1) await provider.allocate(request({ key: `wp-abcdefgh-k3x9z2-${id}` }), context());
  cloud.requests.length = 0;
  const listed = await Array.fromAsync(provider.list(context()));
  expect(listed.map(({ key }) => key.slice(-1))).toEqual(["5", "4", "3", "2", "1"]);
  expect(listed.every(({ data }) => data !== undefined)).toBe(true);
  expect(cloud.count(({ path }) => path.endsWith("/servers/detail"))).toBe(3);
  expect(cloud.count(({ path }) => path.endsWith("/floatingips"))).toBe(3);
});

test("a page that fails fails the listing", async () => {
  const { cloud, provider } = await withServer({}, { maxPage: 1 });
  await provider.allocate(request({ key: OTHER_KEY }), context());
  const match = ({ query }: { query: URLSearchParams }) => query.has("marker");
  cloud.control.faults.push({ match, times: 1, how: { kind: "answer", status: 500, body: {} } });
  await expect(Array.fromAsync(provider.list(context()))).rejects.toMatchObject({ kind: "transient" });
});

test("while part of the cloud is down, nothing is called absent and no listing complete", async () => {
  const { cloud, provider, data } = await withServer();
  cloud.control.downCell.add(data.id);
  await expect(provider.find(KEY, context())).rejects.toMatchObject({ kind: "transient" });
  await expect(Array.fromAsync(provider.list(context()))).rejects.toMatchObject({ kind: "transient" });
  expect(await provider.check(made(data), context())).toMatchObject({ status: "unknown" });
});

test("an answer that is no list of servers is no empty list", async () => {
  const { cloud, provider } = await withServer();
  const match = ({ path }: { path: string }) => path.endsWith("/servers/detail");
  cloud.control.faults.push({ match, times: 2, how: { kind: "answer", status: 200, body: { html: "hello" } } });
  await expect(provider.find(KEY, context())).rejects.toThrow("no list called servers");
  await expect(Array.fromAsync(provider.list(context()))).rejects.toThrow("no list called servers");
});

test("that we may not ask says nothing about a server", async () => {
  const { cloud, provider, data } = await withServer();
  const body = { forbidden: { code: 403, message: "Policy doesn't allow os_compute_api:servers:show" } };
  cloud.control.faults.push({ match: () => true, times: 9, how: { kind: "answer", status: 403, body } });
  expect(await provider.check(made(data), context())).toMatchObject({ status: "unknown" });
});

test("an address that changed is newer data", async () => {
  const { cloud, provider, data } = await withServer({ floatingIp: "public" });
  const [port] = cloud.state.ports.values();
  Object.assign(port!, { address: "10.0.9.9" });
  const health = await provider.check(made(data), context());
  expect(health).toMatchObject({ status: "healthy", data: { address: data.address } });
  expect(health.data?.addresses[0]?.address).toBe("10.0.9.9");
});

test("a server is ready when its port answers", async () => {
  const listener = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void listener.close());
  const { port } = listener.address() as AddressInfo;
  const cloud = await fakeCloud();
  // Every server of this cloud is this machine.
  cloud.state.nextAddress = () => "127.0.0.1";
  const ready = openStackProvider(optionsOf(cloud, { readyWhen: { port } }));
  await ready.allocate(request(), context());
  expect(await ready.find(KEY, context())).toMatchObject({ status: "ready" });
  listener.close();
  expect(await ready.find(KEY, context())).toMatchObject({ status: "pending" });
});

test("given up before, it is said why a server is not ready", async () => {
  const cloud = await fakeCloud();
  const readyWhen = () => {
    throw new Error("no login yet");
  };
  const provider = openStackProvider(optionsOf(cloud, { readyWhen }));
  const allocated = provider.allocate(request(), context(AbortSignal.timeout(500)));
  await expect(allocated).rejects.toThrow(/^the server [0-9a-f-]+ runs, but is not ready: no login yet$/);
});

test("a server is ready when a function of its data says so", async () => {
  const cloud = await fakeCloud();
  const asked: (string | null)[] = [];
  const provider = openStackProvider(
    optionsOf(cloud, {
      readyWhen: async ({ address }, { signal }) => {
        asked.push(address);
        expect(signal.aborted).toBe(false);
        if (asked.length === 1) throw new Error("connection refused");
        return asked.length > 2;
      },
    }),
  );
  const { address } = await provider.allocate(request(), context());
  expect(asked).toEqual([address, address, address]);
});

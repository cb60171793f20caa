import type { Control, SeenRequest } from "@warmpool/test-openstack";
import { expect, test } from "vitest";
import { context, KEY, made, OTHER_KEY, request, unheard } from "../test/call.js";
import { fakeCloud, optionsOf } from "../test/fake-cloud.js";
import { openStackProvider } from "./provider.js";

const isDelete = ({ method }: SeenRequest) => method === "DELETE";

async function withServer(control: Partial<Control> = {}) {
  const cloud = await fakeCloud(control);
  const provider = openStackProvider(optionsOf(cloud, { floatingIp: "public", bootVolume: { sizeGiB: 1 } }));
  const data = await provider.allocate(request(), context());
  return { cloud, provider, data };
}

test("delete waits until all is gone: server, port, volume, floating IP", async () => {
  const { cloud, provider, data } = await withServer({ deleteMs: 30 });
  await provider.delete(made(data), context());
  const { ports, volumes, floatingIps } = cloud.state;
  expect([cloud.state.standing(), ports.size, volumes.size, floatingIps.size]).toEqual([[], 0, 0, 0]);
});

test.each(["with data", "by its key"])("what Nova left behind is deleted, %s", async (by) => {
  const { cloud, provider, data } = await withServer({ orphans: true });
  await provider.delete(by === "with data" ? made(data) : unheard(), context());
  const { ports, volumes, floatingIps } = cloud.state;
  expect([cloud.state.standing(), ports.size, volumes.size, floatingIps.size]).toEqual([[], 0, 0, 0]);
});

test("a delete after one that was cut off knows the volumes by the data", async () => {
  const { cloud, provider, data } = await withServer({ orphans: true });
  cloud.state.machines.delete(data.id);
  for (const volume of cloud.state.volumes.values()) volume.status = "available";
  await provider.delete(made(data), context());
  expect(cloud.state.volumes.size).toBe(0);
});

test("volumes that outlive their server are left alone", async () => {
  const { cloud, provider, data } = await withServer();
  const machine = cloud.state.machines.get(data.id)!;
  cloud.state.volumes.set("mine", { id: "mine", status: "in-use" });
  machine.volumeIds.push("mine");
  Object.assign(machine.order, { bootVolume: { deleteOnTermination: false } });
  await provider.delete({ ...made(data), data: { ...data, volumes: [] } }, context());
  expect([...cloud.state.volumes.keys()]).toContain("mine");
});

test("a cloud that keeps what was deleted is told to let go", async () => {
  const { cloud, provider, data } = await withServer({ softDelete: true });
  await provider.delete(made(data), context());
  expect(cloud.state.standing()).toEqual([]);
});

test("every server that bears the key goes, should something have repeated the order", async () => {
  const { cloud, provider, data } = await withServer();
  const [machine] = cloud.state.standing();
  const double = Object.assign(Object.create(Object.getPrototypeOf(machine)), machine, { id: crypto.randomUUID() });
  cloud.state.machines.set(double.id, double);
  expect(await provider.find(KEY, context())).toMatchObject({ status: "broken" });
  await provider.delete(made(data), context());
  expect(cloud.state.standing()).toEqual([]);
});

test("what is refused as not yet, or is broken for a moment, is asked for again", async () => {
  const how = (status: number) => ({ kind: "answer", status, body: {} }) as const;
  const { cloud, provider, data } = await withServer();
  for (const status of [409, 409, 500]) cloud.control.faults.push({ match: isDelete, times: 1, how: how(status) });
  await provider.delete(made(data), context());
  expect(cloud.state.standing()).toEqual([]);
});

test("a cloud that cannot be reached is not waited for for ever", async () => {
  const { cloud, provider, data } = await withServer();
  cloud.control.down = true;
  await expect(provider.delete(made(data), context())).rejects.toMatchObject({ kind: "transient" });
});

test("nothing under the key is success, and nobody else's is touched", async () => {
  const { cloud, provider } = await withServer();
  await provider.delete(unheard(OTHER_KEY), context());
  expect(cloud.state.standing()).toHaveLength(1);
  expect(cloud.count(isDelete)).toBe(0);
});

test("a Neutron that passes over filters costs nobody else anything", async () => {
  const { cloud, provider, data } = await withServer();
  const others = await provider.allocate(request({ key: OTHER_KEY }), context());
  cloud.control.neutronFilters = false;
  await provider.delete(made(data), context());
  expect([...cloud.state.floatingIps.values()].map(({ address }) => address)).toEqual([others.address]);
  expect([...cloud.state.ports.values()].map(({ deviceId }) => deviceId)).toEqual([others.id]);
});

test("a Neutron without routers has no floating IPs to delete", async () => {
  const cloud = await fakeCloud();
  const provider = openStackProvider(optionsOf(cloud));
  const data = await provider.allocate(request(), context());
  const match = ({ path }: SeenRequest) => path.endsWith("/floatingips");
  cloud.control.faults.push({ match, times: 9, how: { kind: "answer", status: 404, body: {} } });
  await provider.delete(made(data), context());
  expect(cloud.state.standing()).toEqual([]);
});

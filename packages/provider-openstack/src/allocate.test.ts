import { isWarmpoolError, type ProviderError } from "@warmpool/core";
import { type Control, IMAGES, type OpenStack, PRIVATE_NETWORK, type SeenRequest } from "@warmpool/test-openstack";
import { describe, expect, test } from "vitest";
import { context, KEY, OTHER_KEY, request, unheard } from "../test/call.js";
import { fakeCloud, optionsOf } from "../test/fake-cloud.js";
import type { OpenStackOptions } from "./options.js";
import { openStackProvider } from "./provider.js";

const isOrder = ({ method, path }: SeenRequest) => method === "POST" && path === "/compute/v2.1/servers";
const isShow = ({ method, path }: SeenRequest) => method === "GET" && /\/servers\/[0-9a-f-]{36}$/.test(path);

/** What an allocate is rejected with. */
async function failure(cloud: OpenStack, options: OpenStackOptions = {}): Promise<ProviderError> {
  const error = await openStackProvider(optionsOf(cloud, options))
    .allocate(request(), context())
    .then(
      () => expect.unreachable("allocate made something"),
      (reason: unknown) => reason,
    );
  if (!isWarmpoolError(error, "PROVIDER_FAILED")) throw error;
  return error as ProviderError;
}

/** The only server that stands. */
function only(cloud: OpenStack) {
  const standing = cloud.state.standing();
  expect(standing).toHaveLength(1);
  return standing[0]!;
}

test("a server is ordered with all that was asked for", async () => {
  const cloud = await fakeCloud();
  const provider = openStackProvider(
    optionsOf(cloud, {
      userData: "#cloud-config\n",
      keyName: "ci",
      metadata: { team: "web" },
      network: ["private", PRIVATE_NETWORK.id],
    }),
  );
  const given = request({ pool: "Prüfstand 100%", expiresAtMs: 1_900_000_000_000 });
  const calling = context();
  const data = await provider.allocate(given, calling);
  const { id, order, createdAt } = only(cloud);
  expect(order).toMatchObject({
    name: KEY,
    tags: ["warmpool", KEY],
    imageId: IMAGES[0]?.id,
    flavorId: "1",
    keyName: "ci",
    userData: Buffer.from("#cloud-config\n").toString("base64"),
    networkIds: [PRIVATE_NETWORK.id, PRIVATE_NETWORK.id],
    metadata: {
      team: "web",
      "warmpool-key": KEY,
      "warmpool-namespace": "ci",
      "warmpool-installation": "abcdefgh",
      "warmpool-pool": "Pr%C3%BCfstand 100%25",
      "warmpool-epoch": "3",
      "warmpool-expires-at-ms": "1900000000000",
    },
  });
  expect(data).toEqual({
    id,
    name: KEY,
    address: expect.stringMatching(/^10\.0\./),
    addresses: [
      { network: "private", address: expect.any(String), version: 4, kind: "fixed" },
      { network: "private", address: expect.any(String), version: 4, kind: "fixed" },
    ],
    zone: "nova",
    createdAt: new Date(createdAt).toISOString(),
    volumes: [],
  });
  expect(calling.checkpoints).toEqual([expect.objectContaining({ id, address: null })]);
  expect(cloud.count(isOrder)).toBe(1);
});

test("a pool's params count before the options", async () => {
  const cloud = await fakeCloud();
  const provider = openStackProvider<{ flavor: string; image?: string }>(optionsOf(cloud));
  await provider.allocate(request({ params: { flavor: "c2.large", image: "ubuntu-26.04" } }), context());
  expect(only(cloud).order).toMatchObject({ flavorId: expect.stringMatching(/^d1f0a2c4/), imageId: IMAGES[1]?.id });
});

test("params that make no sense are refused before anything is asked of Nova", async () => {
  const cloud = await fakeCloud();
  const provider = openStackProvider<{ flavor: string }>(optionsOf(cloud));
  const params = { flavour: "c2.large" } as never;
  const allocated = provider.allocate(request({ params }), context());
  await expect(allocated).rejects.toMatchObject({
    kind: "permanent",
    made: "nothing",
    message: expect.stringContaining("params.flavour: there is no such option. Did you mean flavor?"),
  });
  expect(cloud.requests).toEqual([]);
});

test("a floating IP is the address, once and with the key", async () => {
  const cloud = await fakeCloud();
  const provider = openStackProvider(optionsOf(cloud, { floatingIp: "public" }));
  const data = await provider.allocate(request(), context());
  const [ip] = cloud.state.floatingIps.values();
  expect(cloud.state.floatingIps.size).toBe(1);
  expect(ip).toMatchObject({ description: KEY });
  expect(data.address).toBe(ip?.address);
  expect(data.addresses.map(({ kind }) => kind)).toEqual(["fixed", "floating"]);
});

test("a server boots from a volume that ends with it", async () => {
  const cloud = await fakeCloud();
  const provider = openStackProvider(optionsOf(cloud, { bootVolume: { sizeGiB: 10, type: "ssd" } }));
  const { volumes } = await provider.allocate(request(), context());
  expect(only(cloud).order.bootVolume).toEqual({ deleteOnTermination: true });
  expect(volumes).toEqual([...cloud.state.volumes.keys()]);
});

test.each(["", "2.1", "2.40", "2.60", "2.90"])("Nova may know microversions up to %j", async (newest) => {
  const cloud = await fakeCloud({ microversions: { oldest: "2.1", newest } });
  for (const network of ["auto", "none"]) {
    const provider = openStackProvider(optionsOf(cloud, { network }));
    const key = `wp-abcdefgh-k3x9z2-${network}`;
    const { addresses } = await provider.allocate(request({ key }), context());
    expect(addresses).toHaveLength(network === "auto" ? 1 : 0);
    expect(await provider.find(key, context())).toMatchObject({ status: "ready" });
  }
});

describe("what is refused at once made nothing", () => {
  const answer = (status: number, body: object): Partial<Control> => ({
    faults: [{ match: isOrder, times: 1, how: { kind: "answer", status, body } }],
  });
  test.each<[string, Partial<Control>, OpenStackOptions, Partial<ProviderError>]>([
    ["a quota", { quota: { servers: 0, floatingIps: 0 } }, {}, { kind: "quota" }],
    ["413", answer(413, { overLimit: { code: 413, message: "Over quota", details: "" } }), {}, { kind: "quota" }],
    [
      "no right",
      answer(403, { forbidden: { code: 403, message: "Policy doesn't allow os_compute_api:servers:create" } }),
      {},
      { kind: "permanent" },
    ],
    [
      "several networks",
      answer(409, { conflictingRequest: { code: 409, message: "Multiple possible networks found, use a Network ID" } }),
      {},
      { kind: "permanent" },
    ],
    ["a conflict", answer(409, { conflictingRequest: { code: 409, message: "Busy" } }), {}, { kind: "transient" }],
    ["an unknown image", {}, { image: "debian-1" }, { kind: "permanent" }],
    ["an unknown flavor", {}, { flavor: "huge" }, { kind: "permanent" }],
    ["an unknown network", {}, { network: "nowhere" }, { kind: "permanent" }],
  ])("%s", async (_, control, options, expected) => {
    const cloud = await fakeCloud(control);
    expect(await failure(cloud, options)).toMatchObject({ ...expected, made: "nothing" });
    expect(cloud.state.standing()).toEqual([]);
  });
});

describe("a server that cannot be built is deleted again, so that nothing was made", () => {
  test.each<[string, Partial<Control>, Partial<ProviderError>]>([
    ["a quota noticed late", { quota: { servers: 0, floatingIps: 0 }, quotaIsChecked: "after" }, { kind: "quota" }],
    ["no host", { room: 0 }, { kind: "capacity" }],
    ["a broken image", { buildFault: { code: 500, message: "Image is not a disk" } }, { kind: "unknown" }],
  ])("%s", async (_, control, expected) => {
    const cloud = await fakeCloud(control);
    expect(await failure(cloud)).toMatchObject({ ...expected, made: "nothing" });
    expect(cloud.state.standing()).toEqual([]);
  });

  test("no floating IP left", async () => {
    const cloud = await fakeCloud({ quota: { servers: 9, floatingIps: 0 } });
    expect(await failure(cloud, { floatingIp: "public" })).toMatchObject({ kind: "quota", made: "nothing" });
    expect(cloud.state.standing()).toEqual([]);
  });
});

describe("an order without an answer", () => {
  test("that was taken is found by the key, and not repeated", async () => {
    const cloud = await fakeCloud({ faults: [{ match: isOrder, times: 1, how: { kind: "lose" } }] });
    const { id } = await openStackProvider(optionsOf(cloud)).allocate(request(), context());
    expect(only(cloud).id).toBe(id);
    expect(cloud.count(isOrder)).toBe(1);
  });

  test("that a proxy answers for, too", async () => {
    const cloud = await fakeCloud({ faults: [{ match: isOrder, times: 1, how: { kind: "lose" } }], lagMs: 20 });
    const { id } = await openStackProvider(optionsOf(cloud)).allocate(request(), context());
    expect(only(cloud).id).toBe(id);
  });

  test.each([
    ["refuse", { kind: "refuse" }],
    ["504", { kind: "answer", status: 504, body: {} }],
  ] as const)("that made nothing leaves it open whether something was made: %s", async (_, how) => {
    const cloud = await fakeCloud({ faults: [{ match: isOrder, times: 1, how }] });
    expect(await failure(cloud)).toMatchObject({ kind: "transient", made: undefined });
    expect(cloud.count(isOrder)).toBe(1);
  });

  test("that never left, as nobody is there, made nothing", async () => {
    const cloud = await fakeCloud();
    const options = optionsOf(cloud);
    await cloud.stop();
    await expect(openStackProvider(options).allocate(request(), context())).rejects.toMatchObject({
      kind: "transient",
      made: "nothing",
    });
  });

  test("for a floating IP is not repeated if it was taken", async () => {
    const isIp = ({ method, path }: SeenRequest) => method === "POST" && path.endsWith("/floatingips");
    const cloud = await fakeCloud({ faults: [{ match: isIp, times: 1, how: { kind: "lose" } }] });
    await openStackProvider(optionsOf(cloud, { floatingIp: "public" })).allocate(request(), context());
    expect(cloud.count(isIp)).toBe(1);
    expect(cloud.state.floatingIps.size).toBe(1);
  });
});

test("an order that is on its way when its allocate gives up is heard of by who asks for its key", async () => {
  const how = { kind: "delay", delayMs: 100 } as const;
  const cloud = await fakeCloud({ lagMs: 1_500, faults: [{ match: isOrder, times: 2, how }] });
  const provider = openStackProvider(optionsOf(cloud));
  const giveUp = async (key: string) => {
    const giving = new AbortController();
    const before = cloud.count(isOrder);
    const allocated = provider.allocate(request({ key }), context(giving.signal));
    allocated.catch(() => {});
    await expect.poll(() => cloud.count(isOrder), { interval: 1 }).toBe(before + 1);
    giving.abort(new Error("enough"));
    await expect(allocated).rejects.toThrow("enough");
  };
  await giveUp(KEY);
  await provider.delete(unheard(), context());
  await expect.poll(() => cloud.state.standing()).toEqual([]);
  await giveUp(OTHER_KEY);
  expect(await provider.find(OTHER_KEY, context())).toEqual({ status: "pending" });
  await expect.poll(() => provider.find(OTHER_KEY, context())).toMatchObject({ status: "ready" });
});

test("an order that is not answered in time is looked for", async () => {
  const how = { kind: "delay", delayMs: 60_000 } as const;
  const cloud = await fakeCloud({ faults: [{ match: isOrder, times: 1, how }] });
  const { id } = await openStackProvider(optionsOf(cloud, { settlesWithin: "4s" })).allocate(request(), context());
  expect(only(cloud).id).toBe(id);
});

test("an order that would leave late is not sent any more", async () => {
  const cloud = await fakeCloud({
    faults: [{ match: ({ path }) => path.endsWith("/tokens"), times: 1, how: { kind: "delay", delayMs: 60 } }],
  });
  const provider = openStackProvider(optionsOf(cloud, { settlesWithin: 100 }));
  await expect(provider.allocate(request(), context())).rejects.toMatchObject({
    kind: "transient",
    made: "nothing",
    message: expect.stringContaining("longer than 50 ms, half of settlesWithin"),
  });
  expect(cloud.count(isOrder)).toBe(0);
});

test("while a server is built, failures of Nova are borne", async () => {
  const cloud = await fakeCloud({
    buildMs: 30,
    faults: [
      { match: isShow, times: 2, how: { kind: "answer", status: 503, body: {} } },
      { match: isShow, times: 1, how: { kind: "refuse" } },
    ],
  });
  await openStackProvider(optionsOf(cloud)).allocate(request(), context());
  only(cloud);
});

test("what was ordered and is not seen yet is waited for", async () => {
  const cloud = await fakeCloud({ lagMs: 100 });
  await openStackProvider(optionsOf(cloud)).allocate(request(), context());
  only(cloud);
});

test("a server that somebody deletes while it is built is no server", async () => {
  const cloud = await fakeCloud({ buildMs: 10_000 });
  const provider = openStackProvider(optionsOf(cloud));
  const calling = context();
  const allocated = provider.allocate(request(), calling);
  allocated.catch(() => {});
  await expect.poll(() => cloud.count(isShow)).toBeGreaterThan(1);
  cloud.state.machines.clear();
  await expect(allocated).rejects.toMatchObject({ kind: "unknown", made: "nothing" });
});

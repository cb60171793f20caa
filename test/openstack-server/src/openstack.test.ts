import { describe, expect, onTestFinished, test } from "vitest";
import type { Control } from "./control.js";
import { FLAVORS, IMAGES, OpenStack, PRIVATE_NETWORK, PROJECT, PUBLIC_NETWORK, USER } from "./index.js";

interface Heard {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a cloud says has any shape
  readonly body: any;
}

/** Somebody who talks to a cloud with a token. */
async function user(control: Partial<Control> = {}) {
  const cloud = await OpenStack.start(control);
  onTestFinished(() => cloud.stop());
  const password = { user: { id: USER.id, password: USER.password } };
  const auth = { identity: { methods: ["password"], password }, scope: { project: { id: PROJECT.id } } };
  let token = "";
  const ask = async (method: string, path: string, body?: object, version = "2.90"): Promise<Heard> => {
    const response = await fetch(`${cloud.origin}${path}`, {
      method,
      headers: { "x-auth-token": token, "openstack-api-version": `compute ${version}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
  const login = await ask("POST", "/identity/v3/auth/tokens", { auth });
  token = login.headers.get("x-subject-token") ?? "";
  const order = (more: object = {}, version?: string) => {
    const server = { name: "a", flavorRef: FLAVORS[0]?.id, imageRef: IMAGES[0]?.id, networks: "auto", ...more };
    return ask("POST", "/compute/v2.1/servers", { server }, version);
  };
  const show = (id: string) => ask("GET", `/compute/v2.1/servers/${id}`);
  const becomes = (id: string, status: string) =>
    expect.poll(async () => (await show(id)).body.server?.status ?? "gone", { interval: 2 }).toBe(status);
  return { cloud, ask, login, order, show, becomes };
}

describe("Keystone", () => {
  test("gives a token with a catalog to who knows the password, and none to others", async () => {
    const { ask, login } = await user();
    expect(login).toMatchObject({ status: 201, body: { token: { project: { id: PROJECT.id } } } });
    expect(login.body.token.catalog.map(({ type }: { type: string }) => type)).toContain("compute");
    const password = { user: { id: USER.id, password: "guess" } };
    const auth = { identity: { methods: ["password"], password } };
    expect(await ask("POST", "/identity/v3/auth/tokens", { auth })).toMatchObject({
      status: 401,
      body: { error: { code: 401, title: "Unauthorized" } },
    });
  });

  test("tokens end", async () => {
    const { cloud, ask } = await user();
    expect((await ask("GET", "/compute/v2.1/servers")).status).toBe(200);
    cloud.keystone.revokeAll();
    expect((await ask("GET", "/compute/v2.1/servers")).status).toBe(401);
  });
});

describe("Nova", () => {
  test("builds what was ordered, and shows the password once", async () => {
    const { cloud, order, show, becomes } = await user({ buildMs: 3_600_000 });
    const slow = await order();
    expect((await show(slow.body.server.id)).body.server).toMatchObject({ status: "BUILD", addresses: {} });
    cloud.control.buildMs = 0;
    const { status, body } = await order({ metadata: { team: "web" }, tags: ["x"] });
    expect(status).toBe(202);
    expect(body.server.adminPass).toEqual(expect.any(String));
    await becomes(body.server.id, "ACTIVE");
    const { server } = (await show(body.server.id)).body;
    expect(server).toMatchObject({ metadata: { team: "web" }, tags: ["x"], "OS-EXT-AZ:availability_zone": "nova" });
    expect(server.addresses.private).toHaveLength(1);
    expect(JSON.stringify(server)).not.toContain(body.server.adminPass);
  });

  test("refuses what it does not know at a microversion", async () => {
    const { ask, order } = await user({ microversions: { oldest: "2.1", newest: "2.60" } });
    expect((await order({}, "2.61")).status).toBe(406);
    expect((await order({}, "latest")).status).toBe(400);
    expect((await order({ tags: ["x"] }, "2.51")).body.badRequest.message).toContain("tags");
    expect((await order({ networks: undefined }, "2.37")).body.badRequest.message).toContain("networks");
    expect((await ask("GET", "/compute/v2.1/")).body.version).toMatchObject({ version: "2.60", min_version: "2.1" });
  });

  test.each([
    ["flavorRef", { flavorRef: "huge" }],
    ["image", { imageRef: "none" }],
    ["a/b", { metadata: { "a/b": "x" } }],
    ["a", { metadata: { a: "x".repeat(256) } }],
    ["tags", { tags: ["a,b"] }],
    ["Network", { networks: [{ uuid: "none" }] }],
  ])("refuses a wrong %s", async (what, more) => {
    const { order } = await user();
    const { status, body } = await order(more);
    expect([status, body.badRequest.message]).toEqual([400, expect.stringContaining(what)]);
  });

  test("lists the newest first, page by page, by name and tag", async () => {
    const { ask, order } = await user({ maxPage: 2 });
    const ids: string[] = [];
    for (const name of ["wp-1", "wp-2", "wp-10"]) ids.unshift((await order({ name, tags: [name] })).body.server.id);
    const first = (await ask("GET", "/compute/v2.1/servers/detail")).body;
    expect(first.servers.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
    const next = new URL(first.servers_links[0].href);
    const second = (await ask("GET", next.pathname + next.search)).body;
    expect(second.servers.map(({ id }: { id: string }) => id)).toEqual(ids.slice(2));
    expect(second.servers_links).toBeUndefined();
    const named = async (query: string) => (await ask("GET", `/compute/v2.1/servers?${query}`)).body.servers.length;
    expect([await named("name=wp-1"), await named("name=^wp-1$"), await named("tags=wp-2")]).toEqual([2, 1, 1]);
    expect((await ask("GET", "/compute/v2.1/servers?marker=none")).status).toBe(400);
  });

  test("ends a server, with its port and volume, unless it cannot reach the others", async () => {
    const { cloud, ask, order, becomes } = await user();
    const mapping = { boot_index: 0, uuid: IMAGES[0]?.id, source_type: "image", destination_type: "volume" };
    const block_device_mapping_v2 = [{ ...mapping, volume_size: 1, delete_on_termination: true }];
    for (const orphans of [false, true]) {
      cloud.control.orphans = orphans;
      const { id } = (await order({ block_device_mapping_v2 })).body.server;
      await becomes(id, "ACTIVE");
      expect((await ask("DELETE", `/compute/v2.1/servers/${id}`)).status).toBe(204);
      await becomes(id, "gone");
      expect([cloud.state.ports.size, cloud.state.volumes.size]).toEqual(orphans ? [1, 1] : [0, 0]);
    }
    const [volume] = cloud.state.volumes.keys();
    expect((await ask("DELETE", `/volume/v3/${PROJECT.id}/volumes/${volume}`)).status).toBe(202);
    expect((await ask("GET", `/volume/v3/${PROJECT.id}/volumes/${volume}`)).status).toBe(404);
  });

  test.each([
    ["before", 403, undefined],
    ["after", 202, { code: 413 }],
  ] as const)("keeps the quota, which it checks %s it takes an order", async (quotaIsChecked, status, fault) => {
    const { order, show, becomes } = await user({ quotaIsChecked, quota: { servers: 1, floatingIps: 0 } });
    await order();
    const second = await order();
    expect(second.status).toBe(status);
    if (fault === undefined) return;
    await becomes(second.body.server.id, "ERROR");
    expect((await show(second.body.server.id)).body.server.fault).toMatchObject(fault);
  });

  test("does one thing at a time", async () => {
    const { ask, order, becomes } = await user();
    const { id } = (await order()).body.server;
    const act = (action: object) => ask("POST", `/compute/v2.1/servers/${id}/action`, action);
    expect((await act({ "os-stop": null })).status).toBe(409);
    await becomes(id, "ACTIVE");
    expect((await act({ shelve: null })).status).toBe(202);
    await becomes(id, "SHELVED_OFFLOADED");
    expect((await act({ "os-start": null })).status).toBe(409);
    await act({ unshelve: null });
    await becomes(id, "ACTIVE");
  });

  test("leaves servers of a part that is down out of everything but the plain list", async () => {
    const { cloud, ask, order } = await user();
    cloud.control.downCell.add((await order()).body.server.id);
    const list = async (path: string, version?: string) =>
      (await ask("GET", `/compute/v2.1/servers${path}`, undefined, version)).body.servers;
    expect(await list("")).toMatchObject([{ status: "UNKNOWN" }]);
    expect([await list("?name=a"), await list("", "2.68")]).toEqual([[], []]);
  });
});

test("Neutron makes a floating IP for a port that exists, one each", async () => {
  const { ask, order, becomes } = await user();
  const { id } = (await order()).body.server;
  await becomes(id, "ACTIVE");
  const { ports } = (await ask("GET", `/networking/v2.0/ports?device_id=${id}`)).body;
  expect(ports).toMatchObject([{ device_id: id, network_id: PRIVATE_NETWORK.id }]);
  const make = (portId: string, networkId = PUBLIC_NETWORK.id) => {
    const floatingip = { floating_network_id: networkId, port_id: portId, description: "mine" };
    return ask("POST", "/networking/v2.0/floatingips", { floatingip });
  };
  expect((await make(ports[0].id)).status).toBe(201);
  expect((await make(ports[0].id)).body.NeutronError.type).toBe("FloatingIPPortAlreadyAssociated");
  expect((await make("none")).status).toBe(404);
  expect((await make(ports[0].id, PRIVATE_NETWORK.id)).status).toBe(400);
  const { floatingips } = (await ask("GET", "/networking/v2.0/floatingips?description=mine")).body;
  expect(floatingips).toMatchObject([{ port_id: ports[0].id }]);
  await ask("DELETE", `/networking/v2.0/ports/${ports[0].id}`);
  expect((await ask("GET", "/networking/v2.0/floatingips")).body.floatingips).toMatchObject([{ port_id: null }]);
});

describe("what goes wrong", () => {
  test("answers that are lost were acted on, requests that are refused were not", async () => {
    const { cloud, order } = await user();
    const match = ({ method }: { method: string }) => method === "POST";
    cloud.control.faults.push({ match, times: 1, how: { kind: "refuse" } }, { match, times: 1, how: { kind: "lose" } });
    await expect(order()).rejects.toThrow();
    expect(cloud.state.standing()).toHaveLength(0);
    await expect(order()).rejects.toThrow();
    expect(cloud.state.standing()).toHaveLength(1);
    expect((await order()).status).toBe(202);
  });

  test("too many requests are told to come later", async () => {
    const { cloud, ask } = await user();
    cloud.control.throttle = { status: 429, perSecond: 1, burst: 2, retryAfterS: 3 };
    const heard = [1, 2, 3].map(() => ask("GET", "/compute/v2.1/servers"));
    const statuses = (await Promise.all(heard)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 429]);
    expect((await ask("GET", "/compute/v2.1/servers")).headers.get("retry-after")).toBe("3");
  });

  test("a cloud that is down answers nobody", async () => {
    const { cloud, ask } = await user();
    cloud.control.down = true;
    await expect(ask("GET", "/compute/v2.1/servers")).rejects.toThrow();
  });

  test("what was made is seen later", async () => {
    const { order, show, becomes } = await user({ lagMs: 50 });
    const { id } = (await order()).body.server;
    expect((await show(id)).status).toBe(404);
    await becomes(id, "ACTIVE");
  });
});

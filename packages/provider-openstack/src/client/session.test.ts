import { APPLICATION_CREDENTIAL, type OpenStack, PROJECT, type SeenRequest, USER } from "@warmpool/test-openstack";
import { describe, expect, test } from "vitest";
import { fakeCloud } from "../../test/fake-cloud.js";
import { openClient } from "./client.js";
import type { Auth, Cloud } from "./cloud.js";
import type { OpenStackError } from "./error.js";

const PASSWORD: Auth = {
  type: "password",
  user: { id: USER.id },
  password: USER.password,
  project: { id: PROJECT.id },
};
const signal = new AbortController().signal;

function cloudOf(cloud: OpenStack, given: Partial<Cloud> = {}): Cloud {
  return {
    authUrl: cloud.authUrl,
    auth: PASSWORD,
    region: undefined,
    interface: "public",
    tls: { verify: true },
    endpoints: {},
    computeVersion: undefined,
    ...given,
  };
}

const isToken = ({ path }: SeenRequest) => path.endsWith("/auth/tokens");

describe("a token", () => {
  test.each<[string, Auth]>([
    ["for a user by id", PASSWORD],
    [
      "for a user and a project by name",
      {
        ...PASSWORD,
        type: "password",
        user: { name: USER.name, domain: { name: "Default" } },
        project: { name: PROJECT.name, domain: { id: "default" } },
      },
    ],
    [
      "for an application credential",
      {
        type: "application-credential",
        credential: { id: APPLICATION_CREDENTIAL.id },
        secret: APPLICATION_CREDENTIAL.secret,
      },
    ],
    [
      "for an application credential by name",
      {
        type: "application-credential",
        credential: { name: APPLICATION_CREDENTIAL.name, user: { id: USER.id } },
        secret: APPLICATION_CREDENTIAL.secret,
      },
    ],
  ])("%s is got once, for all requests", async (_, auth) => {
    const cloud = await fakeCloud();
    const { compute, network } = openClient(cloudOf(cloud, { auth }), 5_000);
    await Promise.all([compute.server("1", signal), network.ports("1", signal), compute.unseen(signal)]);
    expect(cloud.count(isToken)).toBe(1);
    expect(cloud.count(({ path }) => path === "/compute/v2.1/")).toBe(1);
  });

  test("of the caller's is exchanged for one of the project", async () => {
    const cloud = await fakeCloud();
    const auth: Auth = { type: "token", token: cloud.keystone.issue(), project: { id: PROJECT.id } };
    expect(await openClient(cloudOf(cloud, { auth }), 5_000).compute.unseen(signal)).toBe(0);
  });

  test("that is refused is renewed, once for all, and the requests are repeated", async () => {
    const cloud = await fakeCloud();
    const { compute } = openClient(cloudOf(cloud), 5_000);
    await compute.unseen(signal);
    cloud.keystone.revokeAll();
    await Promise.all([compute.unseen(signal), compute.unseen(signal), compute.unseen(signal)]);
    expect(cloud.count(isToken)).toBe(2);
    expect(cloud.count(({ status }) => status === 401)).toBe(3);
  });

  test("that is refused at its first use is renewed as well", async () => {
    const cloud = await fakeCloud();
    const { compute } = openClient(cloudOf(cloud), 5_000);
    const body = { error: { code: 401, title: "Unauthorized", message: "No." } };
    const isCompute = ({ path }: SeenRequest) => path.startsWith("/compute");
    cloud.control.faults.push({ match: isCompute, times: 1, how: { kind: "answer", status: 401, body } });
    await compute.unseen(signal);
    expect(cloud.count(isToken)).toBe(2);
  });

  test("that is refused again is the end of it", async () => {
    const cloud = await fakeCloud();
    const { compute } = openClient(cloudOf(cloud), 5_000);
    await compute.unseen(signal);
    const isCompute = ({ path }: SeenRequest) => path.startsWith("/compute");
    const body = { error: { code: 401, title: "Unauthorized", message: "No." } };
    cloud.control.faults.push({ match: isCompute, times: 2, how: { kind: "answer", status: 401, body } });
    await expect(compute.unseen(signal)).rejects.toMatchObject({ status: 401 });
  });

  test("is renewed before it ends", async () => {
    const cloud = await fakeCloud({ tokenLifetimeMs: 2_000 });
    const { compute } = openClient(cloudOf(cloud), 5_000);
    await compute.unseen(signal);
    await expect.poll(() => compute.unseen(signal).then(() => cloud.count(isToken)), { timeout: 5_000 }).toBe(2);
    expect(cloud.count(({ status }) => status === 401)).toBe(0);
  });
});

describe("endpoints", () => {
  test("are of the region and interface that are asked for", async () => {
    const cloud = await fakeCloud();
    const { compute } = openClient(cloudOf(cloud, { region: "RegionTwo", interface: "internal" }), 5_000);
    await expect(compute.unseen(signal)).rejects.toMatchObject({ status: 404 });
    expect(cloud.requests.at(-1)?.path).toBe("/RegionTwo/internal/compute/v2.1/");
  });

  test("that are not there are told", async () => {
    const cloud = await fakeCloud();
    const { compute } = openClient(cloudOf(cloud, { region: "Mars" }), 5_000);
    await expect(compute.unseen(signal)).rejects.toThrow(
      "The catalog has no endpoint of the service compute that is public in Mars. It has public in RegionOne, internal in RegionOne",
    );
  });

  test("may be given", async () => {
    const cloud = await fakeCloud();
    const endpoints = { network: `${cloud.origin}/networking/` };
    const { network } = openClient(cloudOf(cloud, { region: "Mars", endpoints }), 5_000);
    expect(await network.ports("1", signal)).toEqual([]);
  });
});

describe("errors", () => {
  test("say what was asked, what the service says, and its name for the request", async () => {
    const cloud = await fakeCloud();
    const { compute } = openClient(cloudOf(cloud), 5_000);
    const error: OpenStackError = await compute
      .createServer({ server: { name: "a" } }, signal)
      .catch((reason) => reason);
    expect(error.message).toMatch(
      /^POST http:\/\/127\.0\.0\.1:\d+\/compute\/v2\.1\/servers: 400 badRequest: Invalid flavorRef provided\. \(request req-\d+\)$/,
    );
    expect(error).toMatchObject({ status: 400, type: "badRequest", requestId: expect.stringMatching(/^req-/) });
  });

  test("of a service that doesn't answer come in time", async () => {
    const cloud = await fakeCloud();
    cloud.control.faults.push({ match: () => true, times: 1, how: { kind: "delay", delayMs: 60_000 } });
    const { compute } = openClient(cloudOf(cloud), 50);
    await expect(compute.unseen(signal)).rejects.toMatchObject({ status: undefined, unsent: false });
  });

  test("of a service that nobody can reach say that nothing was sent", async () => {
    const cloud = await fakeCloud();
    const client = openClient(cloudOf(cloud), 5_000);
    await cloud.stop();
    await expect(client.compute.unseen(signal)).rejects.toMatchObject({ status: undefined, unsent: true });
  });
});

describe("the pace", () => {
  test.each([413, 429] as const)(
    "is the service's: what is refused by %i for coming too fast is repeated",
    async (status) => {
      const throttle = { status, perSecond: 200, burst: 5, retryAfterS: 0 };
      const cloud = await fakeCloud({ throttle });
      const { compute } = openClient(cloudOf(cloud), 5_000);
      await Promise.all(Array.from({ length: 60 }, () => compute.server("1", signal)));
      const refused = cloud.count((request) => request.status === status);
      expect(refused).toBeGreaterThan(0);
      // Those that were under way when the first was refused, and a few more while the pace is found.
      expect(refused).toBeLessThan(100);
    },
  );

  test("of one service is not that of another, and who gives up waits no longer", async () => {
    const cloud = await fakeCloud();
    const { compute, network } = openClient(cloudOf(cloud), 5_000);
    await compute.unseen(signal);
    cloud.control.throttle = { status: 429, perSecond: 0, burst: 0, retryAfterS: 60 };
    const giving = new AbortController();
    const waiting = compute.unseen(giving.signal);
    await expect.poll(() => cloud.count(({ status }) => status === 429)).toBe(1);
    cloud.control.throttle = undefined;
    expect(await network.ports("1", signal)).toEqual([]);
    giving.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });
});

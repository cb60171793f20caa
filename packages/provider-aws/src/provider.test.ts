import { type Ec2Server, Fault } from "@warmpool/test-ec2";
import { afterEach, describe, expect, test, vi } from "vitest";
import { account, context, IMAGE, KEY, keyOf, made, providerOf, request, soon } from "../test/account.js";

const MINUTE_MS = 60_000;

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The SDK repeats what was throttled, after seconds. */
function withoutTheSdksPatience(): void {
  vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
}

/** Somebody else does something to an instance, behind our back. */
async function stopped(server: Ec2Server, id: string): Promise<void> {
  const other = providerOf(server);
  const data = (await Array.fromAsync(other.list!(context()))).find((listed) => listed.data?.id === id)?.data;
  await other.suspend(made(data!), context());
}

describe("an instance is ready", () => {
  test("when it runs, its status checks have passed and readyWhen says so", async () => {
    const server = await account();
    Object.assign(server.cloud.weather, { pendingMs: 20, statusMs: 20 });
    const asked: string[] = [];
    const readyWhen = ({ id, publicIp }: { id: string; publicIp: string | null }) => {
      const [instance] = server.cloud.alive();
      expect(instance?.state).toBe("running");
      expect(publicIp).not.toBeNull();
      asked.push(id);
      if (asked.length === 1) throw new Error("connection refused");
      return asked.length > 2;
    };
    const data = await providerOf(server, { readyWhen }).allocate(request(), context());
    expect(asked).toEqual([data.id, data.id, data.id]);
    expect(data).toMatchObject({ zone: "us-east-1a", type: "t3.micro", imageId: IMAGE, lifecycle: "on-demand" });
    expect(data.launchedAtMs).toBe(server.cloud.alive()[0]?.launchedAtMs);
  });

  test("or it is given up, and the message says what was missing", async () => {
    const server = await account();
    const readyWhen = () => {
      throw new Error("ssh: connection refused");
    };
    const late = providerOf(server, { readyWhen, readyWithin: 60 }).allocate(request(), context());
    await expect(late).rejects.toThrow("ssh: connection refused");
    await expect(late).rejects.toMatchObject({ kind: "unknown", made: undefined });
  });

  test("its id is checkpointed as soon as EC2 tells it", async () => {
    const server = await account();
    server.cloud.weather.pendingMs = MINUTE_MS;
    const controller = new AbortController();
    const given = context({ signal: controller.signal });
    const running = providerOf(server).allocate(request(), given);
    await soon(() => given.checkpoints.length).toBe(1);
    controller.abort(new Error("the deadline"));
    await expect(running).rejects.toThrow(/the deadline.*pending|the deadline.*EC2 does not show/);
    expect(given.checkpoints[0]).toMatchObject({ id: server.cloud.alive()[0]?.id, publicIp: null });
  });
});

describe("check", () => {
  async function instance() {
    const server = await account();
    const provider = providerOf(server);
    const data = await provider.allocate(request(), context());
    return { server, provider, data };
  }
  const healthOf = ({ provider, data }: Awaited<ReturnType<typeof instance>>) => provider.check!(made(data), context());

  test("of what works is healthy, with newer data only if they are newer", async () => {
    const world = await instance();
    expect(await healthOf(world)).toEqual({ status: "healthy" });
    const moved = { ...world.data, publicIp: "198.51.100.7" };
    expect(await healthOf({ ...world, data: moved })).toEqual({ status: "healthy", data: world.data });
  });

  test("of an instance that somebody stopped is unhealthy", async () => {
    const world = await instance();
    await stopped(world.server, world.data.id);
    await soon(() => healthOf(world)).toMatchObject({
      status: "unhealthy",
      reason: expect.stringContaining("stopped"),
    });
    expect(await world.provider.find!(KEY, context())).toMatchObject({ status: "broken" });
  });

  test("of an instance whose status checks fail is unhealthy", async () => {
    const world = await instance();
    world.server.cloud.impair(world.data.id);
    await soon(() => healthOf(world)).toMatchObject({
      status: "unhealthy",
      reason: expect.stringContaining("status check"),
    });
    expect(await world.provider.find!(KEY, context())).toMatchObject({ status: "broken" });
  });

  test("of a spot instance that was taken back is unhealthy, with EC2's reason", async () => {
    const world = await instance();
    const message = "Server.SpotInstanceTermination: Spot instance termination";
    world.server.cloud.end(world.data.id, { code: "Server.SpotInstanceTermination", message });
    await soon(() => healthOf(world)).toMatchObject({ status: "unhealthy", reason: expect.stringContaining(message) });
  });

  test("of an instance that does not answer any more is unhealthy", async () => {
    const server = await account();
    let answers = true;
    const provider = providerOf(server, { readyWhen: () => answers });
    const data = await provider.allocate(request(), context());
    expect(await provider.check!(made(data), context())).toEqual({ status: "healthy" });
    answers = false;
    expect(await provider.check!(made(data), context())).toMatchObject({ status: "unhealthy" });
  });

  test.each(["UnauthorizedOperation", "RequestLimitExceeded", "InternalError"])(
    "that EC2 answers with %s says nothing about the instance",
    async (code) => {
      withoutTheSdksPatience();
      const world = await instance();
      const fault = new Fault(code, "no", code === "InternalError" ? 500 : 403);
      world.server.cloud.weather.mishap = () => ({ kind: "refuse", fault });
      await soon(() => healthOf(world)).toMatchObject({ status: "unknown", reason: expect.stringContaining(code) });
    },
  );
});

describe("find and list", () => {
  test("a listing goes on to the last page", async () => {
    const server = await account();
    const provider = providerOf(server, { pageSize: 5 });
    const keys = Array.from({ length: 12 }, (_, n) => keyOf(n));
    await Promise.all(keys.map((key) => provider.allocate(request({ key }), context())));
    const listed = await Array.fromAsync(providerOf(server, { pageSize: 5 }).list!(context()));
    expect(listed.map(({ key }) => key).sort()).toEqual([...keys].sort());
  });

  test("a listing that fails at a later page is no listing", async () => {
    const server = await account();
    const provider = providerOf(server);
    for (let n = 0; n < 7; n += 1) await provider.allocate(request({ key: keyOf(n) }), context());
    let pages = 0;
    server.cloud.weather.mishap = (action) => {
      const fault = new Fault("UnauthorizedOperation", "no", 403);
      return action === "DescribeInstances" && ++pages > 1 ? { kind: "refuse", fault } : undefined;
    };
    await expect(Array.fromAsync(providerOf(server, { pageSize: 5 }).list!(context()))).rejects.toThrow(
      "UnauthorizedOperation",
    );
  });

  test("a listing has the things of other installations in the namespace, and no others", async () => {
    const server = await account();
    const tagsOf = (namespace: string, installation: string, key: string) => ({
      key,
      tags: { namespace, installation, pool: "web", key, epoch: 1 },
    });
    const provider = providerOf(server);
    for (const namespace of ["c?", "ci", "cx"]) {
      const key = `wp-zzzzzzzz-123456-${namespace === "ci" ? "1" : namespace === "cx" ? "2" : "3"}`;
      await provider.allocate(request(tagsOf(namespace, "zzzzzzzz", key)), { ...context(), namespace });
    }
    const namespaces = async (namespace: string) =>
      (await Array.fromAsync(provider.list!({ ...context(), namespace }))).map(({ tags }) => tags?.namespace);
    expect(await namespaces("ci")).toEqual(["ci"]);
    expect(await namespaces("c?")).toEqual(["c?"]);
  });

  test("what has had its time and is not ready is broken", async () => {
    const server = await account();
    const provider = providerOf(server, { readyWhen: () => false, readyWithin: 20 });
    await expect(provider.allocate(request(), context())).rejects.toThrow("not ready");
    await soon(() => provider.find!(KEY, context())).toMatchObject({ status: "broken" });
  });
});

describe("suspend and resume", () => {
  test("stop an instance and start it: the same one, with another public address", async () => {
    const server = await account();
    const provider = providerOf(server);
    const data = await provider.allocate(request(), context());
    Object.assign(server.cloud.weather, { stoppingMs: 20, pendingMs: 20, statusMs: 20 });
    await provider.suspend(made(data), context());
    expect(server.cloud.alive()[0]?.state).toBe("stopped");
    const resumed = await provider.resume(made(data), context());
    expect(resumed.id).toBe(data.id);
    expect(resumed.publicIp).not.toBe(data.publicIp);
    expect(await provider.check!(made(resumed), context())).toEqual({ status: "healthy" });
  });

  test("let it hibernate, if it was asked to be launched for that", async () => {
    const server = await account();
    const provider = providerOf(server, { suspend: "hibernate" });
    const data = await provider.allocate(request(), context());
    await provider.suspend(made(data), context());
    const [stop] = server.seen.filter(({ action }) => action === "StopInstances");
    expect(stop?.query.text("Hibernate")).toBe("true");
    expect(stop?.fault).toBeUndefined();
  });

  test("cannot be had of a spot instance: EC2 says so", async () => {
    const server = await account();
    const provider = providerOf(server, { spot: true });
    const data = await provider.allocate(request(), context());
    await expect(provider.suspend(made(data), context())).rejects.toMatchObject({ kind: "permanent" });
  });
});

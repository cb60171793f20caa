import { describe, expect, test } from "vitest";
import { context, engine, errorOf, keyOf, made, providerOn, request, until } from "./workbench.js";

const HEALTHCHECK = { healthcheck: { command: ["true"] } };

describe.each([
  ["Docker", false],
  ["Podman", true],
])("a HEALTHCHECK, as %s tells of it,", (_, podman) => {
  test("is waited for", async () => {
    const server = await engine({ podman });
    server.engine.healthyAfterMs = 120;
    const provider = providerOn(server, HEALTHCHECK);
    const allocating = provider.allocate(request(), context());
    await until("the start", () => server.engine.containers[0]?.state === "running");
    expect(await provider.find(keyOf(1), context())).toMatchObject({ status: "pending" });
    const data = await allocating;
    expect(server.engine.container(keyOf(1)).health).toBe("healthy");
    expect(await provider.check(made(data), context())).toEqual({ status: "healthy" });
  });

  test("that fails makes it unhealthy", async () => {
    const server = await engine({ podman });
    const provider = providerOn(server, HEALTHCHECK);
    const data = await provider.allocate(request(), context());
    server.engine.container(keyOf(1)).health = "unhealthy";
    await until("the news", async () => (await provider.check(made(data), context())).status === "unhealthy");
    expect(await provider.find(keyOf(1), context())).toMatchObject({
      status: "broken",
      reason: "its health check fails",
    });
  });

  test("that fails from the beginning is no container", async () => {
    const server = await engine({ podman });
    server.engine.healthyAfterMs = 60_000;
    const allocating = providerOn(server, HEALTHCHECK).allocate(request(), context());
    await until("the start", () => server.engine.containers[0]?.state === "running");
    server.engine.container(keyOf(1)).health = "unhealthy";
    const error = await errorOf(allocating);
    expect(error).toMatchObject({ made: "nothing", message: expect.stringContaining("its health check fails") });
    expect(server.engine.containers).toEqual([]);
  });
});

test("a HEALTHCHECK of the image is waited for too, and false switches it off", async () => {
  const server = await engine();
  server.engine.registry.set("checked", { healthcheck: true });
  server.engine.healthyAfterMs = 50;
  await providerOn(server, { image: "checked" }).allocate(request(1), context());
  expect(server.engine.container(keyOf(1)).health).toBe("healthy");
  await providerOn(server, { image: "checked", healthcheck: false }).allocate(request(2), context());
  expect(server.engine.container(keyOf(2)).health).toBe("none");
});

describe("readyWhen", () => {
  test("a port takes connections: that Docker's proxy takes them is not enough", async () => {
    const server = await engine();
    const provider = providerOn(server, { ports: [80], readyWhen: { port: 80 } });
    let ready = false;
    const allocating = provider.allocate(request(), context()).then((data) => {
      ready = true;
      return data;
    });
    await until("the start", () => server.engine.containers[0]?.state === "running");
    expect(await provider.find(keyOf(1), context())).toMatchObject({ status: "pending" });
    expect(ready).toBe(false);
    server.engine.container(keyOf(1)).listening.add(80);
    const { address, ports } = await allocating;
    expect({ address, ports }).toEqual({
      address: "127.0.0.1",
      ports: { "80/tcp": server.engine.container(keyOf(1)).ports[0]!.hostPort },
    });
    expect(await provider.find(keyOf(1), context())).toMatchObject({ status: "ready" });
  });

  test("a function says so: false and a rejection are not yet", async () => {
    const server = await engine();
    let asked = 0;
    const provider = providerOn(server, {
      env: { GREETING: "hello" },
      readyWhen: async ({ name }, { exec }) => {
        asked += 1;
        if (asked === 1) throw new Error("not there yet");
        const { stdout, exitCode } = await exec(["sh", "-c", "printf %s $GREETING"]);
        return asked > 2 && stdout === "hello" && exitCode === 0 && name === keyOf(1);
      },
    });
    await provider.allocate(request(), context());
    expect(asked).toBe(3);
  });

  test("a function that never answers ends with the call", async () => {
    const server = await engine();
    const provider = providerOn(server, { readyWhen: () => new Promise(() => {}) });
    const controller = new AbortController();
    const error = errorOf(provider.allocate(request(), context({ signal: controller.signal })));
    await until("the start", () => server.engine.containers[0]?.state === "running");
    controller.abort();
    expect(await error).toMatchObject({ made: "nothing", message: expect.stringContaining("it was aborted") });
    expect(server.engine.containers).toEqual([]);
  });

  test("what is not ready after settlesWithin never will be", async () => {
    const server = await engine();
    const options = { ports: [80], readyWhen: { port: 80 } };
    const first = providerOn(server, options);
    void errorOf(first.allocate(request(), context({ signal: AbortSignal.timeout(2_000) })));
    await until("the start", () => server.engine.containers[0]?.state === "running");
    const next = providerOn(server, { ...options, settlesWithin: 1 });
    expect(await next.find(keyOf(1), context())).toMatchObject({
      status: "broken",
      reason: "readyWhen is not fulfilled",
    });
    await next.delete({ ...made(undefined as never), data: undefined }, context());
  });
});

test.each([
  [["false"], "its program ended: Exited (1)"],
  [["sh", "-c", "exit 3"], "its program ended: Exited (3)"],
  [["no-such-program"], "executable file not found"],
])("a container whose program is %j is no container, and is removed at once", async (command, words) => {
  const server = await engine();
  const error = await errorOf(providerOn(server, { command }).allocate(request(), context()));
  expect(error).toMatchObject({ made: "nothing", message: expect.stringContaining(words) });
  expect(server.engine.containers).toEqual([]);
});

test("limits, network, environment, command, user and labels reach the engine", async () => {
  const server = await engine();
  server.engine.networks.add("tests");
  await providerOn(server, {
    limits: { memory: "512m", cpus: 1.5, pids: 100 },
    network: "tests",
    env: { A: "1" },
    entrypoint: ["sleep"],
    command: ["1000"],
    user: "nobody",
    workingDirectory: "/srv",
    labels: { team: "ci" },
    ports: [80, "53/udp"],
    createOptions: { HostConfig: { ReadonlyRootfs: true }, StopSignal: "SIGINT" },
  }).allocate(request(), context());
  const { body, labels, command } = server.engine.container(keyOf(1));
  expect(command).toEqual(["sleep", "1000"]);
  expect(labels).toMatchObject({ team: "ci", "warmpool.key": keyOf(1), "warmpool.pool": "web" });
  expect(body).toMatchObject({ Env: ["A=1"], User: "nobody", WorkingDir: "/srv", StopSignal: "SIGINT" });
  expect(body.HostConfig).toMatchObject({
    Memory: 536_870_912,
    NanoCpus: 1_500_000_000,
    PidsLimit: 100,
    NetworkMode: "tests",
    ReadonlyRootfs: true,
    PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1" }], "53/udp": [{ HostIp: "127.0.0.1" }] },
  });
});

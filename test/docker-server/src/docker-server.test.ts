import { Agent } from "node:http";
import Docker from "dockerode";
import { describe, expect, onTestFinished, test } from "vitest";
import { DockerServer, type DockerServerOptions } from "./docker-server.ts";

async function served(options: DockerServerOptions = {}) {
  const server = await DockerServer.start(options);
  onTestFinished(() => server.stop());
  server.engine.addImage("busybox");
  const agent = new Agent({ keepAlive: false });
  const docker = new Docker({ socketPath: server.url.slice("unix://".length), agent } as Docker.DockerOptions);
  const make = async (name: string, more: object = {}) =>
    await docker.createContainer({ name, Image: "busybox", Cmd: ["sleep", "infinity"], ...more });
  return { server, docker, make };
}

const statusOf = (call: Promise<unknown>) =>
  call.then(
    () => 0,
    ({ statusCode, code }) => statusCode ?? code,
  );

describe.each([
  ["Docker", { podman: false }, { nameTaken: 409, exec: 409, status: "Up 2 seconds (healthy)" }],
  ["Podman", { podman: true }, { nameTaken: 500, exec: 500, status: "Up 2 seconds" }],
])("as %s", (_, options, expected) => {
  test("a name can be taken once", async () => {
    const { make, docker } = await served(options);
    await make("one");
    expect(await statusOf(make("one"))).toBe(expected.nameTaken);
    await docker.getContainer("one").remove();
    await make("one");
  });

  test("a container that doesn't run runs no command", async () => {
    const { make } = await served(options);
    const container = await make("one");
    expect(await statusOf(container.exec({ Cmd: ["true"] }))).toBe(expected.exec);
  });

  test("health is in a listing's status, or only in its filter", async () => {
    const { make, docker, server } = await served(options);
    server.engine.healthyAfterMs = 0;
    const container = await make("one", { Healthcheck: { Test: ["CMD", "true"] } });
    await container.start();
    await expect.poll(async () => (await container.inspect()).State.Health?.Status).toBe("healthy");
    const [listed] = await docker.listContainers({ filters: { health: ["healthy"] } });
    expect(listed?.Status).toBe(expected.status);
    expect(await docker.listContainers({ filters: { health: ["unhealthy"] } })).toEqual([]);
  });
});

describe("a listing", () => {
  test("has running ones, or all, or those that pass every filter", async () => {
    const { make, docker } = await served();
    await (await make("aa", { Labels: { team: "x", size: "1" } })).start();
    await make("bb", { Labels: { team: "x" } });
    const names = async (options: Docker.ContainerListOptions) =>
      (await docker.listContainers(options)).map(({ Names }) => Names[0]).sort();
    expect(await names({})).toEqual(["/aa"]);
    expect(await names({ all: true })).toEqual(["/aa", "/bb"]);
    expect(await names({ all: true, filters: { label: ["team=x", "size"] } })).toEqual(["/aa"]);
    expect(await names({ all: true, filters: { label: ["team=y"] } })).toEqual([]);
    expect(await statusOf(docker.listContainers({ filters: { nonsense: ["x"] } }))).toBe(400);
  });
});

describe("a fault", () => {
  test("refuses so often, then no more", async () => {
    const { server, docker } = await served();
    server.faults.next("list", { refuse: 503, message: "not now" }, 2);
    expect(await statusOf(docker.listContainers())).toBe(503);
    expect(await statusOf(docker.listContainers())).toBe(503);
    expect(await statusOf(docker.listContainers())).toBe(0);
    expect(server.refused.get(503)).toBe(2);
  });

  test("loses the answer of what was done, or the request", async () => {
    const { server, make } = await served();
    server.faults.next("create", "lose");
    expect(await statusOf(make("done"))).toBe("ECONNRESET");
    server.faults.next("create", "drop");
    expect(await statusOf(make("not-done"))).toBe("ECONNRESET");
    expect(server.engine.containers.map(({ name }) => name)).toEqual(["done"]);
  });

  test("throttles what comes too fast", async () => {
    const { server, docker } = await served();
    server.faults.throttle("list", 3);
    const statuses = await Promise.all(Array.from({ length: 6 }, () => statusOf(docker.listContainers())));
    expect(statuses.filter((status) => status === 429)).toHaveLength(3);
    server.faults.clear();
    expect(await statusOf(docker.listContainers())).toBe(0);
  });

  test("of the whole machine leaves what runs on it running", async () => {
    const { server, make, docker } = await served();
    await (await make("one")).start();
    await server.unplug();
    expect(await statusOf(docker.listContainers())).toBe("ENOENT");
    await server.plug();
    expect(await docker.listContainers()).toHaveLength(1);
  });
});

test("an image is pulled from the registry, by those who may", async () => {
  const { server, docker } = await served();
  const pull = async (image: string, authconfig?: Docker.AuthConfig) => {
    const stream = await docker.pull(image, authconfig === undefined ? {} : { authconfig });
    return await new Promise((resolve) => docker.modem.followProgress(stream, (_, lines) => resolve(lines)));
  };
  server.engine.registry.set("private", { login: { username: "ci", password: "pw" } });
  expect(await statusOf(pull("nothing:latest"))).toBe(404);
  expect(await statusOf(pull("private:latest"))).toBe(404);
  await pull("private:latest", { username: "ci", password: "pw", serveraddress: "x" });
  expect(server.engine.hasImage("private")).toBe(true);
});

test("a container without an image, with too little memory, or of a network that isn't there, is none", async () => {
  const { server, make } = await served();
  expect(await statusOf(make("aa", { Image: "nothing" }))).toBe(404);
  expect(await statusOf(make("bb", { HostConfig: { Memory: 1_000 } }))).toBe(400);
  expect(await statusOf(make("cc", { HostConfig: { NetworkMode: "nothing" } }))).toBe(404);
  expect(server.engine.containers).toEqual([]);
});

import { inspect } from "node:util";
import { createManager, definePool } from "@warmpool/core";
import { describe, expect, onTestFinished, test } from "vitest";
import { dockerProvider } from "../src/index.js";
import { context, engine, errorOf, keyOf, made, providerOn, request, unheard, until } from "./workbench.js";

describe("when the engine refuses to make a container", () => {
  test.each([
    [400, "Minimum memory limit allowed is 6MB", { kind: "permanent", made: "nothing" }],
    [403, "authorization denied by plugin", { kind: "permanent", made: "nothing" }],
    [404, "network tests not found", { kind: "permanent", made: "nothing" }],
    [429, "too many requests", { kind: "throttled", made: "nothing" }],
    [500, "no space left on device", { kind: "capacity", made: undefined }],
    [500, "something went wrong", { kind: "unknown", made: undefined }],
    [503, "no route to the engine", { kind: "transient", made: undefined }],
  ])("with %i, %s", async (refuse, message, expected) => {
    const server = await engine();
    server.faults.next("create", { refuse, message });
    const error = await errorOf(providerOn(server).allocate(request(), context()));
    expect({ kind: error.kind, made: error.made }).toEqual(expected);
    expect(error.message).toBe(`container ${keyOf(1)} was not made on host box: ${message}`);
    expect(server.count("create")).toBe(1);
  });
});

describe("an answer that is lost", () => {
  test("of create is found by the name, without asking twice", async () => {
    const server = await engine();
    server.faults.next("create", "lose");
    expect(await providerOn(server).allocate(request(), context())).toMatchObject({ name: keyOf(1) });
    expect(server.count("create")).toBe(1);
  });

  test("of create leaves open what became of it, if nobody can tell", async () => {
    const server = await engine();
    server.faults.next("create", "lose");
    server.faults.next("list", "drop");
    const error = await errorOf(providerOn(server).allocate(request(), context()));
    expect({ kind: error.kind, made: error.made }).toEqual({ kind: "transient", made: undefined });
    // Made, and never started: somebody has to find it.
    expect(await providerOn(server).find(keyOf(1), context())).toMatchObject({ status: "pending" });
    expect(await providerOn(server, { settlesWithin: 1 }).find(keyOf(1), context())).toMatchObject({
      status: "broken",
    });
  });

  test("of a request that never arrived is the same to us", async () => {
    const server = await engine();
    server.faults.next("create", "drop");
    const error = await errorOf(providerOn(server).allocate(request(), context()));
    expect({ kind: error.kind, made: error.made }).toEqual({ kind: "transient", made: undefined });
    expect(await providerOn(server).find(keyOf(1), context())).toEqual({ status: "absent" });
  });

  test("of start: the container is removed, and so nothing was made", async () => {
    const server = await engine();
    server.faults.next("start", "lose");
    const error = await errorOf(providerOn(server).allocate(request(), context()));
    expect({ kind: error.kind, made: error.made }).toEqual({ kind: "transient", made: "nothing" });
    expect(server.engine.containers).toEqual([]);
  });

  test("of start and then of remove: nobody knows", async () => {
    const server = await engine();
    server.faults.next("start", "drop");
    server.faults.next("remove", "drop");
    const error = await errorOf(providerOn(server).allocate(request(), context()));
    expect(error.made).toBeUndefined();
    expect(server.engine.containers).toHaveLength(1);
  });

  test("of remove: the delete is repeated", async () => {
    const server = await engine();
    const provider = providerOn(server);
    const data = await provider.allocate(request(), context());
    server.faults.next("remove", "lose");
    expect(await errorOf(provider.delete(made(data), context()))).toMatchObject({ kind: "transient" });
    await provider.delete(made(data), context());
    expect(await provider.find(keyOf(1), context())).toEqual({ status: "absent" });
  });
});

test("an engine that doesn't answer is given up after requestTimeout", async () => {
  const server = await engine();
  server.faults.next("list", "hang");
  const provider = providerOn(server, { requestTimeout: 50 });
  const error = await errorOf(Array.fromAsync(provider.list(context())));
  expect(error).toMatchObject({ kind: "transient", message: expect.stringContaining("no answer within 50 ms") });
  expect(await Array.fromAsync(provider.list(context()))).toEqual([]);
});

test("a removal that is under way already is waited for", async () => {
  const server = await engine();
  const provider = providerOn(server);
  const data = await provider.allocate(request(), context());
  server.engine.removalMs = 120;
  await Promise.all([provider.delete(made(data), context()), provider.delete(unheard(), context())]);
  expect(server.engine.containers).toEqual([]);
});

test("an abort in the middle of create is heard only when the engine has answered, and leaves nothing", async () => {
  const server = await engine();
  const controller = new AbortController();
  const provider = providerOn(server);
  await provider.allocate(request(1), context());
  server.faults.delay("create", 60);
  const allocating = errorOf(provider.allocate(request(2), context({ signal: controller.signal })));
  await until("the request", () => server.count("create") === 2);
  controller.abort();
  expect(await allocating).toMatchObject({ made: "nothing", message: expect.stringContaining("it was aborted") });
  expect(server.engine.containers).toHaveLength(1);
});

test.each([
  ["Docker", false],
  ["Podman", true],
])("a name that is taken by ours, as %s says it, is gone on with", async (_, podman) => {
  const server = await engine({ podman });
  const provider = providerOn(server);
  const data = await provider.allocate(request(), context());
  expect(await provider.allocate(request(), context())).toEqual(data);
  expect(server.engine.containers).toHaveLength(1);
});

test("a port that is taken on the host is a lack of capacity, and leaves nothing", async () => {
  const server = await engine();
  server.faults.next("start", { refuse: 500, message: "Bind for 0.0.0.0:80 failed: port is already allocated" });
  const error = await errorOf(providerOn(server).allocate(request(), context()));
  expect(error).toMatchObject({ kind: "capacity", made: "nothing" });
});

test("what is missing from an old listing is looked for in a new one before check calls it unhealthy", async () => {
  const server = await engine();
  const provider = providerOn(server);
  const old = await provider.allocate(request(1), context());
  expect(await provider.check(made(old, 1), context())).toEqual({ status: "healthy" });
  const data = await providerOn(server).allocate(request(2), context());
  expect(await provider.check(made(data, 2), context())).toEqual({ status: "healthy" });
});

test("check says healthy with newer data when a port was published anew", async () => {
  const server = await engine();
  const provider = providerOn(server, { ports: [80] });
  const data = await provider.allocate(request(), context());
  const before = { ...data, ports: { "80/tcp": 1 } };
  expect(await provider.check(made(before), context())).toEqual({ status: "healthy", data });
  expect(await provider.check(made({ ...data, id: "another" }), context())).toMatchObject({ status: "unhealthy" });
});

describe("what a pool wants", () => {
  test("that cannot be is a failure for good, with every problem", async () => {
    const server = await engine();
    const provider = dockerProvider({ hosts: [{ name: "box", url: server.url }] });
    const wrong = { comand: ["x"], limits: { memory: "much" } };
    const error = await errorOf(provider.allocate(request(1, wrong as never), context()));
    expect(error).toMatchObject({ kind: "permanent", made: "nothing" });
    expect(error.message).toContain('comand: unknown option, did you mean "command"?');
    expect(error.message).toContain("limits.memory: must be bytes");
    const nothing = await errorOf(provider.allocate(request(2, {}), context()));
    expect(nothing.message).toContain("image: an image or a build is required");
    const port = { image: "busybox", readyWhen: { port: 80 } };
    expect((await errorOf(provider.allocate(request(3, port), context()))).message).toContain(
      "port 80 is not published",
    );
  });

  test("goes before what the provider says, option by option", async () => {
    const server = await engine();
    server.engine.registry.set("web", { command: ["nginx"] });
    const provider = dockerProvider({ hosts: [{ name: "box", url: server.url }], env: { A: "1" }, user: "ci" });
    await provider.allocate(request(1, { image: "web", env: { B: "2" } }), context());
    expect(server.engine.container(keyOf(1)).body).toMatchObject({ Image: "web", Env: ["B=2"], User: "ci" });
  });
});

/** Of everything that anybody may read: with what is not enumerable, and with all causes. */
const everything = (what: unknown) =>
  inspect(what, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });

test("no secret is in any error, record, event, log, or address of a request", async () => {
  const server = await engine();
  const urls: string[] = [];
  const serve = server.serve.bind(server);
  server.serve = (request, ...rest) => {
    urls.push(request.url ?? "");
    return serve(request, ...rest);
  };
  const told: unknown[] = [];
  const note = (fields: object, message?: string) => void told.push(fields, message);
  const env = { PASSWORD: "canary-env", KEY_FILE: "-----BEGIN\ncanary-line\n-----END" };
  const registry = { username: "ci", password: "canary-registry" };
  const hosts = [{ name: "box", url: server.url }];
  const own = dockerProvider({
    hosts,
    registry,
    env,
    image: "busybox",
    command: ["sleep", "infinity"],
    settlesWithin: 400,
  });
  const pools = dockerProvider({ name: "pools", hosts, registry, settlesWithin: 400 });
  // The engine repeats in its words what it was told.
  const message = "cannot do it: PASSWORD=canary-env canary-registry canary-line";
  for (const operation of ["pull", "create", "start"] as const)
    server.faults.next(operation, { refuse: 500, message }, 2);
  const backoff = { first: 1, max: 2 };
  const params = { image: "busybox", command: ["sleep", "infinity"], env };
  const manager = createManager({
    logger: { debug: note, info: note, warn: note, error: note },
    pools: {
      own: definePool({ provider: own, max: 2, backoff }),
      pools: definePool({ provider: pools, params, max: 2, backoff }),
    },
  });
  onTestFinished(() => manager.close({ resources: "delete" }));
  manager.on("event", (event) => told.push(event));
  const leases = [manager.acquire({ pool: "own", timeout: "9s" }), manager.acquire({ pool: "pools", timeout: "9s" })];
  told.push((await Promise.all(leases)).map(({ data }) => data));
  expect(JSON.stringify(server.engine.containers.map(({ environment }) => environment))).toContain("canary-env");

  server.faults.next("create", { refuse: 400, message });
  const error = await errorOf(own.allocate(request(9), context()));
  expect(error.message).toContain("cannot do it: PASSWORD=[secret] [secret] [secret]");
  told.push(error, manager.resources(), manager.tickets(), manager.stats(), urls, await own.hosts.status());
  expect(everything(told)).toContain("cannot do it: PASSWORD=[secret]");
  expect(everything(told).match(/canary-\w+/g)).toBeNull();
});

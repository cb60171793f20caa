import type { ProviderError } from "@warmpool/core";
import { describe, expect, test } from "vitest";
import { dockerProvider } from "../src/index.js";
import { context, engine, errorOf, fleet, keyOf, made, request, unheard } from "./workbench.js";

describe("a new container goes", () => {
  test("to the host with the smallest share of its capacity in use", async () => {
    const { provider, servers } = await fleet(["small", "large"], (name) => ({ capacity: name === "small" ? 2 : 6 }));
    for (let id = 1; id <= 4; id += 1) await provider.allocate(request(id), context());
    // 1 of 2 is as much as 3 of 6.
    expect(servers["small"]!.engine.containers).toHaveLength(1);
    expect(servers["large"]!.engine.containers).toHaveLength(3);
  });

  test("to another host when several are placed at the same moment", async () => {
    const { provider, servers } = await fleet(["a", "b", "c"]);
    await Promise.all([1, 2, 3, 4, 5, 6].map((id) => provider.allocate(request(id), context())));
    expect(Object.values(servers).map(({ engine }) => engine.containers.length)).toEqual([2, 2, 2]);
  });

  test("only to a host that has the labels", async () => {
    const { hosts, servers } = await fleet(["plain", "gpu"], (name) => ({
      labels: { gpu: name === "gpu" ? "yes" : "no" },
    }));
    const provider = dockerProvider({ hosts });
    const params = { image: "busybox", command: ["sleep", "infinity"], where: { gpu: "yes" } };
    for (const id of [1, 2])
      expect(await provider.allocate(request(id, params), context())).toMatchObject({ host: "gpu" });
    expect(servers["plain"]!.engine.containers).toEqual([]);
    const error = await errorOf(provider.allocate(request(3, { ...params, where: { gpu: "two" } }), context()));
    expect(error).toMatchObject({ kind: "permanent", made: "nothing", message: "no host has the labels gpu=two" });
  });

  test("nowhere when all are full, whoever filled them", async () => {
    const { hosts, provider } = await fleet(["a", "b"], () => ({ capacity: 2 }));
    const other = dockerProvider({ name: "other", hosts, image: "busybox", command: ["sleep", "infinity"] });
    const calls = [1, 2, 3, 4, 5, 6].map((id) => provider.allocate(request(id), context()));
    const refused = (await Promise.allSettled(calls)).filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(2);
    const error = await errorOf(other.allocate(request(7), context()));
    expect(error).toMatchObject({ kind: "capacity", made: "nothing" });
    expect(error.message).toBe("there is no place for a container: a is full (2); b is full (2)");
    await provider.delete(unheard(1), context());
    expect(await other.allocate(request(8), context())).toMatchObject({ name: keyOf(8) });
  });

  test("to a host that can be reached", async () => {
    const { provider, servers } = await fleet(["a", "b"]);
    await servers["a"]!.unplug();
    for (const id of [1, 2, 3]) expect(await provider.allocate(request(id), context())).toMatchObject({ host: "b" });
    await servers["b"]!.unplug();
    const error = await errorOf(provider.allocate(request(4), context()));
    expect(error).toMatchObject({ kind: "transient", made: "nothing" });
    expect(error.message).toMatch(/a cannot be reached: .*ENOENT.*; b cannot be reached/);
    await servers["a"]!.plug();
    await servers["b"]!.plug();
  });

  test("elsewhere when its host goes away just before it is made", async () => {
    const { provider, servers } = await fleet(["a", "b"]);
    await provider.allocate(request(1), context());
    // The checkpoint is the last moment before the engine is asked.
    const checkpoint = async ({ host }: { host: string }) => {
      if (host === "b") await servers["b"]!.unplug();
    };
    expect(await provider.allocate(request(2), context({ checkpoint }))).toMatchObject({ host: "a" });
    await servers["b"]!.plug();
    // Nothing can be on b, so nobody has to wait for it.
    expect(await provider.find(keyOf(2), context())).toMatchObject({ status: "ready" });
  });
});

describe("a host", () => {
  test("that is drained gets nothing new, and serves on", async () => {
    const { provider } = await fleet(["a", "b"]);
    const first = await provider.allocate(request(1), context());
    expect(first.host).toBe("a");
    provider.hosts.drain("a", "new kernel");
    for (const id of [2, 3]) expect(await provider.allocate(request(id), context())).toMatchObject({ host: "b" });
    expect(await provider.check(made(first), context())).toEqual({ status: "healthy" });
    expect(await provider.hosts.status()).toMatchObject([
      { name: "a", state: "drained", reason: "new kernel", containers: 1 },
      { name: "b", state: "active", containers: 2 },
    ]);
    provider.hosts.restore("a");
    expect(await provider.allocate(request(4), context())).toMatchObject({ host: "a" });
  });

  test("that was marked broken calls all its containers unhealthy, and they can be deleted", async () => {
    const { provider, servers } = await fleet(["a", "b"]);
    const data = await provider.allocate(request(1), context());
    provider.hosts.markBroken("a", "disk");
    expect(await provider.check(made(data), context())).toEqual({
      status: "unhealthy",
      reason: "host a was marked broken: disk",
    });
    await provider.delete(made(data), context());
    expect(servers["a"]!.engine.containers).toEqual([]);
    expect(await provider.allocate(request(2), context())).toMatchObject({ host: "b" });
  });

  test("may be drained from the beginning; when none is active, there is no capacity", async () => {
    const { provider } = await fleet(["a", "b"], (name) => ({ state: name === "a" ? "drained" : "broken" }));
    const error = await errorOf(provider.allocate(request(), context()));
    expect(error).toMatchObject({ kind: "capacity", made: "nothing" });
    expect(error.message).toBe("no host is active: a is drained, b is broken");
  });

  test("that doesn't exist cannot be drained", async () => {
    const { provider } = await fleet(["a", "b"]);
    expect(() => provider.hosts.drain("c")).toThrow('There is no host "c". There are a, b.');
  });
});

describe("while a host cannot be reached", () => {
  async function halfReachable() {
    const { provider, hosts, servers } = await fleet(["a", "b"]);
    const [onA, onB] = [await provider.allocate(request(1), context()), await provider.allocate(request(2), context())];
    expect([onA.host, onB.host]).toEqual(["a", "b"]);
    await servers["b"]!.unplug();
    const next = dockerProvider({ hosts, image: "busybox", command: ["sleep", "infinity"] });
    return { provider, next, onA, onB, servers };
  }

  test("list fails instead of being shorter", async () => {
    const { provider, servers } = await halfReachable();
    const error = await errorOf(Array.fromAsync(provider.list(context())));
    expect(error).toMatchObject({ kind: "transient", message: expect.stringContaining("host b") });
    await servers["b"]!.plug();
    expect(await Array.fromAsync(provider.list(context()))).toHaveLength(2);
  });

  test("its containers are unknown, not gone", async () => {
    const { provider, next, onB, servers } = await halfReachable();
    expect(await next.check(made(onB, 2), context())).toMatchObject({ status: "unknown" });
    for (const one of [provider, next]) {
      expect((await errorOf(one.find(keyOf(2), context()))).kind).toBe("transient");
      expect((await errorOf(one.delete(made(onB, 2), context()))).kind).toBe("transient");
      expect((await errorOf(one.delete(unheard(2), context()))).kind).toBe("transient");
    }
    await servers["b"]!.plug();
    expect(await next.find(keyOf(2), context())).toEqual({ status: "ready", data: onB });
  });

  test("what is known to be elsewhere is found and deleted all the same", async () => {
    const { provider, next, onA } = await halfReachable();
    expect(await next.check(made(onA), context())).toEqual({ status: "healthy" });
    expect(await next.find(keyOf(1), context())).toEqual({ status: "ready", data: onA });
    await next.delete(made(onA), context());
    for (const one of [provider, next]) expect(await one.find(keyOf(1), context())).toEqual({ status: "absent" });
  });

  test("what may be there is not called absent", async () => {
    const { next, servers } = await halfReachable();
    expect((await errorOf(next.find(keyOf(3), context()))).kind).toBe("transient");
    await servers["b"]!.plug();
    expect(await next.find(keyOf(3), context())).toEqual({ status: "absent" });
  });
});

test("a container of a host that was taken out of the inventory is not lost sight of", async () => {
  const { provider, hosts } = await fleet(["a", "b"]);
  const data = await provider.allocate(request(), context());
  const next = dockerProvider({ hosts: hosts.slice(1), image: "busybox" });
  expect(await next.check(made(data), context())).toMatchObject({ status: "unknown" });
  const error: ProviderError = await errorOf(next.delete(made(data), context()));
  expect(error.message).toContain("is on host a, which is not among the hosts: add it again, as drained");
});

test("delete with nothing but the key removes it from whichever host has it", async () => {
  const { provider, hosts, servers } = await fleet(["a", "b"]);
  await provider.allocate(request(1), context());
  await provider.allocate(request(2), context());
  const next = dockerProvider({ hosts, image: "busybox" });
  await next.delete(unheard(2), context());
  expect(servers["b"]!.engine.containers).toEqual([]);
  expect(servers["a"]!.engine.containers).toHaveLength(1);
});

test("where a container is going to be is written down before it is made", async () => {
  const server = await engine();
  const provider = dockerProvider({ hosts: [{ name: "box", url: server.url }], image: "busybox" });
  const written: unknown[] = [];
  const checkpoint = async (partial: unknown) => {
    written.push(partial);
    expect(server.count("create")).toBe(0);
  };
  server.faults.next("create", "drop");
  await errorOf(provider.allocate(request(), context({ checkpoint })));
  expect(written).toMatchObject([{ host: "box", id: "", name: keyOf(1) }]);
});

test("what bears no label of ours is none of ours, even under a name of ours", async () => {
  const server = await engine();
  server.engine.addImage("busybox");
  server.engine.create(keyOf(1), { Image: "busybox" });
  server.engine.create("db", { Image: "busybox", Labels: { "warmpool.key": "db" } });
  const provider = dockerProvider({ hosts: [{ name: "box", url: server.url }], image: "busybox" });
  expect(await Array.fromAsync(provider.list(context()))).toEqual([]);
  await provider.delete(unheard(1), context());
  expect(server.engine.containers).toHaveLength(2);
  const error = await errorOf(provider.allocate(request(1), context()));
  expect(error).toMatchObject({ kind: "permanent", made: "nothing" });
  expect(error.message).toContain("taken on host box by a container that is none of ours");
});

import { createPool, type Lease } from "@warmpool/core";
import { describe, expect, onTestFinished, test } from "vitest";
import type { DockerContainer, DockerProvider, ShellSession } from "../src/index.js";
import { context, engine, errorOf, keyOf, made, providerOn, request, until } from "./workbench.js";

/** A pool of one container, and its lease. */
async function held(options: { podman?: boolean; reuse?: boolean } = {}) {
  const server = await engine({ podman: options.podman ?? false });
  const provider = providerOn(server, { env: { GREETING: "hello" } });
  const pool = createPool({ provider, max: 1, reuse: options.reuse ?? false });
  onTestFinished(() => pool.close());
  return { server, provider, pool, lease: await pool.acquire() };
}

describe("exec", () => {
  test("runs a command for the holder, with its output and exit code", async () => {
    const { provider, lease } = await held();
    const result = await provider.exec(lease, ["sh", "-c", 'printf "%s €" "$GREETING"; echo oops >&2; exit 3']);
    expect(result).toEqual({ exitCode: 3, stdout: "hello €", stderr: "oops\n" });
  });

  test("hands it input and variables", async () => {
    const { provider, lease } = await held();
    const result = await provider.exec(lease, ["sh", "-c", "cat; printf %s $MORE"], {
      input: "in, ",
      env: { MORE: "more" },
    });
    expect(result).toEqual({ exitCode: 0, stdout: "in, more", stderr: "" });
  });

  test("takes much output apart", async () => {
    const { provider, lease } = await held();
    const { stdout } = await provider.exec(lease, ["sh", "-c", "yes 0123456789 | head -c 1100000"]);
    expect(stdout).toHaveLength(1_100_000);
    expect(stdout.endsWith("\n0123456789\n")).toBe(true);
  });

  test("is refused after the release, to the lease and to whatever was copied from it", async () => {
    const { server, provider, lease } = await held({ reuse: true });
    const { data } = lease;
    await lease.release();
    const error = await errorOf(provider.exec(lease, ["true"]));
    expect(error).toMatchObject({ code: "LEASE_ENDED" });
    expect(error.message).toContain("Only who holds a container may run anything in it.");
    // Somebody pretends: the container that the copy names by its id is gone.
    await until("a new container", () =>
      server.engine.containers.some(({ id, state }) => id !== data.id && state === "running"),
    );
    const pretended = { ...lease, data, active: true, resource: lease.resource, signal: new AbortController().signal };
    const gone = await errorOf(provider.exec(pretended as never, ["true"]));
    expect(gone.message).toBe(`container ${data.name} is gone from host box`);
  });

  test("is refused when the lease's data was exchanged for another's", async () => {
    const { provider, lease } = await held();
    const other: DockerContainer = { ...lease.data, name: keyOf(9) };
    const forged = {
      active: true,
      data: other,
      pool: lease.pool,
      resource: lease.resource,
      token: 1,
      signal: lease.signal,
    };
    expect(await errorOf(provider.exec(forged, ["true"]))).toMatchObject({ code: "LEASE_ENDED" });
  });

  test("ends with the lease", async () => {
    const { provider, lease } = await held();
    const running = errorOf(provider.exec(lease, ["sleep", "60"]));
    await lease.release();
    expect(await running).toBeInstanceOf(Error);
  });

  test.each([
    ["Docker", 409],
    ["Podman", 500],
  ])("says the same of a container that doesn't run, which %s answers with %i", async (engine, status) => {
    const { server, provider, lease } = await held({ podman: engine === "Podman" });
    server.engine.container(lease.data.id).exit(0);
    const error = await errorOf(provider.exec(lease, ["true"]));
    expect(error).toMatchObject({ code: "PROVIDER_FAILED", kind: "permanent" });
    expect(error.message).toBe(`container ${lease.data.name} on host box does not run`);
    expect(server.refused.get(status)).toBe(1);
  });
});

test("a shell of Podman's knows its size", async () => {
  const { server, provider, lease } = await held({ podman: true });
  await using _ = await provider.shell(lease, { columns: 100, rows: 30 });
  expect([...server.engine.execs.values()][0]!.size).toEqual({ columns: 100, rows: 30 });
});

describe("a shell", () => {
  async function shellOf(
    provider: DockerProvider,
    lease: Lease<DockerContainer>,
  ): Promise<{ shell: ShellSession; shown: () => string }> {
    const shell = await provider.shell(lease, { columns: 100, rows: 30 });
    let shown = "";
    shell.stream.on("data", (chunk) => {
      shown += chunk;
    });
    shell.stream.on("error", () => {});
    return { shell, shown: () => shown };
  }

  test("is the holder's to type into, knows its size, and ends with an exit code", async () => {
    const { server, provider, lease } = await held();
    const { shell, shown } = await shellOf(provider, lease);
    shell.stream.write("echo $GREETING, holder\n");
    await until("the greeting", () => shown().includes("hello, holder"));
    await shell.resize(120, 40);
    expect([...server.engine.execs.values()][0]!.size).toEqual({ columns: 120, rows: 40 });
    shell.stream.write("exit 7\n");
    expect(await shell.exited).toBe(7);
  });

  test("hangs up when it is closed", async () => {
    const { server, provider, lease } = await held();
    const { shell } = await shellOf(provider, lease);
    await shell[Symbol.asyncDispose]();
    await expect(shell.exited).rejects.toThrow("The shell was closed before it ended.");
    await until("the end of what ran in it", () => ![...server.engine.execs.values()][0]!.running);
  });

  test("is cut off when the lease ends, though the container goes on", async () => {
    const server = await engine();
    const provider = { ...providerOn(server), reset: undefined };
    const pool = createPool({ provider: provider as never as DockerProvider, max: 1, reuse: true });
    onTestFinished(() => pool.close());
    const lease = await pool.acquire();
    const { shell, shown } = await shellOf(provider as never, lease);
    shell.stream.write("echo before\n");
    await until("an answer", () => shown().includes("before"));
    await lease.release();
    shell.stream.write("echo after\n");
    await expect(shell.exited).rejects.toMatchObject({ code: "LEASE_ENDED" });
    expect(shown()).not.toContain("after");
    await until("the end of what ran in it", () => ![...server.engine.execs.values()][0]!.running);
    expect(server.engine.container(lease.data.id).state).toBe("running");
    expect(await errorOf(provider.shell(lease))).toMatchObject({ code: "LEASE_ENDED" });
  });
});

describe("a released container", () => {
  test("is made anew for the next holder, under the same name", async () => {
    const { server, provider, pool, lease } = await held({ reuse: true });
    const before = lease.data;
    await lease.release();
    const next = await pool.acquire();
    expect(next.data).toMatchObject({ name: before.name, host: before.host, image: before.image });
    expect(next.data.id).not.toBe(before.id);
    expect(server.engine.containers.map(({ id }) => id)).toEqual([next.data.id]);
    expect((await provider.exec(next, ["sh", "-c", "printf $GREETING"])).stdout).toBe("hello");
  });

  test("is made anew from what its pool wanted, also by the next process", async () => {
    const server = await engine();
    const provider = () => providerOn(server);
    const params = { env: { SIZE: "large" }, command: ["sleep", "1000"] };
    const data = await provider().allocate(request(1, params) as never, context());
    const again = await provider().reset!(made(data), context());
    const container = server.engine.container(again!.id);
    expect(container.environment).toEqual(["SIZE=large"]);
    expect(container.command).toEqual(["sleep", "1000"]);
    expect(container.labels).toMatchObject({
      "warmpool.installation": "abcdefgh",
      "warmpool.expires-at-ms": "1900000000000",
    });
  });

  test("goes back as it is when reset is switched off", async () => {
    const server = await engine();
    expect(providerOn(server, { reset: false }).reset).toBeUndefined();
  });
});

describe.each([
  ["Docker", false],
  ["Podman", true],
])("pause, as %s has it,", (_, podman) => {
  test("suspends a container and resumes it, each as often as one likes", async () => {
    const server = await engine({ podman });
    const provider = providerOn(server);
    const data = await provider.allocate(request(), context());
    for (let times = 0; times < 2; times += 1) await provider.suspend(made(data), context());
    expect(server.engine.container(data.id).state).toBe("paused");
    expect(await provider.check(made(data), context())).toEqual({ status: "unhealthy", reason: "it is paused" });
    for (let times = 0; times < 2; times += 1) expect(await provider.resume(made(data), context())).toEqual(data);
    expect(await provider.check(made(data), context())).toEqual({ status: "healthy" });
  });

  test("resumes one with a HEALTHCHECK when that has succeeded again", async () => {
    const server = await engine({ podman });
    const provider = providerOn(server, { healthcheck: { command: ["true"] } });
    const data = await provider.allocate(request(), context());
    await provider.suspend(made(data), context());
    server.engine.healthyAfterMs = 60;
    expect(await provider.resume(made(data), context())).toEqual(data);
    expect(server.engine.container(data.id).health).toBe("healthy");
    expect(await provider.check(made(data), context())).toEqual({ status: "healthy" });
  });

  test("does not keep a container from being deleted", async () => {
    const server = await engine({ podman });
    const provider = providerOn(server);
    const data = await provider.allocate(request(), context());
    await provider.suspend(made(data), context());
    await provider.delete(made(data), context());
    expect(server.engine.containers).toEqual([]);
    expect((await errorOf(provider.suspend(made(data), context()))).message).toContain("was not paused");
    expect((await errorOf(provider.resume(made(data), context()))).message).toContain("did not get going again");
  });
});

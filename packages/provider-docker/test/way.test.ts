import { startSshGateway } from "@warmpool/test-docker";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { dockerProvider, type HostOptions } from "../src/index.js";
import { certificates } from "./certificates.js";
import { context, engine, errorOf, keyOf, made, request, unheard } from "./workbench.js";

const CONTAINER = { image: "busybox", command: ["sleep", "infinity"] };

function lease(data: Awaited<ReturnType<ReturnType<typeof dockerProvider>["allocate"]>>) {
  const signal = new AbortController().signal;
  return { active: true, data, pool: "web", resource: { id: 1, key: data.name }, signal, token: 1 };
}

/** Makes, uses and deletes a container the given way. */
async function works(host: Omit<HostOptions, "name"> | undefined): Promise<void> {
  const provider = dockerProvider({ ...(host && { hosts: [{ name: "box", ...host }] }), ...CONTAINER });
  const data = await provider.allocate(request(), context());
  expect(await provider.check(made(data), context())).toEqual({ status: "healthy" });
  const result = await provider.exec(lease(data), ["sh", "-c", "cat; exit 4"], { input: "typed" });
  expect(result).toEqual({ exitCode: 4, stdout: "typed", stderr: "" });
  await provider.delete(made(data), context());
  expect(await provider.find(keyOf(1), context())).toEqual({ status: "absent" });
}

describe("an engine can be reached", () => {
  test("by TCP", async () => {
    await works({ url: (await engine({ tcp: true })).url });
  });

  test("by TLS, with certificates by their files or as they are", async () => {
    const { folder, server } = certificates();
    const { url } = await engine({ tls: server });
    await works({ url, tls: { ca: `${folder}/ca.pem`, cert: `${folder}/cert.pem`, key: `${folder}/key.pem` } });
    await works({ url, tls: { ca: server.ca, cert: `${folder}/cert.pem`, key: `${folder}/key.pem` } });
  });

  test("as DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say", async () => {
    const { folder, server } = certificates();
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv("DOCKER_TLS_VERIFY", "");
    vi.stubEnv("DOCKER_HOST", (await engine()).url);
    await works(undefined);
    vi.stubEnv("DOCKER_HOST", (await engine({ tcp: true })).url);
    await works(undefined);
    vi.stubEnv("DOCKER_HOST", (await engine({ tls: server })).url);
    vi.stubEnv("DOCKER_TLS_VERIFY", "0");
    vi.stubEnv("DOCKER_CERT_PATH", folder);
    await works(undefined);
  });

  test("by its own address whatever the environment says", async () => {
    const plain = await engine({ tcp: true });
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv("DOCKER_HOST", "tcp://127.0.0.1:1");
    vi.stubEnv("DOCKER_TLS_VERIFY", "1");
    vi.stubEnv("DOCKER_CERT_PATH", "/nowhere");
    await works({ url: plain.url });
    await works({ url: (await engine()).url });
    expect(process.env["DOCKER_HOST"]).toBe("tcp://127.0.0.1:1");
  });
});

describe("by TLS, an engine is refused", () => {
  test.each([
    [
      "whose certificate is of another authority",
      (other: string, folder: string) => ({
        ca: `${other}/ca.pem`,
        cert: `${folder}/cert.pem`,
        key: `${folder}/key.pem`,
      }),
    ],
    [
      "that doesn't accept ours",
      (other: string, folder: string) => ({
        ca: `${folder}/ca.pem`,
        cert: `${other}/cert.pem`,
        key: `${other}/key.pem`,
      }),
    ],
  ])("%s", async (_, tls) => {
    const [own, other] = [certificates(), certificates()];
    const server = await engine({ tls: own.server });
    const hosts = [{ name: "box", url: server.url, tls: tls(other.folder, own.folder) }];
    const error = await errorOf(dockerProvider({ hosts, ...CONTAINER }).allocate(request(), context()));
    expect(error).toMatchObject({ kind: "transient", made: "nothing" });
    expect(server.requests.size).toBe(0);
  });
});

describe("by SSH", () => {
  async function behindSsh() {
    const server = await engine();
    const socketPath = server.url.slice("unix://".length);
    const gateway = await startSshGateway(socketPath);
    onTestFinished(() => gateway.stop());
    const { fingerprint: hostKey, privateKey, port } = gateway;
    return { server, gateway, socketPath, url: `ssh://ci@127.0.0.1:${port}`, ssh: { hostKey, privateKey } };
  }

  test("an engine is reached by the command that docker uses as well", async () => {
    const { url, ssh, gateway } = await behindSsh();
    await works({ url, ssh });
    expect(new Set(gateway.commands)).toEqual(new Set(["docker system dial-stdio"]));
  });

  test("or by its socket, or by another command", async () => {
    const { url, ssh, socketPath, gateway } = await behindSsh();
    await works({ url: `${url}${socketPath}`, ssh });
    expect(gateway.commands).toEqual([]);
    await works({ url, ssh: { ...ssh, command: "podman system dial-stdio" } });
    expect(new Set(gateway.commands)).toEqual(new Set(["podman system dial-stdio"]));
  });

  test("all requests share a connection, and a new one is opened when it was cut", async () => {
    const { url, ssh, gateway } = await behindSsh();
    const provider = dockerProvider({ hosts: [{ name: "box", url, ssh }], ...CONTAINER });
    await Promise.all([1, 2, 3, 4].map((id) => provider.allocate(request(id), context())));
    expect(gateway.connections()).toBe(1);
    gateway.cut();
    // One whose connection is cut under it may fail; the next one is sent anew.
    await provider.delete(unheard(1), context()).catch(() => provider.delete(unheard(1), context()));
    expect(gateway.connections()).toBe(2);
  });

  test("a host with another key than the expected one is refused before anything is said to it", async () => {
    const { url, ssh, server, gateway } = await behindSsh();
    const hostKey = `SHA256:${"A".repeat(43)}`;
    const provider = dockerProvider({ hosts: [{ name: "box", url, ssh: { ...ssh, hostKey } }], ...CONTAINER });
    const error = await errorOf(provider.allocate(request(), context()));
    expect(error).toMatchObject({ kind: "transient", made: "nothing" });
    expect(error.message).toContain(`its host key is ${ssh.hostKey}, which is none of those expected (${hostKey})`);
    expect(gateway.connections()).toBe(0);
    expect(server.requests.size).toBe(0);
    // One of several is enough: keys are changed that way.
    await works({ url, ssh: { ...ssh, hostKey: [hostKey, ssh.hostKey] } });
  });

  test("a host that doesn't let us in is out of reach", async () => {
    const { url, ssh } = await behindSsh();
    const other = await behindSsh();
    const { privateKey } = other.ssh;
    const provider = dockerProvider({ hosts: [{ name: "box", url, ssh: { ...ssh, privateKey } }], ...CONTAINER });
    const error = await errorOf(provider.allocate(request(), context()));
    expect(error).toMatchObject({
      kind: "transient",
      made: "nothing",
      message: expect.stringContaining("authentication"),
    });
    expect(error.message).not.toContain("PRIVATE KEY");
  });

  test("a host without an engine is out of reach", async () => {
    const { url, ssh, server } = await behindSsh();
    await server.unplug();
    const provider = dockerProvider({ hosts: [{ name: "box", url, ssh }], ...CONTAINER });
    const error = await errorOf(provider.find(keyOf(1), context()));
    expect(error.kind).toBe("transient");
    await server.plug();
    expect(await provider.find(keyOf(1), context())).toEqual({ status: "absent" });
  });
});

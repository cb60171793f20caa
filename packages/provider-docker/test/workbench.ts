import type { AllocateRequest, CallContext, Made, ProviderError, ResourceRef } from "@warmpool/core";
import { DockerServer, type DockerServerOptions } from "@warmpool/test-docker";
import { onTestFinished } from "vitest";
import { type DockerContainer, type DockerOptions, type DockerParams, dockerProvider } from "../src/index.js";

/** A key of its own for each number. */
export function keyOf(id: number): string {
  return `wp-abcdefgh-123456-${id.toString(36)}`;
}

/** An engine for one test. */
export async function engine(options: DockerServerOptions = {}): Promise<DockerServer> {
  const server = await DockerServer.start(options);
  onTestFinished(() => server.stop());
  return server;
}

/** Several engines, and a provider of containers on them. */
export async function fleet(names: readonly string[], host: (name: string) => object = () => ({})) {
  const servers = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await engine()] as const)));
  const hosts = names.map((name) => ({ name, url: servers[name]!.url, ...host(name) }));
  return { servers, hosts, provider: dockerProvider({ hosts, image: "busybox", command: ["sleep", "infinity"] }) };
}

/** A provider of containers that run until they are ended, on one engine. */
export function providerOn(server: DockerServer, options: Omit<DockerOptions, "hosts" | "build"> = {}) {
  return dockerProvider({
    hosts: [{ name: "box", url: server.url }],
    command: ["sleep", "infinity"],
    ...options,
    image: options.image ?? "busybox",
  });
}

export function context(given: Partial<CallContext<DockerContainer>> = {}): CallContext<DockerContainer> {
  return {
    signal: new AbortController().signal,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    namespace: "ci",
    installation: "abcdefgh",
    epoch: 3,
    async checkpoint() {},
    ...given,
  };
}

export function request(id?: number): AllocateRequest<void>;
export function request(id: number, params: DockerParams): AllocateRequest<DockerParams>;
export function request(id = 1, params?: DockerParams): AllocateRequest<never> {
  const key = keyOf(id);
  const tags = {
    namespace: "ci",
    installation: "abcdefgh",
    pool: "web",
    key,
    epoch: 3,
    expiresAtMs: 1_900_000_000_000,
  };
  return { key, pool: "web", slot: id, id, params: params as never, tags };
}

export function made(data: DockerContainer, id = 1): Made<DockerContainer> {
  return { key: keyOf(id), data, pool: "web", slot: id, id };
}

export function unheard(id = 1): ResourceRef<DockerContainer> {
  return { ...made(undefined as never, id), data: undefined };
}

/** The error that a call of a provider rejects with. */
export async function errorOf(call: Promise<unknown>): Promise<ProviderError> {
  return await call.then(
    (result) => {
      throw new Error(`it should have been rejected, but resolved with ${JSON.stringify(result)}`);
    },
    (error) => error,
  );
}

/** Polls until something is so. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 8_000,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

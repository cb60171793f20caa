import { type AllocateRequest, type CallContext, type Found, type Provider, ProviderError } from "@warmpool/core";
import { CloudError, type FakeCloud, type Server, turn } from "./fake-cloud.js";

/** What holders of a server get. */
export interface CloudServer {
  readonly id: string;
  readonly address: string | undefined;
}

/** What a pool must say about its servers. */
export interface CloudParams {
  readonly image: string;
}

export const FIRST_PORT = 8_000;

/** A provider as it should be: the suite must find nothing wrong with it. */
export function cloudProvider(cloud: FakeCloud): Provider<CloudServer, CloudParams> {
  const running = new Map<string, { stop: AbortController; ended: Promise<unknown> }>();

  // Whoever asks for a key whose allocate is still running ends that first: settlesWithin is 0.
  async function endRunning(key: string): Promise<void> {
    const call = running.get(key);
    call?.stop.abort(new Error("somebody asked for what it makes"));
    await call?.ended;
  }

  return {
    name: "fake-cloud",
    settlesWithin: 0,
    spec: { region: "north" },

    async allocate(request, context) {
      const stop = new AbortController();
      const signal = AbortSignal.any([context.signal, stop.signal]);
      const made = build(cloud, request, { ...context, signal });
      const ended = made.catch(() => {}).finally(() => running.delete(request.key));
      running.set(request.key, { stop, ended });
      return await made;
    },

    async delete({ key }) {
      await endRunning(key);
      await asking(() => remove(cloud, key));
    },

    async check({ data }) {
      const server = await asking(() => cloud.describe(data.id));
      return server.status === "running" ? { status: "healthy" } : { status: "unhealthy", reason: server.status };
    },

    async find(key) {
      await endRunning(key);
      return await asking(async () => foundOf(await withKey(cloud, key)));
    },

    async *list({ signal }) {
      let after: string | undefined = "";
      while (after !== undefined) {
        signal.throwIfAborted();
        const { servers, next } = await asking(() => cloud.page(after));
        for (const server of servers) {
          yield { key: server.tags.key, data: dataOf(server), createdAtMs: server.createdAtMs, tags: server.tags };
        }
        after = next;
      }
    },

    async reset({ data }) {
      await asking(() => cloud.reboot(data.id));
    },
  };
}

async function build(
  cloud: FakeCloud,
  { key, tags, slot }: AllocateRequest<CloudParams>,
  { signal, checkpoint }: CallContext<CloudServer>,
): Promise<CloudServer> {
  if (signal.aborted) throw new ProviderError("aborted before it began", { made: "nothing", cause: signal.reason });
  try {
    let server = await asking(() => cloud.create(key, tags, FIRST_PORT + slot));
    await checkpoint(dataOf(server));
    while (server.status !== "running") {
      signal.throwIfAborted();
      await turn();
      const { id } = server;
      server = await asking(() => cloud.describe(id));
    }
    return dataOf(server);
  } catch (error) {
    // Best effort: our caller is told that it doesn't know, and deletes by the key.
    await remove(cloud, key).catch(() => {});
    throw error;
  }
}

/** Asks for the end of what bears a key. Nothing there is fine. */
export async function remove(cloud: FakeCloud, key: string): Promise<void> {
  const server = await withKey(cloud, key);
  if (server !== undefined) await cloud.delete(server.id).catch(unlessGone);
}

export async function withKey(cloud: FakeCloud, key: string): Promise<Server | undefined> {
  return (await cloud.all()).find(({ tags }) => tags.key === key);
}

/** Says of a failed request what the engine must know of it. */
async function asking<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    const kind = error.status === 503 ? "transient" : "unknown";
    throw new ProviderError(error.message, { kind, cause: error });
  }
}

export function dataOf({ id, address }: Server): CloudServer {
  return { id, address };
}

export function foundOf(server: Server | undefined): Found<CloudServer> {
  if (server === undefined) return { status: "absent" };
  switch (server.status) {
    case "building":
      return { status: "pending", data: dataOf(server) };
    case "running":
      return { status: "ready", data: dataOf(server) };
    case "crashed":
    case "deleting":
      return { status: "broken", data: dataOf(server), reason: server.status };
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof CloudError && error.status === 404)) throw error;
}

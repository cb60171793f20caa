import type { AllocateRequest, CallContext } from "@warmpool/core";
import { type CloudParams, type CloudServer, cloudProvider, dataOf } from "../fake-cloud/cloud-provider.js";
import { type FakeCloud, turn } from "../fake-cloud/fake-cloud.js";
import type { CloudProvider, Mutant } from "./mutant.js";

/** Providers that make the wrong thing. */
export const allocateMutants: readonly Mutant[] = [
  {
    that: "has no name",
    provide: (cloud) => ({ ...cloudProvider(cloud), name: "" }),
    caughtBy: { "name, settlesWithin and spec are usable": /has no name/ },
  },
  {
    that: "returns nothing",
    provide: (cloud) => allocating(cloud, (allocate) => allocate().then(() => undefined as unknown as CloudServer)),
    caughtBy: { "allocate answers with data": /resolved with nothing/ },
  },
  {
    that: "makes a spare beside each server",
    provide: (cloud) =>
      allocating(cloud, async (allocate, { key, tags, slot }) => {
        await cloud.create(`${key}-spare`, tags, 9_000 + slot);
        return allocate();
      }),
    caughtBy: { "allocate makes one thing": /1 more than should be really exist/ },
  },
  {
    that: "returns a Date",
    provide: (cloud) => allocating(cloud, async (allocate) => Object.assign(await allocate(), { at: new Date() })),
    caughtBy: { "data survives JSON": /allocate returned does not survive JSON/ },
  },
  {
    that: "returns the same server for each key",
    provide: (cloud) =>
      allocating(cloud, async (_, { tags }) => dataOf(await running(cloud, () => cloud.create("one", tags, 8_000)))),
    caughtBy: { "two keys are two things": /both have the same data/ },
  },
  {
    that: "cuts keys off after 24 characters",
    provide(cloud) {
      const provider = cloudProvider(cloud);
      return {
        ...provider,
        allocate: (request, context) => provider.allocate({ ...request, key: request.key.slice(0, 24) }, context),
      };
    },
    caughtBy: {
      "the longest keys, different only at their end, are two things": /1 fewer than should be really exist/,
    },
  },
  {
    that: "can only make one at a time",
    provide(cloud) {
      let busy = false;
      return allocating(cloud, async (allocate) => {
        if (busy) throw new Error("another operation is in progress");
        busy = true;
        return allocate().finally(() => {
          busy = false;
        });
      });
    },
    caughtBy: { "parallel allocates of distinct keys all succeed": /another operation is in progress/ },
  },
  {
    that: "makes another server when asked again",
    provide(cloud) {
      let asked = 0;
      return allocating(cloud, async (_, { key, tags }) => {
        asked += 1;
        const token = `${key} ${asked}`;
        return dataOf(await running(cloud, () => cloud.create(token, tags, 9_000 + asked)));
      });
    },
    caughtBy: { "the same key a second time never makes a second thing": /1 more than should be really exist/ },
  },
  {
    that: "never frees a port",
    provide(cloud) {
      const taken = new Set<number>();
      return allocating(cloud, async (allocate, { slot }) => {
        if (taken.has(slot)) throw new Error(`port of slot ${slot} is taken`);
        taken.add(slot);
        return allocate();
      });
    },
    caughtBy: { "a slot is free again after delete": /port of slot 0 is taken/ },
  },
  {
    that: "finds by the beginning of a name",
    provide: (cloud) => ({
      ...cloudProvider(cloud),
      async find(key) {
        const server = (await cloud.all()).find(({ tags }) => tags.key.startsWith(key));
        return server === undefined ? { status: "absent" } : { status: "ready", data: dataOf(server) };
      },
    }),
    caughtBy: { "a key that begins another key is not that other": /find tells of another key's thing/ },
  },
  {
    that: "deletes by the beginning of a name",
    provide: (cloud) => ({
      ...cloudProvider(cloud),
      async delete({ key }) {
        for (const { id, tags } of await cloud.all()) if (tags.key.startsWith(key)) await cloud.delete(id);
      },
    }),
    caughtBy: { "a key that begins another key is not that other": /for what was made/ },
  },
  {
    that: "returns before the server runs",
    provide: (cloud) =>
      allocating(cloud, async (_, { key, tags, slot }) => dataOf(await cloud.create(key, tags, 8_000 + slot))),
    caughtBy: { "what allocate made, check finds healthy": /check says unhealthy: building/ },
  },
  {
    that: "makes things under the old options after a restart",
    provide: (cloud) => ({ ...cloudProvider(cloud), spec: { region: "north", startedAt: performance.now() } }),
    caughtBy: { "the spec is the same after a restart": /the spec is another one/ },
  },
];

type Allocate = (
  /** What the right provider does. */
  allocate: () => Promise<CloudServer>,
  request: AllocateRequest<CloudParams>,
  context: CallContext<CloudServer>,
) => Promise<CloudServer>;

/** The right provider with another `allocate`. */
export function allocating(cloud: FakeCloud, allocate: Allocate): CloudProvider {
  const provider = cloudProvider(cloud);
  return {
    ...provider,
    allocate: (request, context) => allocate(() => provider.allocate(request, context), request, context),
  };
}

/** Makes a server and waits until it runs, whatever the signal says, and clears nothing up. */
export async function running(cloud: FakeCloud, create: () => Promise<{ id: string }>) {
  const { id } = await create();
  for (;;) {
    const server = await cloud.describe(id);
    if (server.status !== "building") return server;
    await turn();
  }
}

import { ProviderError } from "@warmpool/core";
import { cloudProvider, dataOf, foundOf, remove, withKey } from "../fake-cloud/cloud-provider.js";
import { type FakeCloud, turn } from "../fake-cloud/fake-cloud.js";
import { allocating, running } from "./allocate-mutants.js";
import type { CloudProvider, Mutant } from "./mutant.js";

/** Providers that do the wrong thing about an `allocate` that is interrupted. */
export const abortMutants: readonly Mutant[] = [
  {
    that: "ignores its signal",
    provide: (cloud) =>
      allocating(cloud, async (_, { key, tags, slot }) =>
        dataOf(await running(cloud, () => cloud.create(key, tags, 8_000 + slot))),
      ),
    caughtBy: { "an allocate aborted before it starts rejects": /although its signal was aborted all the time/ },
  },
  {
    that: "rejects while its request is still on its way",
    provide: lateProvider,
    caughtBy: {
      "an allocate aborted before it starts leaves nothing that delete does not remove": /what should not exist/,
      "a half-made thing is removed by delete with the checkpointed data":
        /at the first checkpoint: 1 more than should be really exist/,
      "settlesWithin is kept: what is absent then stays absent": /what should not exist/,
    },
  },
  {
    that: "does not end when it is aborted",
    provide: (cloud) =>
      allocating(cloud, async (allocate, _, { signal }) => {
        const data = await allocate().catch(() => undefined);
        return data !== undefined && !signal.aborted ? data : new Promise(() => {});
      }),
    caughtBy: { "an aborted allocate ends soon": /had not ended \d+ ms after its signal was aborted/ },
  },
  {
    that: "leaves half-made things, and knows them by an address that only whole ones have",
    provide: (cloud) => ({
      ...careless(cloud),
      async delete({ key, data }) {
        const servers = await cloud.all();
        const gone = servers.find(({ tags, address }) =>
          data === undefined ? tags.key === key : address !== undefined && address === data.address,
        );
        if (gone !== undefined) await cloud.delete(gone.id);
      },
    }),
    caughtBy: {
      "a half-made thing is removed by delete with the checkpointed data": /find says \w+ for what should not/,
    },
  },
  {
    that: "leaves half-made things, and knows them only by the id in their data",
    provide: (cloud) => ({
      ...careless(cloud),
      async delete({ data }) {
        if (data !== undefined) await cloud.delete(data.id).catch(() => {});
      },
    }),
    caughtBy: {
      "a half-made thing is removed by delete with nothing but its key": /find says \w+ for what should not/,
      "a half-made thing whose checkpoint failed is removed by delete with nothing but its key": /for what should not/,
      "delete without data, when the answer was lost, removes what the key made": /for what should not/,
      "after a restart delete without data removes it": /for what should not/,
    },
  },
  {
    that: "finds half-made things ready",
    provide: (cloud) => ({
      ...careless(cloud),
      async find(key) {
        const server = await withKey(cloud, key);
        return server === undefined ? { status: "absent" } : { status: "ready", data: dataOf(server) };
      },
    }),
    caughtBy: { "what find calls ready after an aborted allocate is whole and healthy": /data lacks address|building/ },
  },
  {
    that: "calls every failure one that made nothing",
    provide(cloud) {
      const provider = careless(cloud);
      return {
        ...provider,
        allocate: (request, context) =>
          provider.allocate(request, context).catch((cause) => {
            throw new ProviderError("it failed", { made: "nothing", cause });
          }),
      };
    },
    caughtBy: {
      'made: "nothing" means that nothing was made, and never will be': /what should not exist/,
      "an outage in the middle of allocate leaves nothing that delete does not remove": /what should not exist/,
    },
  },
  {
    that: "finds without looking whether an allocate is still running",
    provide: (cloud) => ({ ...cloudProvider(cloud), find: async (key) => foundOf(await withKey(cloud, key)) }),
    caughtBy: {
      "settlesWithin is kept: what find calls absent then stays absent, though its allocate runs on":
        /at once: find says \w+ for what should not exist/,
    },
  },
  {
    that: "deletes without looking whether an allocate is still running",
    provide: (cloud) => ({ ...cloudProvider(cloud), delete: ({ key }) => remove(cloud, key) }),
    caughtBy: {
      "settlesWithin is kept: what delete removed then stays removed, though its allocate runs on":
        /should not exist|no server/,
    },
  },
  {
    that: "rejects with a string",
    provide: (cloud) =>
      allocating(cloud, (allocate) =>
        allocate().catch((error) => {
          throw String(error);
        }),
      ),
    caughtBy: {
      "what a call rejects with is an Error with a message": /allocate rejected with string instead of an Error/,
    },
  },
  {
    that: "rejects with a kind that does not exist",
    provide: (cloud) =>
      allocating(cloud, (allocate) =>
        allocate().catch((cause) => {
          throw new ProviderError("it failed", { kind: "temporary" as "transient", cause });
        }),
      ),
    caughtBy: { "what a call rejects with is an Error with a message": /the unknown kind temporary/ },
  },
];

/** Looks at its signal, and clears nothing up. */
function careless(cloud: FakeCloud): CloudProvider {
  return allocating(cloud, async (_, { key, tags, slot }, { signal, checkpoint }) => {
    let server = await cloud.create(key, tags, 8_000 + slot);
    await checkpoint(dataOf(server));
    while (server.status === "building") {
      signal.throwIfAborted();
      await turn();
      server = await cloud.describe(server.id);
    }
    return dataOf(server);
  });
}

/** Rejects as soon as its signal aborts; what it asked for comes into being some turns later. */
function lateProvider(cloud: FakeCloud): CloudProvider {
  return allocating(cloud, async (_, { key, tags, slot }, { signal }) => {
    const making = (async () => {
      for (let turns = 0; turns < 20; turns += 1) await turn();
      return dataOf(await running(cloud, () => cloud.create(key, tags, 8_000 + slot)));
    })();
    const aborted = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    making.catch(() => {});
    return Promise.race([making, aborted]);
  });
}

import { cloudProvider, remove, withKey } from "../fake-cloud/cloud-provider.js";
import type { Mutant } from "./mutant.js";

/** Providers that delete too little, too much, or only once. */
export const deleteMutants: readonly Mutant[] = [
  {
    that: "deletes nothing",
    provide: (cloud) => ({ ...cloudProvider(cloud), async delete() {} }),
    caughtBy: { "delete makes it gone": /for what should not exist/ },
  },
  {
    that: "calls the absent an error",
    provide: (cloud) => ({
      ...cloudProvider(cloud),
      async delete({ key }) {
        const server = await withKey(cloud, key);
        if (server === undefined) throw new Error("404: no such server");
        await cloud.delete(server.id);
      },
    }),
    caughtBy: { "delete of a key never made succeeds": /no such server/, "delete twice succeeds": /no such server/ },
  },
  {
    that: "deletes everything of the pool",
    provide: (cloud) => ({
      ...cloudProvider(cloud),
      async delete() {
        for (const { id } of await cloud.all()) await cloud.delete(id);
      },
    }),
    caughtBy: { "deleting one thing leaves the others": /1 fewer than should be really exist/ },
  },
  {
    that: "refuses to delete what it has begun to delete",
    provide(cloud) {
      const begun = new Set<string>();
      return {
        ...cloudProvider(cloud),
        async delete({ key }, { signal }) {
          if (begun.has(key)) throw new Error("409: removal is in progress already");
          begun.add(key);
          signal.throwIfAborted();
          await remove(cloud, key);
        },
      };
    },
    caughtBy: { "a delete that was aborted succeeds when it is repeated": /removal is in progress already/ },
  },
  {
    that: "claims to have deleted when it was aborted",
    provide(cloud) {
      const provider = cloudProvider(cloud);
      return {
        ...provider,
        async delete(ref, context) {
          if (!context.signal.aborted) await provider.delete(ref, context);
        },
      };
    },
    caughtBy: { "an aborted delete claims nothing that is not so": /for what should not exist/ },
  },
  {
    that: "deletes only what runs",
    provide: (cloud) => ({
      ...cloudProvider(cloud),
      async delete({ key }) {
        const server = await withKey(cloud, key);
        if (server?.status === "running") await cloud.delete(server.id);
      },
    }),
    caughtBy: { "delete removes what broke": /find says broken for what should not exist/ },
  },
];

import { cloudProvider, dataOf, withKey } from "../fake-cloud/cloud-provider.js";
import { running } from "./allocate-mutants.js";
import type { Mutant } from "./mutant.js";

/** Providers that spoil what they reset. */
export const resetMutants: readonly Mutant[] = [
  {
    that: "breaks what it resets",
    provide: (cloud) => ({
      ...cloudProvider(cloud),
      async reset({ data }) {
        cloud.crash(data.id);
      },
    }),
    caughtBy: { "reset leaves it healthy, and returns data or nothing": /find says broken for what was made/ },
  },
  {
    that: "resets by making another, and deletes by the id",
    provide: (cloud) => ({
      ...cloudProvider(cloud),
      async reset({ key, data }) {
        const { tags, port } = await cloud.describe(data.id);
        const server = await running(cloud, () => cloud.create(`${key}-again`, tags, port + 1_000));
        await cloud.delete(data.id);
        return dataOf(server);
      },
      async delete({ data }) {
        if (data !== undefined) await cloud.delete(data.id).catch(() => {});
      },
    }),
    caughtBy: {
      "after a reset whose answer was lost, delete with the data from before removes it": /for what should not exist/,
    },
  },
  {
    that: "never deletes what it was resetting",
    provide(cloud) {
      const locked = new Set<string>();
      const provider = cloudProvider(cloud);
      return {
        ...provider,
        async reset(made, context) {
          locked.add(made.key);
          await cloud.reboot(made.data.id);
          context.signal.throwIfAborted();
          locked.delete(made.key);
        },
        async delete(ref, context) {
          if (locked.has(ref.key)) throw new Error("409: it is being reset");
          await provider.delete(ref, context);
        },
      };
    },
    caughtBy: { "after an aborted reset delete removes it": /it is being reset/ },
  },
  {
    that: "calls the absent reset",
    provide: (cloud) => ({
      ...cloudProvider(cloud),
      async reset({ key }) {
        const server = await withKey(cloud, key);
        if (server !== undefined) await cloud.reboot(server.id);
      },
    }),
    caughtBy: { "reset of a deleted thing rejects, or leaves a healthy one": /check says unhealthy: no server/ },
  },
];

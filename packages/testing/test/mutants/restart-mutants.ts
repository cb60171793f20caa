import type { CloudServer } from "../fake-cloud/cloud-provider.js";
import { cloudProvider, remove } from "../fake-cloud/cloud-provider.js";
import type { Mutant } from "./mutant.js";

/** Providers that keep in memory what must outlive the process. */
export const restartMutants: readonly Mutant[] = [
  {
    that: "knows only what it made itself",
    provide(cloud) {
      const known = new Map<string, CloudServer>();
      const provider = cloudProvider(cloud);
      return {
        ...provider,
        async allocate(request, context) {
          const data = await provider.allocate(request, context);
          known.set(request.key, data);
          return data;
        },
        async check({ key }) {
          return known.has(key) ? { status: "healthy" } : { status: "unhealthy", reason: "never heard of it" };
        },
        async find(key) {
          const data = known.get(key);
          return data === undefined ? { status: "absent" } : { status: "ready", data };
        },
        async *list() {
          for (const [key, data] of known) yield { key, data };
        },
        async delete({ key }) {
          if (!known.delete(key)) return;
          await remove(cloud, key);
        },
      };
    },
    caughtBy: {
      "after a restart check finds it healthy": /never heard of it/,
      "after a restart find tells ready with the data": /find says absent for what was made/,
      "after a restart list contains it": /find says absent for what was made/,
      "after a restart delete removes it": /1 more than should be really exist/,
      "after a restart delete without data removes it": /1 more than should be really exist/,
    },
  },
];

import { cloudProvider } from "../fake-cloud/cloud-provider.js";
import type { Mutant } from "./mutant.js";

/** Providers that take the sick for healthy, or the healthy for sick. */
export const checkMutants: readonly Mutant[] = [
  {
    that: "wears things out by checking them",
    provide(cloud) {
      const checked = new Set<string>();
      const provider = cloudProvider(cloud);
      return {
        ...provider,
        async check(made, context) {
          if (checked.has(made.key)) return { status: "unhealthy", reason: "the token was used" };
          checked.add(made.key);
          return provider.check?.(made, context);
        },
      };
    },
    caughtBy: { "check changes nothing": /the token was used/ },
  },
  {
    that: "takes a failed check for healthy",
    provide(cloud) {
      const provider = cloudProvider(cloud);
      return { ...provider, check: async (made, context) => provider.check?.(made, context).catch(() => {}) };
    },
    caughtBy: { "check of a deleted thing is unhealthy": /check says healthy/ },
  },
  {
    that: "checks only whether the server exists",
    provide: (cloud) => ({
      ...cloudProvider(cloud),
      async check({ data }) {
        await cloud.describe(data.id);
      },
    }),
    caughtBy: { "check of a broken thing is unhealthy": /check says healthy/ },
  },
  {
    that: "answers with a status of its own",
    provide: (cloud) => ({ ...cloudProvider(cloud), check: async () => ({ status: "ok" as "healthy" }) }),
    caughtBy: { "what allocate made, check finds healthy": /check resolved with the status ok/ },
  },
  {
    that: "changes the data it is given",
    provide(cloud) {
      const provider = cloudProvider(cloud);
      return {
        ...provider,
        async check(made, context) {
          Object.assign(made.data, { checkedAtMs: 1 });
          return provider.check?.(made, context);
        },
      };
    },
    caughtBy: { "what allocate made, check finds healthy": /Cannot add property checkedAtMs/ },
  },
];

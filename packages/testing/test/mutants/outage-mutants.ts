import { ProviderError } from "@warmpool/core";
import { cloudProvider } from "../fake-cloud/cloud-provider.js";
import { allocating } from "./allocate-mutants.js";
import { finding } from "./find-mutants.js";
import { listing } from "./list-mutants.js";
import type { Mutant } from "./mutant.js";

/** Providers that take "no answer" for an answer. */
export const outageMutants: readonly Mutant[] = [
  {
    that: "calls an outage permanent",
    provide: (cloud) =>
      allocating(cloud, (allocate) =>
        allocate().catch((cause) => {
          throw new ProviderError("it failed", { kind: "permanent", cause });
        }),
      ),
    caughtBy: { "in an outage allocate rejects, and not for good": /calls an outage permanent/ },
  },
  {
    that: "calls absent what it cannot reach",
    provide: (cloud) => finding(cloud, (find) => find().catch(() => ({ status: "absent" as const }))),
    caughtBy: {
      "in an outage find rejects instead of calling a thing absent": /find says absent of a thing that exists/,
    },
  },
  {
    that: "ends its listing where it fails",
    provide: (cloud) =>
      listing(cloud, async function* (list) {
        try {
          yield* list();
        } catch {}
      }),
    caughtBy: { "in an outage list throws instead of ending early": /list ended without a thing that exists/ },
  },
  {
    that: "takes any failed delete for a success",
    provide(cloud) {
      const provider = cloudProvider(cloud);
      return { ...provider, delete: (ref, context) => provider.delete(ref, context).catch(() => {}) };
    },
    caughtBy: { "in an outage delete rejects, and succeeds after it": /delete claims success in an outage/ },
  },
  {
    that: "takes any failed check for a sick server",
    provide(cloud) {
      const provider = cloudProvider(cloud);
      return {
        ...provider,
        async check(made, context) {
          try {
            return await provider.check?.(made, context);
          } catch {
            return { status: "unhealthy" };
          }
        },
      };
    },
    caughtBy: { "in an outage check does not call a thing unhealthy": /check says unhealthy in an outage/ },
  },
];

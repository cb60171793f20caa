import type { Found } from "@warmpool/core";
import { type CloudServer, cloudProvider } from "../fake-cloud/cloud-provider.js";
import type { FakeCloud } from "../fake-cloud/fake-cloud.js";
import type { CloudProvider, Mutant } from "./mutant.js";

/** Providers whose `find` says what is not so. */
export const findMutants: readonly Mutant[] = [
  {
    that: "calls pending what it does not know",
    provide: (cloud) =>
      finding(cloud, async (find) => {
        const found = await find();
        return found.status === "absent" ? { status: "pending" } : found;
      }),
    caughtBy: { "find of a key never made is absent": /find says pending for a key that was never used/ },
  },
  {
    that: "finds less than it made",
    provide: (cloud) =>
      finding(cloud, async (find) => {
        const found = await find();
        return found.status === "ready" ? { ...found, data: { id: found.data.id, address: undefined } } : found;
      }),
    caughtBy: { "after a lost answer find tells ready with the data": /find's data is not what allocate returned/ },
  },
  {
    that: "remembers what it found",
    provide(cloud) {
      const known = new Map<string, Found<CloudServer>>();
      return finding(cloud, async (find, key) => {
        const found = known.get(key) ?? (await find());
        if (found.status === "ready") known.set(key, found);
        return found;
      });
    },
    caughtBy: { "find after delete is absent": /find says ready, still after/ },
  },
  {
    that: "calls absent what it had no time to find",
    provide: (cloud) => finding(cloud, async (find, _, { aborted }) => (aborted ? { status: "absent" } : find())),
    caughtBy: { "an aborted find does not call a thing absent": /said absent instead of rejecting/ },
  },
];

/** The right provider with another `find`. */
export function finding(
  cloud: FakeCloud,
  find: (find: () => Promise<Found<CloudServer>>, key: string, signal: AbortSignal) => Promise<Found<CloudServer>>,
): CloudProvider {
  const provider = cloudProvider(cloud);
  const right = async (...args: Parameters<NonNullable<CloudProvider["find"]>>) =>
    (await provider.find?.(...args)) ?? { status: "absent" as const };
  return { ...provider, find: (key, context) => find(() => right(key, context), key, context.signal) };
}

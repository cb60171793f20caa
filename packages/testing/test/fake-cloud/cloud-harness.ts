import type { Provider } from "@warmpool/core";
import type { ProviderHarness } from "@warmpool/testing";
import { type CloudParams, type CloudServer, cloudProvider } from "./cloud-provider.js";
import { FakeCloud } from "./fake-cloud.js";

/** A provider over a fresh cloud, with everything that the suite can use. */
export function cloudHarness(
  provide: (cloud: FakeCloud) => Provider<CloudServer, CloudParams> = cloudProvider,
): ProviderHarness<CloudServer, CloudParams> & { readonly cloud: FakeCloud } {
  const cloud = new FakeCloud();
  return {
    cloud,
    provider: provide(cloud),
    params: { image: "debian" },
    count: () => cloud.count,
    break: ({ id }) => cloud.crash(id),
    async outage(during) {
      cloud.down = true;
      try {
        await during();
      } finally {
        cloud.down = false;
      }
    },
    restart: () => provide(cloud),
  };
}

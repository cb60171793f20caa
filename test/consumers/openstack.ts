// What a holder gets of a server is typed; options and params are checked.
import { createPool } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { type OpenStackOptions, type OpenStackServer, openStackProvider } from "@warmpool/provider-openstack";
import { is } from "./equal.js";

export const full: OpenStackOptions = {
  auth: { authUrl: "https://cloud.example:5000", applicationCredentialId: "a", applicationCredentialSecret: "b" },
  region: "RegionOne",
  interface: "internal",
  image: "debian-13",
  flavor: "m1.small",
  network: ["private", "storage"],
  bootVolume: { sizeGiB: 20, type: "ssd" },
  floatingIp: "public",
  readyWhen: ({ address }, { signal }) => address !== null && !signal.aborted,
  reset: false,
  suspend: "stop",
  settlesWithin: "5m",
};

export async function run(): Promise<void> {
  const lease = await createPool({ provider: openStackProvider(full), max: 1, store: sqliteStore("a.db") }).acquire();
  is<OpenStackServer>()(lease.data)(true);
  is<string | null>()(lease.data.address)(true);
  const sized = openStackProvider<{ flavor: string }>({ cloud: "ci" });
  createPool({ provider: sized, max: 1, params: { flavor: "m1.small" } });
  // @ts-expect-error: the flavor is required
  createPool({ provider: sized, max: 1 });
  // @ts-expect-error: there is no such option
  openStackProvider({ flavour: "m1.small" });
  // @ts-expect-error: a duration has a unit
  openStackProvider({ pollInterval: "5" });
}

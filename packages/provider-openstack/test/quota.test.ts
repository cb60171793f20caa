import { createPool, type Lease } from "@warmpool/core";
import { expect, test } from "vitest";
import { type OpenStackServer, openStackProvider } from "../src/index.js";
import { fakeCloud, optionsOf } from "./fake-cloud.js";

test.each(["before", "after"] as const)(
  "a quota that is checked %s the order is no failure of a ticket",
  async (when) => {
    const cloud = await fakeCloud({ quota: { servers: 3, floatingIps: 9 }, quotaIsChecked: when });
    const pool = createPool({
      name: "vm",
      provider: openStackProvider(optionsOf(cloud)),
      max: 6,
      maxAllocating: 6,
      backoff: { first: 10, max: 50 },
      providers: { openstack: { breakAfter: 1_000 } },
    });
    const leases: Lease<OpenStackServer>[] = [];
    const acquired = Array.from({ length: 6 }, async () => void leases.push(await pool.acquire()));
    await expect.poll(() => leases.length, { timeout: 5_000 }).toBe(3);
    // Those who wait come when there is room, one for each.
    await Promise.all(leases.splice(0).map((lease) => lease.release()));
    await Promise.all(acquired);
    expect(leases).toHaveLength(3);
    await pool.close({ timeout: 0, resources: "keep" });
  },
);

import process from "node:process";
import { OpenStack } from "@warmpool/test-openstack";
import { providerSuite } from "@warmpool/testing";
import { test } from "vitest";
import type { OpenStackServer } from "../src/index.js";
import { cloudHarness } from "./cloud-harness.js";
import { realCloud } from "./real-cloud.js";

/** Against a real cloud if the environment names one, else against our own. */
if (process.env["OS_AUTH_URL"] === undefined && process.env["OS_CLOUD"] === undefined) {
  const options = { floatingIp: "public", bootVolume: { sizeGiB: 1 }, settlesWithin: "3s" } as const;
  providerSuite<OpenStackServer>({
    // Each case has a cloud of its own, and some wait for `settlesWithin` again and again.
    test: (name, run) => test.concurrent(name, { timeout: 30_000 }, run),
    timeout: "5s",
    create: async () => cloudHarness(await OpenStack.start(), options),
  });
} else {
  const real = await realCloud();
  providerSuite<OpenStackServer>({
    test: (name, run) => test(name, { timeout: real.testTimeoutMs }, run),
    timeout: real.timeout,
    create: real.create,
    deviations: [{ without: "outage", reason: "a cloud that others use cannot be unplugged" }],
  });
}

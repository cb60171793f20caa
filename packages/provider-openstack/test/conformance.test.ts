import process from "node:process";
import { OpenStack } from "@warmpool/test-openstack";
import { providerSuite } from "@warmpool/testing";
import { test } from "vitest";
import { type OpenStackServer, openStackProvider } from "../src/index.js";
import { optionsOf } from "./fake-cloud.js";
import { realCloud } from "./real-cloud.js";

/** Against a real cloud if one is named, else against our own. */
if (process.env["OS_AUTH_URL"] === undefined && process.env["OS_CLOUD"] === undefined) {
  providerSuite<OpenStackServer>({
    // Each case has a cloud of its own.
    test: test.concurrent,
    timeout: "5s",
    async create() {
      const cloud = await OpenStack.start();
      const options = optionsOf(cloud, { floatingIp: "public", bootVolume: { sizeGiB: 1 } });
      return {
        provider: openStackProvider(options),
        restart: () => openStackProvider(options),
        count: () => cloud.state.standing().length,
        break({ id }) {
          const machine = cloud.state.machines.get(id);
          if (machine !== undefined) machine.status = "ERROR";
        },
        async outage(during) {
          cloud.control.down = true;
          try {
            await during();
          } finally {
            cloud.control.down = false;
          }
        },
        async cleanup() {
          const { ports, floatingIps, volumes } = cloud.state;
          await cloud.stop();
          const left = { ports: ports.size, floatingIps: floatingIps.size, volumes: volumes.size };
          if (Object.values(left).some((count) => count > 0)) throw new Error(`left behind: ${JSON.stringify(left)}`);
        },
      };
    },
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

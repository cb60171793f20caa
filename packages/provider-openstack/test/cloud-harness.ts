import type { OpenStack } from "@warmpool/test-openstack";
import type { ProviderHarness } from "@warmpool/testing";
import { type OpenStackOptions, type OpenStackServer, openStackProvider } from "../src/index.js";
import { optionsOf } from "./fake-cloud.js";

/** A provider over a cloud of its own, with everything that the conformance suite can use. */
export function cloudHarness(cloud: OpenStack, given: OpenStackOptions): ProviderHarness<OpenStackServer> {
  const options = optionsOf(cloud, given);
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
      cloud.state.advance();
      await cloud.stop();
      const left = { ports: ports.size, floatingIps: floatingIps.size, volumes: volumes.size };
      if (Object.values(left).some((count) => count > 0)) throw new Error(`left behind: ${JSON.stringify(left)}`);
    },
  };
}

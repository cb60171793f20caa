import { DockerServer } from "@warmpool/test-docker";
import { type ProviderHarness, providerSuite } from "@warmpool/testing";
import { beforeAll, describe, test } from "vitest";
import { type DockerContainer, dockerProvider } from "../src/index.js";
import { bringImage, realEngine } from "./real-engine.js";
import { wireTo } from "./wire.js";

/** Runs until it is killed, in any image that has a shell. */
const COMMAND = ["sleep", "1000000"];

describe.each([
  ["Docker", { podman: false }],
  ["Podman", { podman: true }],
])("as %s speaks", (_, { podman }) => {
  providerSuite({
    test: test.concurrent,
    timeout: "5s",
    async create(): Promise<ProviderHarness<DockerContainer>> {
      const server = await DockerServer.start({ podman });
      const provider = () =>
        dockerProvider({
          hosts: [{ name: "box", url: server.url }],
          image: "busybox",
          command: COMMAND,
          settlesWithin: "1s",
        });
      return {
        provider: provider(),
        restart: provider,
        count: () => server.engine.containers.length,
        break: ({ id }) => server.engine.container(id).exit(137),
        async outage(during) {
          await server.unplug();
          await during();
          await server.plug();
        },
        cleanup: () => server.stop(),
      };
    },
  });
});

const real = realEngine();

if (real !== undefined) {
  const { plainUrl, image, docker } = real;
  const cannotBeCut = "an engine behind TLS or SSH cannot be cut off from here";
  describe("with a real engine", () => {
    // Half of the short settlesWithin below would not suffice for it.
    beforeAll(() => bringImage(docker, image), 600_000);

    providerSuite({
      test: (name, run) => test(name, { timeout: 600_000 }, run),
      timeout: "60s",
      ...(plainUrl === undefined && { deviations: [{ without: "outage", reason: cannotBeCut }] }),
      async create(): Promise<ProviderHarness<DockerContainer>> {
        const wire = plainUrl === undefined ? undefined : await wireTo(plainUrl);
        const provider = () =>
          dockerProvider({
            ...(wire !== undefined && { hosts: [{ name: "box", url: wire.url }] }),
            image,
            command: COMMAND,
            settlesWithin: "8s",
          });
        const filters = { label: ["warmpool.key"] };
        return {
          provider: provider(),
          restart: provider,
          count: async () => (await docker.listContainers({ all: true, filters })).length,
          break: async ({ id }) => void (await docker.getContainer(id).kill()),
          ...(wire !== undefined && { outage: wire.cut, cleanup: wire.close }),
        };
      },
    });
  });
}

import process from "node:process";
import { EC2Client } from "@aws-sdk/client-ec2";
import { startEc2Server } from "@warmpool/test-ec2";
import { type ProviderDeviation, type ProviderHarness, providerSuite, type RegisterTest } from "@warmpool/testing";
import { afterAll, describe, test } from "vitest";
import { type Ec2Instance, ec2Provider } from "../src/index.js";
import { access, IMAGE } from "./account.js";
import { countOf, type Outside, outsideOf, switchOff } from "./outside.js";
import { type Relay, relayTo } from "./relay.js";

const outside = outsideOf(process.env);

if (outside === undefined) {
  // Each case has a server of its own.
  describe.concurrent("EC2, as our own server plays it", () => {
    providerSuite<Ec2Instance>({ test: patiently(30_000), timeout: "3s", create: ownWorld });
  });
} else {
  describe(`EC2 at ${outside.endpoint}`, () => {
    providerSuite<Ec2Instance>({
      test: patiently(3_600_000),
      timeout: outside.timeout,
      create: () => outsideWorld(outside),
      deviations: deviationsOf(outside),
    });
    afterAll(() => outside.tidy());
  });
}

/** Vitest's `test`, with a limit of its own in milliseconds: some cases wait for the suite's timeout again and again. */
function patiently(limitMs: number): RegisterTest {
  return Object.assign((name: string, run: () => Promise<void>) => test(name, run, limitMs), { skip: test.skip });
}

/** Instances take a while to run, to pass their checks and to end; each can be seen only some time after it was made. */
async function ownWorld(): Promise<ProviderHarness<Ec2Instance>> {
  const server = await startEc2Server();
  Object.assign(server.cloud.weather, {
    pendingMs: 15,
    statusMs: 15,
    shuttingDownMs: 15,
    visibleAfterMs: 5,
    rootVolumeMs: 15,
  });
  const { region, endpoint, credentials } = access(server);
  const client = new EC2Client({ region, endpoint, credentials });
  const relay = await relayTo(endpoint);
  const provider = () =>
    ec2Provider({
      launch: { ImageId: IMAGE },
      instanceTypes: ["t3.micro", "t3.small"],
      reset: "replace-root-volume",
      pollEvery: 10,
      settlesWithin: 300,
      region,
      credentials,
      endpoint: relay.url,
    });
  return {
    provider: provider(),
    restart: provider,
    count: () => server.cloud.alive().length,
    break: ({ id }) => server.cloud.impair(id),
    outage: relay.cutWhile,
    async cleanup() {
      client.destroy();
      await relay.close();
      await server.close();
    },
  };
}

async function outsideWorld({
  endpoint,
  nearby,
  client,
  config,
  settlesWithin,
  launch: discover,
}: Outside): Promise<ProviderHarness<Ec2Instance>> {
  const launch = await discover();
  const relay: Relay | undefined = nearby ? await relayTo(endpoint) : undefined;
  const provider = () =>
    ec2Provider({
      ...(config as object),
      launch,
      reset: "reboot",
      rebootWithin: nearby ? 0 : "60s",
      pollEvery: nearby ? 50 : "5s",
      endpoint: relay?.url ?? endpoint,
      ...(settlesWithin !== undefined && { settlesWithin }),
    });
  return {
    provider: provider(),
    restart: provider,
    count: () => countOf(client),
    break: ({ id }) => switchOff(client, id),
    ...(relay !== undefined && { outage: relay.cutWhile }),
    cleanup: () => relay?.close(),
  };
}

function deviationsOf({ nearby, settlesWithin }: Outside): ProviderDeviation[] {
  const deviations: ProviderDeviation[] = [];
  if (!nearby) deviations.push({ without: "outage", reason: "the way to AWS cannot be cut from here" });
  if (settlesWithin === undefined)
    deviations.push({ without: "settlesWithin", reason: "five minutes are too long to wait for" });
  return deviations;
}

import { homedir } from "node:os";
import process from "node:process";
import type { ProviderHarness } from "@warmpool/testing";
import { type Client, openClient } from "../src/client/client.js";
import { loadCloud } from "../src/client/load-cloud.js";
import { type OpenStackOptions, type OpenStackServer, openStackProvider } from "../src/index.js";

/**
 * The cloud that the variables `OS_…` (or `OS_CLOUD`) name, for the conformance suite. What servers are made from can be
 * said; otherwise it is the first that the cloud lists:
 *
 * - `WARMPOOL_TEST_OPENSTACK_IMAGE`: name or id of an image. Default: the first active one.
 * - `WARMPOOL_TEST_OPENSTACK_FLAVOR`: name or id of a flavor. Default: the first.
 * - `WARMPOOL_TEST_OPENSTACK_NETWORK`: name or id of a network, `auto` or `none`. Default: the first that is not external,
 *   `none` if there is none.
 * - `WARMPOOL_TEST_OPENSTACK_FLOATING_NETWORK`: name or id of an external network. Default: no floating IPs.
 * - `WARMPOOL_TEST_OPENSTACK_BOOT_VOLUME_GIB`: boots from volumes of this size. Default: not from volumes.
 * - `WARMPOOL_TEST_OPENSTACK_TIMEOUT`: longest that one call may take. Default: `5m`.
 * - `WARMPOOL_TEST_OPENSTACK_SETTLES_WITHIN`: how long an order whose answer is lost may still act. Default: `20s`.
 */
export async function realCloud() {
  const env = (name: string) => process.env[`WARMPOOL_TEST_OPENSTACK_${name}`] || undefined;
  const cloud = await loadCloud({}, { env: process.env, cwd: process.cwd(), home: homedir() });
  const client = openClient(cloud, 60_000);
  const signal = AbortSignal.timeout(60_000);
  const timeout = (env("TIMEOUT") ?? "5m") as "5m";
  const floatingIp = env("FLOATING_NETWORK");
  const sizeGiB = Number(env("BOOT_VOLUME_GIB"));
  const options: OpenStackOptions = {
    image: env("IMAGE") ?? (await firstImage(client, signal)),
    flavor: env("FLAVOR") ?? (await firstFlavor(client, signal)),
    network: env("NETWORK") ?? (await firstNetwork(client, signal)),
    ...(floatingIp !== undefined && { floatingIp }),
    ...(sizeGiB > 0 && { bootVolume: { sizeGiB } }),
    pollInterval: 500,
    settlesWithin: (env("SETTLES_WITHIN") ?? "20s") as "20s",
  };
  const create = (): ProviderHarness<OpenStackServer> => ({
    provider: openStackProvider(options),
    restart: () => openStackProvider(options),
    count: () => countServers(client),
    // A server that somebody stopped works no more.
    break: ({ id }) => client.compute.act(id, { "os-stop": null }, AbortSignal.timeout(60_000)),
  });
  return { create, timeout, testTimeoutMs: 3_600_000 };
}

async function countServers({ compute }: Client): Promise<number> {
  let count = 0;
  for await (const page of compute.servers({}, AbortSignal.timeout(60_000))) count += page.length;
  return count;
}

async function firstImage({ images }: Client, signal: AbortSignal): Promise<string> {
  const [image] = await images.named(undefined, signal);
  return image?.id ?? none("image");
}

async function firstFlavor({ compute }: Client, signal: AbortSignal): Promise<string> {
  for await (const [flavor] of compute.flavors(signal)) if (flavor !== undefined) return flavor.id;
  return none("flavor");
}

async function firstNetwork({ network }: Client, signal: AbortSignal): Promise<string> {
  if (!(await network.isThere(signal))) return "none";
  const all = await network.networks(undefined, signal);
  return all.find(({ isExternal }) => !isExternal)?.id ?? "none";
}

function none(kind: string): never {
  throw new Error(`The cloud lists no ${kind}. Name one by WARMPOOL_TEST_OPENSTACK_${kind.toUpperCase()}.`);
}

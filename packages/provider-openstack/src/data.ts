import type { FloatingIp } from "./client/network.js";
import type { NovaServer } from "./client/nova-server.js";

/** An address under which a server can be reached. */
export type ServerAddress = {
  /** The name of its network. */
  network: string;
  /** `"10.0.0.7"`, or `"fd00::7"`. */
  address: string;
  /** Of IP. */
  version: 4 | 6;
  /** `floating`: translated by Neutron. */
  kind: "fixed" | "floating";
};

/** What holders of a server get. */
export type OpenStackServer = {
  /** Nova's. */
  id: string;
  /** The key under which it was made. */
  name: string;
  /** Its floating IP, if it has one, else its first IPv4 address, else its first. `null`: it has no network. */
  address: string | null;
  /** All of them. */
  addresses: ServerAddress[];
  /** The availability zone that it was placed in. */
  zone: string | null;
  /** When it was ordered, as Nova tells it: `2030-01-02T03:04:05.000Z`. */
  createdAt: string | null;
  /** Ids of the volumes that end with it: the one it boots from. */
  volumes: string[];
};

/** What a floating IP is known by. */
export type KnownFloatingIp = Pick<FloatingIp, "address">;

/**
 * @param floatingIp As Neutron tells it; `undefined`: there is none of ours. Nova hears of it later, so that what it
 *   says of floating IPs counts only where we made none.
 */
export function dataOf(server: NovaServer, floatingIp: KnownFloatingIp | undefined): OpenStackServer {
  const { id, name, zone, createdAtMs, volumeIds } = server;
  const told = server.addresses.filter(({ kind }) => floatingIp === undefined || kind === "fixed");
  const ours = floatingIp && {
    network: told[0]?.network ?? "",
    address: floatingIp.address,
    version: 4 as const,
    kind: "floating" as const,
  };
  const addresses = ours === undefined ? [...told] : [...told, ours];
  return {
    id,
    name,
    address: addressOf(addresses),
    addresses: addresses.map((address) => ({ ...address })),
    zone: zone ?? null,
    createdAt: createdAtMs === undefined ? null : new Date(createdAtMs).toISOString(),
    volumes: [...volumeIds],
  };
}

/** The floating IP that was in a server's data. */
export function floatingOf({ addresses }: OpenStackServer): KnownFloatingIp | undefined {
  return addresses.find(({ kind }) => kind === "floating");
}

function addressOf(addresses: readonly ServerAddress[]): string | null {
  const first =
    addresses.find(({ kind }) => kind === "floating") ?? addresses.find(({ version }) => version === 4) ?? addresses[0];
  return first?.address ?? null;
}

import type { Sighting } from "./sighting.js";

/** A container, as its holder gets it. */
export interface DockerContainer {
  /** Name of the host that it runs on. */
  readonly host: string;
  /** Its id. Empty in what is written down before the engine has answered. */
  readonly id: string;
  /** Its name, which is its key. */
  readonly name: string;
  /** The image that it was made from. */
  readonly image: string;
  /** Where its published ports are reached: a name or an address. */
  readonly address: string;
  /** Published ports: `{ "80/tcp": 49153 }`. */
  readonly ports: Readonly<Record<string, number>>;
  /** Its addresses, by network, as the host has them. */
  readonly networks: Readonly<Record<string, string>>;
}

/** What is known of a container before it is made. */
export function unmade(host: { name: string; address: string }, key: string, image: string): DockerContainer {
  return { host: host.name, id: "", name: key, image, address: host.address, ports: {}, networks: {} };
}

/** A container that was seen. */
export function containerOf(host: { name: string; address: string }, seen: Sighting): DockerContainer {
  const { id, key: name, image, ports, networks } = seen;
  return { host: host.name, id, name, image, address: host.address, ports, networks };
}

export function sameContainer(a: DockerContainer, b: DockerContainer): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted({ ports, networks, ...rest }: DockerContainer): unknown {
  const entries = (record: Readonly<Record<string, unknown>>) => Object.entries(record).sort();
  return [entries(rest), entries(ports), entries(networks)];
}

import { parseKey } from "@warmpool/core";
import { OpenStackError } from "./client/error.js";
import type { FloatingIp, Network } from "./client/network.js";
import type { Directory } from "./directory.js";
import { kindOf } from "./failure.js";
import { type Polling, poll } from "./poll.js";

/** Floating IPs of ours: their description is the key of their server, given with the order for them. */
export class FloatingIps {
  readonly #network: Network;
  readonly #directory: Directory;
  readonly #external: string | undefined;

  /** @param external Name or id of the network that they are of; `undefined`: servers get none. */
  constructor(network: Network, directory: Directory, external: string | undefined) {
    this.#network = network;
    this.#directory = directory;
    this.#external = external;
  }

  get areWanted(): boolean {
    return this.#external !== undefined;
  }

  /** The one of a key. */
  async of(key: string, signal: AbortSignal): Promise<FloatingIp | undefined> {
    if (!this.areWanted) return undefined;
    const [first] = await this.#network.floatingIps(key, signal);
    return first;
  }

  /** All of ours by key. */
  async all(signal: AbortSignal): Promise<ReadonlyMap<string, FloatingIp>> {
    if (!this.areWanted) return new Map();
    const all = await this.#network.floatingIps(undefined, signal);
    return new Map(all.filter((ip) => parseKey(ip.description) !== undefined).map((ip) => [ip.description, ip]));
  }

  /**
   * Gives a server one, if it is to have one. Asked for again after a lost answer, Neutron makes no second for the same
   * port; for a port that is gone it makes none at all, so that nothing outlives its server.
   */
  async give(key: string, serverId: string, polling: Polling): Promise<FloatingIp | undefined> {
    const external = this.#external;
    if (external === undefined) return undefined;
    const { signal } = polling;
    const networkId = await poll(() => this.#directory.id("network", external, signal), polling);
    const port = await poll(
      async () => (await this.#network.ports(serverId, signal)).find((it) => it.hasIpv4),
      polling,
    );
    return await poll(async () => {
      const made = await this.of(key, signal);
      if (made !== undefined) return made;
      try {
        return await this.#network.createFloatingIp({ networkId, portId: port.id, description: key }, signal);
      } catch (error) {
        // No answer: perhaps it was made. It is looked for before it is asked for again.
        if (error instanceof OpenStackError && kindOf(error) === "transient" && error.status !== 409) return undefined;
        throw error;
      }
    }, polling);
  }

  /** Deletes those of a key, whether new servers get any or not. */
  async release(key: string, signal: AbortSignal): Promise<void> {
    if (!(await this.#network.isThere(signal))) return;
    for (const { id } of await this.#network.floatingIps(key, signal)) {
      await this.#network.deleteFloatingIp(id, signal);
    }
  }
}

import { isObject } from "./complaint.js";
import { OpenStackError, unlessNotFound } from "./error.js";
import { pages, parsePage } from "./paging.js";
import type { Session } from "./session.js";

/** A floating IP of Neutron. */
export interface FloatingIp {
  readonly id: string;
  readonly address: string;
  /** What it was made with. */
  readonly description: string;
  readonly portId: string | undefined;
}

/** A port of Neutron. */
export interface Port {
  readonly id: string;
  /** Whether it has an IPv4 address: only such a one can have a floating IP. */
  readonly hasIpv4: boolean;
}

/** Neutron. */
export class Network {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether the cloud has a Neutron. */
  isThere(signal: AbortSignal): Promise<boolean> {
    return this.#session.has("network", signal);
  }

  /** @param name That they have; `undefined`: any. */
  async networks(name: string | undefined, signal: AbortSignal): Promise<{ id: string; isExternal: boolean }[]> {
    const all = await this.#all("networks", name === undefined ? {} : { name }, signal);
    return all.map((network) => ({ id: String(network["id"]), isExternal: network["router:external"] === true }));
  }

  /** The ports of a server. */
  async ports(serverId: string, signal: AbortSignal): Promise<Port[]> {
    const all = await this.#all("ports", { device_id: serverId }, signal);
    return all
      .filter((port) => port["device_id"] === serverId)
      .map(({ id, fixed_ips: fixedIps }) => ({
        id: String(id),
        hasIpv4: (Array.isArray(fixedIps) ? fixedIps : []).some(
          (fixed) => isObject(fixed) && /^\d+\.\d+\.\d+\.\d+$/.test(String(fixed["ip_address"])),
        ),
      }));
  }

  deletePort(id: string, signal: AbortSignal): Promise<void> {
    return this.#delete(`/ports/${id}`, signal);
  }

  /**
   * A Neutron without routers has none.
   *
   * @param description Which ones; `undefined`: all of the project.
   */
  async floatingIps(description: string | undefined, signal: AbortSignal): Promise<FloatingIp[]> {
    const filter = description === undefined ? {} : { description };
    const all = (await this.#all("floatingips", filter, signal).catch(unlessNotFound)) ?? [];
    // Neutron passes over a filter that it doesn't know.
    return all.map(parseFloatingIp).filter((ip) => description === undefined || ip.description === description);
  }

  /** Makes a floating IP for a port. The port must exist: for one that is gone it is refused. */
  async createFloatingIp(
    given: { readonly networkId: string; readonly portId: string; readonly description: string },
    signal: AbortSignal,
  ): Promise<FloatingIp> {
    const { networkId, portId, description } = given;
    const floatingip = { floating_network_id: networkId, port_id: portId, description };
    const { body } = await this.#request("POST", "/floatingips", signal, { floatingip });
    if (!isObject(body["floatingip"])) throw new OpenStackError("Neutron made a floating IP without telling which.");
    return parseFloatingIp(body["floatingip"]);
  }

  deleteFloatingIp(id: string, signal: AbortSignal): Promise<void> {
    return this.#delete(`/floatingips/${id}`, signal);
  }

  async #delete(path: string, signal: AbortSignal): Promise<void> {
    await this.#request("DELETE", path, signal).catch(unlessNotFound);
  }

  async #all(
    name: "networks" | "ports" | "floatingips",
    filter: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>[]> {
    const all: Record<string, unknown>[] = [];
    const read = async (marker: string | undefined) => {
      const query = new URLSearchParams({ ...filter, limit: "1000", ...(marker !== undefined && { marker }) });
      return parsePage((await this.#request("GET", `/${name}?${query}`, signal)).body, name);
    };
    for await (const page of pages(read)) all.push(...page);
    return all;
  }

  #request(method: "GET" | "POST" | "DELETE", path: string, signal: AbortSignal, body?: object) {
    return this.#session.request({ service: "network", method, path, body, signal });
  }
}

function parseFloatingIp(ip: Readonly<Record<string, unknown>>): FloatingIp {
  const { id, floating_ip_address: address, description, port_id: portId } = ip;
  return {
    id: String(id),
    address: String(address),
    description: typeof description === "string" ? description : "",
    portId: typeof portId === "string" ? portId : undefined,
  };
}

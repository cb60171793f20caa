import { randomUUID } from "node:crypto";
import { type Answer, neutronRefusal } from "./answer.js";
import { type Call, isObject } from "./call.js";
import { type CloudState, NETWORKS, PUBLIC_NETWORK } from "./cloud-state.js";

/** Networks, ports and floating IPs. */
export class Neutron {
  readonly #state: CloudState;

  constructor(state: CloudState) {
    this.#state = state;
  }

  handle(call: Call): Answer {
    this.#state.advance();
    const { method, path, query, body } = call;
    const [, version, collection, id] = path.split("/");
    if (version !== "v2.0") throw neutronRefusal(404, "HTTPNotFound", "The resource could not be found.");
    switch (collection) {
      case "networks":
        return this.#page(call, collection, NETWORKS.filter(this.#matches(query, { name: ({ name }) => name })));
      case "ports":
        if (method === "DELETE") return this.#deletePort(id ?? "");
        return this.#page(
          call,
          collection,
          [...this.#state.ports.values()]
            .filter(this.#matches(query, { device_id: ({ deviceId }) => deviceId }))
            .map((port) => ({
              id: port.id,
              device_id: port.deviceId,
              network_id: port.networkId,
              fixed_ips: [{ ip_address: port.address, subnet_id: "s" }],
            })),
        );
      case "floatingips":
        if (method === "POST") return this.#makeFloatingIp(body["floatingip"]);
        if (method === "DELETE") return this.#deleteFloatingIp(id ?? "");
        return this.#page(
          call,
          collection,
          [...this.#state.floatingIps.values()]
            .filter(this.#matches(query, { description: ({ description }) => description }))
            .map(viewOf),
        );
      default:
        throw neutronRefusal(404, "HTTPNotFound", "The resource could not be found.");
    }
  }

  #makeFloatingIp(given: unknown): Answer {
    if (!isObject(given)) throw neutronRefusal(400, "HTTPBadRequest", "Unable to find 'floatingip' in request body");
    const { floating_network_id: networkId, port_id: portId, description } = given;
    const { floatingIps, ports, control } = this.#state;
    if (networkId !== PUBLIC_NETWORK.id) {
      throw neutronRefusal(400, "BadRequest", `Network ${String(networkId)} is not a valid external network`);
    }
    if (typeof portId !== "string" || !ports.has(portId)) {
      throw neutronRefusal(404, "PortNotFound", `Port ${String(portId)} could not be found.`);
    }
    if (floatingIps.size >= control.quota.floatingIps) {
      throw neutronRefusal(409, "OverQuota", "Quota exceeded for resources: ['floatingip'].");
    }
    if ([...floatingIps.values()].some((ip) => ip.portId === portId)) {
      throw neutronRefusal(409, "FloatingIPPortAlreadyAssociated", "The fixed IP already has a floating IP.");
    }
    const ip = {
      id: randomUUID(),
      address: this.#state.nextAddress(PUBLIC_NETWORK.id),
      networkId,
      description: String(description ?? ""),
      portId,
    };
    floatingIps.set(ip.id, ip);
    return { status: 201, body: { floatingip: viewOf(ip) } };
  }

  #deleteFloatingIp(id: string): Answer {
    if (this.#state.floatingIps.delete(id)) return { status: 204 };
    throw neutronRefusal(404, "FloatingIPNotFound", `Floating IP ${id} could not be found`);
  }

  #deletePort(id: string): Answer {
    if (!this.#state.ports.has(id)) throw neutronRefusal(404, "PortNotFound", `Port ${id} could not be found.`);
    this.#state.removePort(id);
    return { status: 204 };
  }

  /** Neutron filters by any attribute that stands in the query. */
  #matches<Item>(query: URLSearchParams, attributes: Readonly<Record<string, (item: Item) => string>>) {
    const asked = Object.entries(attributes).filter(([name]) => this.#state.control.neutronFilters && query.has(name));
    return (item: Item) => asked.every(([name, read]) => query.get(name) === read(item));
  }

  #page({ query, origin }: Call, name: string, all: readonly { readonly id: string }[]): Answer {
    const limit = Math.min(Number(query.get("limit") ?? all.length), this.#state.control.maxPage);
    const marker = query.get("marker");
    const at = marker === null ? -1 : all.findIndex(({ id }) => id === marker);
    if (marker !== null && at === -1) throw neutronRefusal(400, "BadRequest", `Invalid input: marker ${marker}`);
    const page = all.slice(at + 1, at + 1 + limit);
    const next = new URLSearchParams(query);
    next.set("marker", page.at(-1)?.id ?? "");
    const more = at + 1 + limit < all.length;
    const links = [{ rel: "next", href: `${origin}/networking/v2.0/${name}?${next}` }];
    return { status: 200, body: { [name]: page, ...(more && { [`${name}_links`]: links }) } };
  }
}

function viewOf(ip: { id: string; address: string; networkId: string; description: string; portId: string | null }) {
  return {
    id: ip.id,
    floating_ip_address: ip.address,
    floating_network_id: ip.networkId,
    description: ip.description,
    port_id: ip.portId,
    status: ip.portId === null ? "DOWN" : "ACTIVE",
  };
}

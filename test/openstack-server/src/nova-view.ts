import type { CloudState } from "./cloud-state.js";
import { FLAVORS, NETWORKS, PROJECT } from "./cloud-state.js";
import type { Machine } from "./machine.js";
import type { Version } from "./nova-version.js";

/** A server as Nova shows it to its owner. */
export function viewOf(machine: Machine, state: CloudState, version: Version): object {
  const { id, order, status, task, fault, createdAt } = machine;
  // Of a part of the cloud that is down, only this is known.
  if (state.control.downCell.has(id) && version.isAtLeast(2, 69)) {
    return { id, status: "UNKNOWN", tenant_id: PROJECT.id, created: createdAt, links: [] };
  }
  const flavor = FLAVORS.find((known) => known.id === order.flavorId);
  const placed = status !== "BUILD" && status !== "ERROR";
  return {
    id,
    name: order.name,
    status,
    tenant_id: PROJECT.id,
    created: createdAt,
    updated: createdAt,
    metadata: order.metadata,
    flavor: version.isAtLeast(2, 47) ? { original_name: flavor?.name, vcpus: 1, ram: 512 } : { id: flavor?.id },
    image: machine.imageId === undefined ? "" : { id: machine.imageId, links: [] },
    key_name: order.keyName ?? null,
    addresses: addressesOf(machine, state),
    links: [],
    "OS-EXT-STS:task_state": task?.name ?? null,
    "OS-EXT-STS:vm_state": status.toLowerCase(),
    "OS-EXT-AZ:availability_zone": placed ? "nova" : "",
    "os-extended-volumes:volumes_attached": machine.volumeIds.map((volume) => ({
      id: volume,
      ...(version.isAtLeast(2, 3) && { delete_on_termination: order.bootVolume?.deleteOnTermination ?? false }),
    })),
    ...(version.isAtLeast(2, 26) && { tags: order.tags }),
    ...(fault !== undefined && { fault: { ...fault, created: createdAt } }),
  };
}

function addressesOf({ id }: Machine, { ports, floatingIps }: CloudState): Record<string, object[]> {
  const addresses: Record<string, object[]> = {};
  for (const port of [...ports.values()].filter(({ deviceId }) => deviceId === id)) {
    const network = NETWORKS.find((known) => known.id === port.networkId)?.name ?? port.networkId;
    addresses[network] ??= [];
    addresses[network].push({ addr: port.address, version: 4, "OS-EXT-IPS:type": "fixed" });
    for (const ip of floatingIps.values()) {
      if (ip.portId === port.id)
        addresses[network].push({ addr: ip.address, version: 4, "OS-EXT-IPS:type": "floating" });
    }
  }
  return addresses;
}

import { novaRefusal } from "./answer.js";
import { isObject } from "./call.js";
import { FLAVORS, IMAGES, NETWORKS, PRIVATE_NETWORK } from "./cloud-state.js";
import type { Order } from "./machine.js";
import type { Version } from "./nova-version.js";

/** Reads an order for a server as Nova does: what is wrong with it is refused. */
export function parseOrder(server: unknown, version: Version): Order {
  if (!isObject(server)) throw novaRefusal(400, "Invalid input for field/attribute server.");
  const { name, flavorRef, imageRef, metadata = {}, tags = [], networks } = server;
  if (typeof name !== "string" || name === "" || name.length > 255) {
    throw novaRefusal(400, "Invalid input for field/attribute name.");
  }
  const flavor = FLAVORS.find(({ id }) => id === flavorRef);
  if (flavor === undefined) throw novaRefusal(400, "Invalid flavorRef provided.");
  if (server["tags"] !== undefined && !version.isAtLeast(2, 52)) {
    throw novaRefusal(400, "Additional properties are not allowed ('tags' was unexpected)");
  }
  const bootVolume = parseBootVolume(server["block_device_mapping_v2"], version);
  const image = IMAGES.find(({ id }) => id === imageRef);
  if (bootVolume === undefined && image === undefined) throw novaRefusal(400, "Can not find requested image");
  return {
    name,
    metadata: parseMetadata(metadata),
    tags: parseTags(tags),
    flavorId: flavor.id,
    imageId: bootVolume === undefined ? image?.id : undefined,
    networkIds: parseNetworks(networks, version),
    bootVolume,
    userData: typeof server["user_data"] === "string" ? server["user_data"] : undefined,
    keyName: typeof server["key_name"] === "string" ? server["key_name"] : undefined,
  };
}

function parseMetadata(metadata: unknown): Record<string, string> {
  if (!isObject(metadata)) throw novaRefusal(400, "Invalid input for field/attribute metadata.");
  for (const [key, value] of Object.entries(metadata)) {
    const valid = /^[a-zA-Z0-9\-_:. ]{1,255}$/.test(key) && typeof value === "string" && value.length <= 255;
    if (!valid) throw novaRefusal(400, `Invalid input for field/attribute ${key}.`);
  }
  if (Object.keys(metadata).length > 128) throw novaRefusal(403, "Quota exceeded, too many metadata items in request.");
  return metadata as Record<string, string>;
}

function parseTags(tags: unknown): string[] {
  const valid = Array.isArray(tags) && tags.length <= 50 && tags.every((tag) => /^[^,/]{1,60}$/.test(String(tag)));
  if (!valid) throw novaRefusal(400, "Invalid input for field/attribute tags.");
  return tags as string[];
}

function parseNetworks(networks: unknown, version: Version): string[] {
  if (networks === undefined) {
    if (version.isAtLeast(2, 37)) throw novaRefusal(400, "Invalid input: 'networks' is a required property");
    return [PRIVATE_NETWORK.id];
  }
  if (networks === "none" || networks === "auto") {
    if (!version.isAtLeast(2, 37)) throw novaRefusal(400, "Invalid input for field/attribute networks.");
    return networks === "auto" ? [PRIVATE_NETWORK.id] : [];
  }
  if (!Array.isArray(networks)) throw novaRefusal(400, "Invalid input for field/attribute networks.");
  return networks.map((network) => {
    const id = isObject(network) ? network["uuid"] : undefined;
    if (!NETWORKS.some((known) => known.id === id)) throw novaRefusal(400, `Network ${String(id)} could not be found.`);
    return String(id);
  });
}

function parseBootVolume(mapping: unknown, version: Version): { deleteOnTermination: boolean } | undefined {
  if (mapping === undefined) return undefined;
  const [first] = Array.isArray(mapping) ? mapping : [];
  if (!isObject(first)) throw novaRefusal(400, "Block Device Mapping is Invalid.");
  const { boot_index: index, uuid, source_type: source, destination_type: destination, volume_size: size } = first;
  const known = IMAGES.some(({ id }) => id === uuid);
  if (index !== 0 || source !== "image" || destination !== "volume" || !known || !Number.isInteger(size)) {
    throw novaRefusal(400, "Block Device Mapping is Invalid.");
  }
  if (first["volume_type"] !== undefined && !version.isAtLeast(2, 67)) {
    throw novaRefusal(400, "Additional properties are not allowed ('volume_type' was unexpected)");
  }
  return { deleteOnTermination: first["delete_on_termination"] === true };
}

import { isObject } from "./complaint.js";
import { OpenStackError } from "./error.js";

/** What Nova says of a server, as far as it is used. */
export interface NovaServer {
  readonly id: string;
  readonly name: string;
  /** `ACTIVE`, `BUILD`, `ERROR`, … */
  readonly status: string;
  /** What is being done with it, if anything. */
  readonly taskState: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly addresses: readonly NovaAddress[];
  /** `undefined`: not placed yet. */
  readonly zone: string | undefined;
  /** UTC milliseconds. */
  readonly createdAtMs: number | undefined;
  /** Why it is in `ERROR`. */
  readonly fault: { readonly code: number; readonly message: string } | undefined;
  /** The id of the image that it boots from; `undefined`: it boots from a volume. */
  readonly imageId: string | undefined;
  /** Ids of the volumes that end with it. */
  readonly volumeIds: readonly string[];
}

/** An address of a server. */
export interface NovaAddress {
  readonly network: string;
  readonly address: string;
  readonly version: 4 | 6;
  readonly kind: "fixed" | "floating";
}

/** @throws {OpenStackError} It is no server. */
export function parseServer(server: unknown): NovaServer {
  if (!isObject(server) || typeof server["id"] !== "string" || typeof server["status"] !== "string") {
    throw new OpenStackError("The answer has no server. Is this address Nova's?");
  }
  const { id, name, status, metadata, fault, image, created } = server;
  const zone = server["OS-EXT-AZ:availability_zone"];
  const taskState = server["OS-EXT-STS:task_state"];
  const createdAtMs = Date.parse(String(created));
  return {
    id,
    // A server of a part of the cloud that is down has none.
    name: typeof name === "string" ? name : "",
    status,
    taskState: typeof taskState === "string" ? taskState : undefined,
    metadata: isObject(metadata) ? (metadata as Record<string, string>) : {},
    addresses: parseAddresses(server["addresses"]),
    zone: typeof zone === "string" && zone !== "" ? zone : undefined,
    createdAtMs: Number.isNaN(createdAtMs) ? undefined : createdAtMs,
    fault: isObject(fault) ? { code: Number(fault["code"]), message: String(fault["message"]) } : undefined,
    imageId: isObject(image) && typeof image["id"] === "string" ? image["id"] : undefined,
    volumeIds: parseVolumes(server["os-extended-volumes:volumes_attached"]),
  };
}

/** In an order of their own: Nova's may change. */
function parseAddresses(addresses: unknown): NovaAddress[] {
  if (!isObject(addresses)) return [];
  const all = Object.entries(addresses).flatMap(([network, entries]) =>
    (Array.isArray(entries) ? entries : []).filter(isObject).map(
      (entry): NovaAddress => ({
        network,
        address: String(entry["addr"]),
        version: entry["version"] === 6 ? 6 : 4,
        kind: entry["OS-EXT-IPS:type"] === "floating" ? "floating" : "fixed",
      }),
    ),
  );
  const order = ({ network, version, address }: NovaAddress) => `${network} ${version} ${address}`;
  return all.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** Volumes that somebody attached and that outlive the server don't count. Before 2.3 nothing tells them apart. */
function parseVolumes(volumes: unknown): string[] {
  const attached = (Array.isArray(volumes) ? volumes : []).filter(isObject);
  return attached
    .filter((volume) => volume["delete_on_termination"] === true)
    .map(({ id }) => String(id))
    .sort();
}

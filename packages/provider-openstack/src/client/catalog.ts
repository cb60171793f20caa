import type { Cloud, ServiceName } from "./cloud.js";
import { isObject } from "./complaint.js";
import { CloudConfigError, OpenStackError } from "./error.js";

/** What the catalog may call a service; the first that is there counts. */
const TYPES: Readonly<Record<ServiceName, readonly string[]>> = {
  compute: ["compute"],
  network: ["network"],
  image: ["image"],
  volume: ["block-storage", "volumev3", "block-store"],
};

interface Endpoint {
  readonly interface: string;
  readonly region: string | undefined;
  readonly url: string;
}

/** The addresses of the services, as Keystone tells them with a token. */
export class Catalog {
  readonly #services: ReadonlyMap<string, readonly Endpoint[]>;

  private constructor(services: ReadonlyMap<string, readonly Endpoint[]>) {
    this.#services = services;
  }

  static parse(catalog: unknown): Catalog {
    const services = new Map<string, Endpoint[]>();
    for (const service of Array.isArray(catalog) ? catalog : []) {
      if (!isObject(service) || typeof service["type"] !== "string" || !Array.isArray(service["endpoints"])) continue;
      const known = services.get(service["type"]) ?? [];
      services.set(service["type"], [...known, ...service["endpoints"].flatMap(parseEndpoint)]);
    }
    return new Catalog(services);
  }

  /**
   * The address of a service, without a slash at its end.
   *
   * @returns `undefined`: the cloud has no such service.
   * @throws {CloudConfigError} The service has no endpoint of the region and interface.
   */
  find(service: ServiceName, cloud: Pick<Cloud, "region" | "interface" | "endpoints">): string | undefined {
    const override = cloud.endpoints[service];
    if (override !== undefined) return withoutSlash(override);
    const endpoints = TYPES[service].map((type) => this.#services.get(type)).find((found) => found !== undefined);
    if (endpoints === undefined) return undefined;
    const found = endpoints.find(
      (endpoint) =>
        endpoint.interface === cloud.interface && (cloud.region === undefined || endpoint.region === cloud.region),
    );
    if (found !== undefined) return withoutSlash(found.url);
    const there = [
      ...new Set(endpoints.map((endpoint) => `${endpoint.interface} in ${endpoint.region ?? "no region"}`)),
    ];
    const wanted = `${cloud.interface} in ${cloud.region ?? "any region"}`;
    throw new CloudConfigError(
      `The catalog has no endpoint of the service ${service} that is ${wanted}. It has ${there.join(", ") || "none"}: set region or interface.`,
    );
  }

  /** @throws {OpenStackError} As `find`, and if the cloud has no such service. */
  need(service: ServiceName, cloud: Pick<Cloud, "region" | "interface" | "endpoints">): string {
    const url = this.find(service, cloud);
    if (url !== undefined) return url;
    const there = [...this.#services.keys()].join(", ");
    throw new OpenStackError(
      `The catalog has no service of type ${TYPES[service][0]}. It has ${there || "none: is the token for a project?"}`,
      { status: 404, type: "noSuchService" },
    );
  }
}

function parseEndpoint(endpoint: unknown): Endpoint[] {
  if (!isObject(endpoint)) return [];
  const { url, interface: kind, region_id: regionId, region } = endpoint;
  if (typeof url !== "string" || typeof kind !== "string") return [];
  const where = regionId ?? region;
  // Old catalogs say publicURL.
  return [{ url, interface: kind.replace(/URL$/, ""), region: typeof where === "string" ? where : undefined }];
}

export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

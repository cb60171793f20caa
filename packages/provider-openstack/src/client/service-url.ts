import type { ServiceName } from "./cloud.js";

/** How each service's path says its version, and what is added to a catalog's address that says none. */
const VERSIONS: Readonly<Record<ServiceName, { readonly said: RegExp; readonly add: (projectId: string) => string }>> =
  {
    compute: { said: /\/v2(\.\d+)?(\/[^/]+)?$/, add: () => "/v2.1" },
    network: { said: /\/v2\.\d+$/, add: () => "/v2.0" },
    image: { said: /\/v2(\.\d+)?$/, add: () => "/v2" },
    volume: { said: /\/v3(\/[^/]+)?$/, add: (projectId) => `/v3/${projectId}` },
  };

/** Where the resources of a service are, without a slash at the end. */
export function serviceUrl(service: ServiceName, endpoint: string, projectId: string | undefined): string {
  const { said, add } = VERSIONS[service];
  return said.test(new URL(endpoint).pathname) ? endpoint : `${endpoint}${add(projectId ?? "")}`;
}

/** Where Nova tells which microversions it knows: its address without the project, which old catalogs put behind it. */
export function versionUrl(computeUrl: string): string {
  return `${computeUrl.replace(/(\/v2(\.\d+)?)\/[^/]+$/, "$1")}/`;
}

import type { Auth, Cloud, Domain, Interface, Project, ServiceName, Tls } from "./cloud.js";
import type { RawCloud } from "./cloud-files.js";
import { isObject } from "./complaint.js";
import { CloudConfigError } from "./error.js";

/** What is written of a cloud, under the names that `clouds.yaml` gives it. */
type Fields = Readonly<Record<string, string | undefined>>;

const SERVICES: Readonly<Record<ServiceName, readonly string[]>> = {
  compute: ["compute"],
  network: ["network"],
  image: ["image"],
  volume: ["block_storage", "volumev3", "volume"],
};

/**
 * @param raw As `clouds.yaml` has it.
 * @param where It was read, for messages.
 * @throws {CloudConfigError} Something is missing, or of a kind that is not supported.
 */
export function parseCloud(raw: RawCloud, where: string): Cloud {
  const cloud = textsOf(raw);
  const auth: Fields = { ...cloud, ...(isObject(raw["auth"]) ? textsOf(raw["auth"]) : {}) };
  const authUrl = auth["auth_url"];
  if (authUrl === undefined) throw new CloudConfigError(`${where} has no auth_url.`);
  if (!URL.canParse(authUrl)) throw new CloudConfigError(`${where}: auth_url is no address. It begins with https://.`);
  if (new URL(authUrl).username !== "")
    throw new CloudConfigError(`${where}: auth_url must not contain a user's name.`);
  if (cloud["identity_api_version"]?.startsWith("2")) {
    throw new CloudConfigError(`${where} asks for version 2 of Keystone's API. Only version 3 is supported.`);
  }
  return {
    authUrl,
    auth: parseAuth(auth, cloud["auth_type"], where),
    region: cloud["region_name"] ?? firstRegion(raw["regions"]),
    interface: parseInterface(cloud["interface"] ?? cloud["endpoint_type"], where),
    tls: parseTls(cloud),
    endpoints: parseEndpoints(cloud),
    computeVersion: cloud["compute_default_microversion"],
  };
}

function parseAuth(auth: Fields, type: string | undefined, where: string): Auth {
  const need = (name: string): string => {
    const value = auth[name];
    if (value === undefined) throw new CloudConfigError(`${where} has no ${name}.`);
    return value;
  };
  switch (type ?? guess(auth)) {
    case "password":
    case "v3password":
      return { type: "password", user: userOf(auth, need), password: need("password"), project: projectOf(auth) };
    case "v3applicationcredential": {
      const id = auth["application_credential_id"];
      const credential =
        id === undefined ? { name: need("application_credential_name"), user: userOf(auth, need) } : { id };
      return { type: "application-credential", credential, secret: need("application_credential_secret") };
    }
    case "token":
    case "v3token":
      return { type: "token", token: need("token"), project: projectOf(auth) };
    default:
      throw new CloudConfigError(
        `${where} has the auth_type ${type}. Supported are password, v3applicationcredential and token.`,
      );
  }
}

/** What can be meant where no type is given. */
function guess(auth: Fields): string {
  if (auth["application_credential_secret"] !== undefined) return "v3applicationcredential";
  return auth["token"] === undefined ? "password" : "token";
}

function userOf(auth: Fields, need: (name: string) => string): { id: string } | { name: string; domain: Domain } {
  const id = auth["user_id"];
  return id === undefined ? { name: need("username"), domain: domainOf(auth, "user") } : { id };
}

function projectOf(auth: Fields): Project | undefined {
  const id = auth["project_id"] ?? auth["tenant_id"];
  if (id !== undefined) return { id };
  const name = auth["project_name"] ?? auth["tenant_name"];
  return name === undefined ? undefined : { name, domain: domainOf(auth, "project") };
}

/** Who names no domain means the one that every cloud begins with. */
function domainOf(auth: Fields, of: "user" | "project"): Domain {
  const id = auth[`${of}_domain_id`];
  if (id !== undefined) return { id };
  const name = auth[`${of}_domain_name`];
  return name === undefined ? { id: auth["default_domain"] ?? "default" } : { name };
}

function parseInterface(given: string | undefined, where: string): Interface {
  const name = given?.replace(/URL$/, "") ?? "public";
  if (name === "public" || name === "internal" || name === "admin") return name;
  throw new CloudConfigError(`${where} has the interface ${name}. There are public, internal and admin.`);
}

function parseTls(cloud: Fields): Tls {
  const { verify, insecure, cacert, cert, key } = cloud;
  return {
    verify: !isFalse(verify) && (insecure === undefined || isFalse(insecure)),
    ...(cacert !== undefined && { caFile: cacert }),
    ...(cert !== undefined && { certFile: cert }),
    ...(key !== undefined && { keyFile: key }),
  };
}

function isFalse(text: string | undefined): boolean {
  return text !== undefined && ["false", "no", "off", "0"].includes(text.toLowerCase());
}

function parseEndpoints(cloud: Fields): { [Name in ServiceName]?: string } {
  const endpoints: { [Name in ServiceName]?: string } = {};
  for (const [service, names] of Object.entries(SERVICES) as [ServiceName, readonly string[]][]) {
    for (const name of names) {
      const url = cloud[`${name}_endpoint_override`] ?? cloud[`${name}_endpoint`];
      if (url !== undefined) endpoints[service] ??= url;
    }
  }
  return endpoints;
}

/** A name, or a map that has one. */
function firstRegion(regions: unknown): string | undefined {
  const first: unknown = Array.isArray(regions) ? regions[0] : undefined;
  const name = isObject(first) ? first["name"] : first;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** Names with hyphens mean the same; what is empty is not there. */
function textsOf(raw: RawCloud): Fields {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (typeof value === "string" && value !== "") texts[name.replaceAll("-", "_")] = value;
  }
  return texts;
}

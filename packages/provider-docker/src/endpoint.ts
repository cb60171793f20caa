import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { HostOptions, SshOptions, TlsOptions } from "./options.js";

/** Where an engine listens, with all that is needed to get there. */
export type Endpoint =
  | { readonly kind: "socket"; readonly path: string }
  | {
      readonly kind: "tcp";
      readonly hostname: string;
      readonly port: number;
      readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
    }
  | {
      readonly kind: "ssh";
      readonly hostname: string;
      readonly port: number;
      readonly username: string;
      /** The engine's socket on the host. Without it, a command reaches the engine. */
      readonly socketPath: string | undefined;
      readonly hostKeys: readonly string[];
      readonly privateKey: string | undefined;
      readonly passphrase: string | undefined;
      readonly agent: string | undefined;
      readonly command: string;
    };

/** The variables of `docker`. */
export interface DockerEnvironment {
  readonly DOCKER_HOST?: string | undefined;
  readonly DOCKER_TLS_VERIFY?: string | undefined;
  readonly DOCKER_CERT_PATH?: string | undefined;
  readonly SSH_AUTH_SOCK?: string | undefined;
}

/** Why an endpoint cannot be: for whoever wrote the options. */
export class BadEndpoint extends Error {
  /** The option that is wrong. */
  readonly option: "url" | "tls" | "ssh";

  constructor(option: "url" | "tls" | "ssh", problem: string) {
    super(problem);
    this.option = option;
  }
}

const DEFAULT_SOCKET = process.platform === "win32" ? "//./pipe/docker_engine" : "/var/run/docker.sock";
const DEFAULT_PORT = 2375;
const SCHEMES = "unix://, tcp://, ssh:// or npipe://";

/**
 * What `docker` would connect to, unless the options say otherwise.
 *
 * @throws {BadEndpoint}
 */
export function endpointOf(
  { url, tls, ssh }: Pick<HostOptions, "url" | "tls" | "ssh">,
  environment: DockerEnvironment = process.env,
): Endpoint {
  const given = (url ?? environment.DOCKER_HOST ?? "").trim();
  const [, scheme = "tcp", rest = ""] = /^(?:([a-z]+):\/\/)?(.*)$/is.exec(given) ?? [];
  switch (given === "" ? "unix" : scheme) {
    case "unix":
    case "npipe":
      return { kind: "socket", path: rest || DEFAULT_SOCKET };
    case "tcp":
      return tcp(given, rest, tls ?? (url === undefined ? tlsOfEnvironment(environment) : undefined));
    case "ssh":
      return overSsh(given, ssh, environment);
    default:
      throw new BadEndpoint("url", `must begin with ${SCHEMES}, not with ${scheme}://`);
  }
}

function tcp(given: string, rest: string, tls: TlsOptions | undefined): Endpoint {
  let parsed: URL;
  try {
    // One of the schemes for which `URL` knows how hosts are written; its default port is never ours.
    parsed = new URL(`ws://${rest.startsWith(":") ? `localhost${rest}` : rest || "localhost"}`);
  } catch {
    throw new BadEndpoint("url", `"${given}" is no address: write tcp://host:port`);
  }
  if (parsed.pathname !== "/" || parsed.username !== "") {
    throw new BadEndpoint("url", `"${given}" must be only host and port: write tcp://host:port`);
  }
  const hostname = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = /:80$/.test(rest) ? 80 : Number(parsed.port || DEFAULT_PORT);
  return { kind: "tcp", hostname, port, tls: tls && readTls(tls) };
}

/** `docker` speaks TLS as soon as `DOCKER_TLS_VERIFY` is not empty, whatever its value. */
function tlsOfEnvironment({ DOCKER_TLS_VERIFY, DOCKER_CERT_PATH }: DockerEnvironment): TlsOptions | undefined {
  if (!DOCKER_TLS_VERIFY) return undefined;
  const folder = DOCKER_CERT_PATH || join(homedir(), ".docker");
  const [ca, cert, key] = [join(folder, "ca.pem"), join(folder, "cert.pem"), join(folder, "key.pem")];
  return { ca, ...(existsSync(cert) && existsSync(key) && { cert, key }) };
}

function readTls({ ca, cert, key }: TlsOptions): NonNullable<Extract<Endpoint, { kind: "tcp" }>["tls"]> {
  if ((cert === undefined) !== (key === undefined)) throw new BadEndpoint("tls", "cert and key belong together");
  return {
    ...(ca !== undefined && { ca: pem(ca, "tls") }),
    ...(cert !== undefined && { cert: pem(cert, "tls") }),
    ...(key !== undefined && { key: pem(key, "tls") }),
  };
}

function pem(given: string, option: "tls" | "ssh"): string {
  if (given.includes("-----BEGIN ")) return given;
  try {
    return readFileSync(given, "utf8");
  } catch {
    throw new BadEndpoint(option, `there is no readable file ${given}`);
  }
}

function overSsh(given: string, ssh: SshOptions | undefined, environment: DockerEnvironment): Endpoint {
  let parsed: URL;
  try {
    parsed = new URL(given);
  } catch {
    throw new BadEndpoint("url", `"${given}" is no address: write ssh://user@host:port`);
  }
  if (parsed.password !== "") throw new BadEndpoint("url", "must not contain a password: give ssh.privateKey");
  const hostKeys = [ssh?.hostKey ?? []].flat();
  if (hostKeys.length === 0) {
    throw new BadEndpoint(
      "ssh",
      "hostKey is required: the fingerprint that `ssh-keygen -lf` prints on the host (SHA256:…)",
    );
  }
  const odd = hostKeys.find((key) => !/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(key));
  if (odd !== undefined) throw new BadEndpoint("ssh", `hostKey must be a fingerprint such as SHA256:…, not "${odd}"`);
  const privateKey = ssh?.privateKey;
  return {
    kind: "ssh",
    hostname: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(parsed.port || 22),
    username: decodeURIComponent(parsed.username) || (environment as NodeJS.ProcessEnv)["USER"] || "root",
    socketPath: parsed.pathname === "" || parsed.pathname === "/" ? undefined : parsed.pathname,
    hostKeys: hostKeys.map((key) => key.replace(/=$/, "")),
    privateKey: privateKey === undefined ? undefined : pem(privateKey, "ssh"),
    passphrase: ssh?.passphrase,
    agent: ssh?.agent ?? environment.SSH_AUTH_SOCK,
    command: ssh?.command ?? "docker system dial-stdio",
  };
}

/** Where holders reach what is published on the host, unless its options say otherwise. */
export function addressOf(endpoint: Endpoint): string {
  return endpoint.kind === "socket" ? "127.0.0.1" : endpoint.hostname;
}

/** For messages: no credentials. */
export function describeEndpoint(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case "socket":
      return `unix://${endpoint.path}`;
    case "tcp":
      return `tcp://${endpoint.hostname}:${endpoint.port}`;
    case "ssh":
      return `ssh://${endpoint.username}@${endpoint.hostname}:${endpoint.port}`;
  }
}

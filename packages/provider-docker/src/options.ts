import type { Duration, JsonValue } from "@warmpool/core";
import type { DockerContainer } from "./container.js";

/** A port of a container: TCP, unless it says otherwise. */
export type ContainerPort = number | `${number}/tcp` | `${number}/udp`;

/** What a container may use of its host. */
export interface ContainerLimits {
  /** Memory: bytes, or a number with `b`, `k`, `m` or `g` (of 1024), such as `"512m"`. Engines take 6 MiB and more. Default: no limit. */
  readonly memory?: number | string;
  /** Processors: `1.5` is one and a half. Above 0. Default: no limit. */
  readonly cpus?: number;
  /** Processes and threads. Above 0. Default: the engine's. */
  readonly pids?: number;
}

/** A command that the engine runs in the container again and again, to see whether it works. */
export interface Healthcheck {
  /** Program and arguments; exit code 0 is healthy. */
  readonly command: readonly string[];
  /** Between two runs. Default: the engine's, 30 s. */
  readonly interval?: Duration;
  /** Longest run. Default: the engine's, 30 s. */
  readonly timeout?: Duration;
  /** Failures in a row after which the container is unhealthy. 1 or more. Default: the engine's, 3. */
  readonly retries?: number;
  /** After the start, for which failures don't count. Default: the engine's, 0. */
  readonly startPeriod?: Duration;
}

/** An image that is made from a Dockerfile, once on each host for each content. */
export interface BuildOptions {
  /** Folder that is sent to the engine; its `.dockerignore` is obeyed. Default: none, an empty one. */
  readonly context?: string;
  /** Path of the Dockerfile in the context. Default: `"Dockerfile"`. */
  readonly dockerfile?: string;
  /** The Dockerfile itself, in place of a file. */
  readonly text?: string;
  /** Values of `ARG`s. They stay readable in the image's history. Default: none. */
  readonly args?: Readonly<Record<string, string>>;
  /** The stage to build. Default: the last one. */
  readonly target?: string;
}

/** What a container is made from. */
export interface ContainerOptions {
  /** The image, by name and tag or digest. Either this or `build`. */
  readonly image?: string;
  /** A Dockerfile to make the image from: a folder, or more exactly. Either this or `image`. */
  readonly build?: string | BuildOptions;
  /**
   * When the image is pulled: `"missing"`, `"always"` (before every container) or `"never"`. Default: `"missing"`.
   */
  readonly pull?: "missing" | "always" | "never";
  /** Arguments, or the program where the image has no entry point. Default: the image's. */
  readonly command?: readonly string[];
  /** The program, with its first arguments. Default: the image's. */
  readonly entrypoint?: readonly string[];
  /** Variables. Values are blotted out in messages. Default: the image's alone. */
  readonly env?: Readonly<Record<string, string>>;
  /** Who runs the program: a name or number, perhaps with `:group`. Default: the image's. */
  readonly user?: string;
  /** Where it runs. Default: the image's. */
  readonly workingDirectory?: string;
  /** Ports to publish, each at a free port of the host; `data.ports` tells which. Default: none. */
  readonly ports?: readonly ContainerPort[];
  /** What it may use. Default: no limits. */
  readonly limits?: ContainerLimits;
  /** Network to join, by name, or `"bridge"`, `"host"`, `"none"`. Default: the engine's. */
  readonly network?: string;
  /** Further labels. Those that begin with `warmpool.` are ours. Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** A `HEALTHCHECK` in place of the image's; `false`: none, even if the image has one. Default: the image's. */
  readonly healthcheck?: Healthcheck | false;
  /**
   * Further fields of the engine's request that makes a container, as its API has them, merged into ours:
   * `{ HostConfig: { Tmpfs: { "/tmp": "" } } }`. Default: none.
   */
  readonly createOptions?: Readonly<Record<string, JsonValue>>;
  /** Labels that a host must have to get it. Default: none, any host. */
  readonly where?: Readonly<Record<string, string>>;
}

/** What a pool says about its containers. It goes before what the provider says. */
export interface DockerParams extends ContainerOptions {
  /** A port at which the container must take connections before it is ready. It must be published. Default: the provider's. */
  readonly readyWhen?: { readonly port: number };
}

/** Runs a program in a container and waits for its end. */
export type RunInContainer = (command: readonly string[]) => Promise<{
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}>;

/**
 * Whether a container is ready: `false`, or a rejection, is "not yet". Asked again until it is, or the allocation's time
 * is up.
 */
export type ReadyCheck = (
  container: DockerContainer,
  context: { readonly signal: AbortSignal; readonly exec: RunInContainer },
) => boolean | Promise<boolean>;

/** A machine with a Docker or Podman engine. */
export interface HostOptions {
  /** Unique. It stands in every container's data: a host that is renamed is another one. */
  readonly name: string;
  /**
   * Where its engine listens: `unix:///var/run/docker.sock`, `tcp://build-7:2376`, `ssh://ci@build-7`, or
   * `ssh://ci@build-7/run/podman/podman.sock`. Default: what `DOCKER_HOST` says.
   */
  readonly url?: string;
  /** Most containers of ours on it. 1 or more. Default: no limit. */
  readonly capacity?: number;
  /** What it has: `{ gpu: "yes" }`. Containers ask for it by `where`. Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What becomes of it at the start: see `DockerHosts`. Default: `"active"`. */
  readonly state?: HostState;
  /** Where holders reach published ports: a name or an address. Default: that of `url`; of a local socket, `127.0.0.1`. */
  readonly address?: string;
  /** Address of the host at which ports are published. Default: `0.0.0.0`; of a local socket, `127.0.0.1`. */
  readonly publishOn?: string;
  /**
   * Certificates for TLS, each as PEM or as the path of a file. Default: none, no TLS, unless `url` is left out and
   * `DOCKER_TLS_VERIFY` is set.
   */
  readonly tls?: TlsOptions;
  /** How to get in by SSH. Required, with `hostKey`, if `url` is `ssh://…`. */
  readonly ssh?: SshOptions;
}

/** What an engine's certificate is checked against, and ours. */
export interface TlsOptions {
  /** Whose certificates count. Default: those that Node trusts. */
  readonly ca?: string;
  /** Ours. Default: none. */
  readonly cert?: string;
  /** The key of ours. Default: none. */
  readonly key?: string;
}

/** How to get in by SSH. */
export interface SshOptions {
  /**
   * Fingerprints of the host's keys, as `ssh-keygen -lf` prints them (`SHA256:…`). A host that proves to be another one
   * is refused.
   */
  readonly hostKey: string | readonly string[];
  /** Our private key: as PEM or OpenSSH has it, or the path of its file. Default: none, the agent's keys. */
  readonly privateKey?: string;
  /** Of the private key. Default: none. */
  readonly passphrase?: string;
  /** Socket of an SSH agent. Default: `SSH_AUTH_SOCK`. */
  readonly agent?: string;
  /** What reaches the engine on the host, if `url` has no path. Default: `"docker system dial-stdio"`. */
  readonly command?: string;
}

/**
 * - `active`: gets new containers.
 * - `drained`: gets none; what is there serves on.
 * - `broken`: gets none; what is there counts as unhealthy, and is deleted when the host can be reached.
 */
export type HostState = "active" | "drained" | "broken";

/** Options of `dockerProvider`. */
export interface DockerOptions extends ContainerOptions {
  /** The provider's name in logs, metrics and events, and the unit of shared caps and breakers. Default: `"docker"`. */
  readonly name?: string;
  /**
   * The machines. Default: one named `"default"`, which `DOCKER_HOST`, `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` tell, as
   * they tell `docker`.
   */
  readonly hosts?: readonly HostOptions[];
  /**
   * When a container is ready, beyond running and being healthy: a published port takes connections, or a function says
   * so. Default: nothing beyond.
   */
  readonly readyWhen?: { readonly port: number } | ReadyCheck;
  /** Who we are at the registry. Default: nobody. */
  readonly registry?: { readonly username: string; readonly password: string };
  /** Longest that a host may take for one request, pulls and builds aside. Above 0. Default: `"30s"`. */
  readonly requestTimeout?: Duration;
  /**
   * How long after its start an `allocate` that nobody hears any more can still make a container. In its first half a
   * container is created or not at all: a pull or build that takes longer fails, and the next one goes on with what the
   * host has by then. Above 0. Default: `"10m"`.
   */
  readonly settlesWithin?: Duration;
  /** Whether `reset` makes a released container anew, under the same name. Default: `true`. */
  readonly reset?: boolean;
}

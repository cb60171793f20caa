import type { AllocateRequest, CallContext, Health, Made, Provider } from "@warmpool/core";
import type { DockerContainer } from "./container.js";
import { Containers } from "./containers.js";
import { Engine } from "./engine.js";
import { type ExecOptions, type ExecResult, runExec } from "./exec.js";
import { EngineFailure } from "./failure.js";
import { Failures } from "./failures.js";
import { assertHolds, type HeldContainer, whileHeld } from "./holder.js";
import { Host } from "./host.js";
import { type DockerHosts, Inventory } from "./inventory.js";
import { Making } from "./making.js";
import type { ContainerOptions, DockerOptions, DockerParams } from "./options.js";
import { type DockerSettings, parseOptions, problemsOfWhole } from "./parse-options.js";
import { Plans } from "./plan.js";
import { Secrets, secretsIn } from "./redact.js";
import { invalid } from "./schema.js";
import { openShell, type ShellOptions, type ShellSession } from "./shell.js";

/** A provider of containers, with what it can do beyond the calls of a pool. */
export interface DockerProvider<Params = void>
  extends Required<
      Pick<Provider<DockerContainer, Params>, "delete" | "find" | "list" | "name" | "settlesWithin" | "spec">
    >,
    Pick<Provider<DockerContainer, Params>, "allocate" | "reset"> {
  /** Whether the engine says that it runs and is healthy. Newer data, if its ports or addresses changed. */
  check(made: Made<DockerContainer>, context: CallContext<DockerContainer>): Promise<Health<DockerContainer>>;
  /** The machines, to be drained and restored one by one. */
  readonly hosts: DockerHosts;
  /** Freezes a container: it keeps its memory and uses no processor. */
  suspend(made: Made<DockerContainer>, context: CallContext<DockerContainer>): Promise<void>;
  /** Lets a frozen container run again. Resolves when it is ready. */
  resume(made: Made<DockerContainer>, context: CallContext<DockerContainer>): Promise<DockerContainer>;
  /**
   * Runs a command in a container, for who holds it.
   *
   * @throws {WarmpoolError} `LEASE_ENDED`: the lease is over, or ended meanwhile. `PROVIDER_FAILED`: the container doesn't
   *   run, or its host can't be reached.
   */
  exec(lease: HeldContainer, command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /**
   * Opens a shell with a terminal in a container, for who holds it. It is cut off when the lease ends.
   *
   * @throws {WarmpoolError} `LEASE_ENDED`: the lease is over. `PROVIDER_FAILED`, as by `exec`.
   */
  shell(lease: HeldContainer, options?: ShellOptions): Promise<ShellSession>;
}

/** Options of a provider that says itself what its containers are made from. */
export type DockerOptionsWithImage = DockerOptions &
  (
    | { readonly image: string; readonly build?: never }
    | { readonly build: NonNullable<ContainerOptions["build"]>; readonly image?: never }
  );

/**
 * A provider of containers, on one or several machines with a Docker or Podman engine.
 *
 * ```ts
 * const provider = dockerProvider({ image: "postgres:18", ports: [5432], readyWhen: { port: 5432 } });
 * ```
 *
 * A container's name is its key, and its labels tell whose it is. The library that talks to engines is loaded when the
 * first container is asked for.
 *
 * @typeParam Params `DockerParams` unless the options have an `image` or a `build`: then each pool says what it wants.
 * @throws {WarmpoolError} `INVALID_OPTIONS`: an option that doesn't exist, a host that can't be, a file that isn't there.
 */
export function dockerProvider(options: DockerOptionsWithImage): DockerProvider;
export function dockerProvider(
  options?: DockerOptions & { readonly image?: never; readonly build?: never },
): DockerProvider<DockerParams>;
export function dockerProvider(options: DockerOptions = {}): DockerProvider<never> {
  const settings = parseOptions(options);
  const { image, build } = settings.container;
  const problems = image === undefined && build === undefined ? [] : problemsOfWhole(settings.container);
  if (problems.length > 0) throw invalid(settings.name, problems);
  const secrets = new Secrets();
  secrets.hide(secretsOf(settings));
  const redact = (text: string) => secrets.redact(text);
  const hosts = settings.hosts.map(({ options, endpoint }) => {
    return new Host(options, endpoint, new Engine(endpoint, settings.requestTimeoutMs, redact));
  });
  const inventory = new Inventory(settings.name, hosts);
  const plans = new Plans(settings, secrets);
  const failures = new Failures(settings.name);
  const parts = { inventory, plans, failures, settlesWithinMs: settings.settlesWithinMs };
  const making = new Making(parts);
  const containers = new Containers(parts);
  const inside = async <Result>({ data }: HeldContainer, run: (engine: Engine) => Promise<Result>): Promise<Result> => {
    try {
      return await run(inventory.hostOf(data.name, data.host).engine);
    } catch (error) {
      throw error instanceof EngineFailure ? failures.inside(data, error) : error;
    }
  };
  return {
    name: settings.name,
    settlesWithin: settings.settlesWithinMs,
    spec: specOf(settings),
    hosts: inventory,
    allocate: (request: AllocateRequest<DockerParams | void>, context) => making.allocate(request, context),
    delete: (ref, context) => containers.delete(ref, context),
    check: (made, context) => containers.check(made, context),
    find: (key, context) => containers.find(key, context),
    list: (context) => containers.list(context),
    ...(settings.reset && { reset: (made, context) => making.reset(made, context) }),
    suspend: (made, context) => containers.suspend(made, context),
    resume: (made, context) => containers.resume(made, context),
    exec: (lease, command, options = {}) =>
      whileHeld(lease, options.signal, (signal) =>
        inside(lease, (engine) => runExec(engine, lease.data.id, command, options, signal)),
      ),
    shell: (lease, options = {}) =>
      whileHeld(
        lease,
        options.signal,
        (signal) =>
          inside(lease, (engine) => openShell(engine, lease.data.id, options, () => assertHolds(lease), signal)),
        ({ stream }) => new Promise((resolve) => stream.once("close", resolve)),
      ),
  };
}

/** What may stand in no message. */
function secretsOf({ container, registry, hosts }: DockerSettings): string[] {
  const keys = hosts.flatMap(({ endpoint }) => {
    if (endpoint.kind === "ssh") return [endpoint.privateKey ?? "", endpoint.passphrase ?? ""];
    return endpoint.kind === "tcp" ? [endpoint.tls?.key ?? ""] : [];
  });
  return [...secretsIn(container), registry?.password ?? "", ...keys];
}

/** What containers are made from: of a build its content, not its place. */
function specOf({ container, build }: DockerSettings): unknown {
  const { readyWhen: _, pull: __, where: ___, build: ____, ...made } = container;
  return { ...made, ...(build !== undefined && { build: build.tag }) };
}

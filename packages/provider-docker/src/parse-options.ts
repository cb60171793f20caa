import { tryDurationMs } from "@warmpool/core";
import * as v from "valibot";
import { BadBuild, Build } from "./build.js";
import { bytesOf, portName } from "./create-body.js";
import { BadEndpoint, type Endpoint, endpointOf } from "./endpoint.js";
import type {
  BuildOptions,
  ContainerLimits,
  ContainerOptions,
  ContainerPort,
  DockerOptions,
  DockerParams,
  Healthcheck,
  HostOptions,
  SshOptions,
  TlsOptions,
} from "./options.js";
import { flag, invalid, named, options, type Problem, positive, problemsOf, span, text, texts } from "./schema.js";

const PORT = 'must be a port, from 1 to 65535, such as 80 or "53/udp"';
const port = v.custom<ContainerPort>((value) => /^\d+$|^\d+\/(tcp|udp)$/.test(String(value)) && isPort(value), PORT);
const MEMORY = 'must be bytes, or a number with one of the units b, k, m, g, such as "512m"';
const CPUS = "must be a number above 0";

function isPort(value: unknown): boolean {
  const number = Number.parseInt(String(value), 10);
  return number >= 1 && number <= 65_535;
}

const readyPort = options<{ readonly port: number }>({
  port: v.custom<number>((value) => Number.isInteger(value) && isPort(value), PORT),
});
const isFunction = v.function("must be { port } or a function");

const buildOptions = options<BuildOptions>({ context: text, dockerfile: text, text, args: named, target: text });

const containerEntries = {
  image: text,
  build: v.union([text, buildOptions], "must be a folder, or { context, dockerfile, text, args, target }"),
  pull: v.picklist(["missing", "always", "never"], 'must be "missing", "always" or "never"'),
  command: texts,
  entrypoint: texts,
  env: named,
  user: text,
  workingDirectory: text,
  ports: v.array(port, "must be an array of ports"),
  limits: options<ContainerLimits>({
    memory: v.custom<number | string>((value) => bytesOf(value) !== undefined, MEMORY),
    cpus: v.pipe(v.number(CPUS), v.gtValue(0, CPUS), v.finite(CPUS)),
    pids: positive,
  }),
  network: text,
  labels: v.pipe(
    named,
    v.check(
      (labels) => !Object.keys(labels).some((name) => name.startsWith("warmpool.")),
      "those that begin with warmpool. are ours",
    ),
  ),
  healthcheck: v.union(
    [
      v.literal(false),
      options<Healthcheck>({ command: texts, interval: span, timeout: span, retries: positive, startPeriod: span }),
    ],
    "must be false, or { command, interval, timeout, retries, startPeriod }",
  ),
  createOptions: v.record(v.string(), v.any(), "must be an object"),
  where: named,
};

const host = options<HostOptions>({
  name: text,
  url: text,
  capacity: positive,
  labels: named,
  state: v.picklist(["active", "drained", "broken"], 'must be "active", "drained" or "broken"'),
  address: text,
  publishOn: text,
  tls: options<TlsOptions>({ ca: text, cert: text, key: text }),
  ssh: options<SshOptions>({
    hostKey: v.union([text, v.array(text)], "must be a fingerprint such as SHA256:…, or several"),
    privateKey: text,
    passphrase: text,
    agent: text,
    command: text,
  }),
});

const dockerOptions = options<DockerOptions>({
  ...containerEntries,
  name: text,
  hosts: v.pipe(v.array(host, "must be an array of hosts"), v.nonEmpty("must not be empty")),
  readyWhen: v.union([readyPort, isFunction], "must be { port } or a function"),
  registry: options<{ readonly username: string; readonly password: string }>({
    username: text,
    password: v.string("must be a text"),
  }),
  requestTimeout: span,
  settlesWithin: span,
  reset: flag,
});

const dockerParams = options<DockerParams>({ ...containerEntries, readyWhen: readyPort });

/** Options that were parsed: times in milliseconds, defaults in place. */
export interface DockerSettings {
  readonly name: string;
  readonly hosts: readonly { readonly options: HostOptions; readonly endpoint: Endpoint }[];
  readonly container: ContainerOptions & Pick<DockerOptions, "readyWhen">;
  readonly build: Build | undefined;
  readonly registry: DockerOptions["registry"];
  readonly requestTimeoutMs: number;
  readonly settlesWithinMs: number;
  readonly reset: boolean;
}

/** @throws {WarmpoolError} `INVALID_OPTIONS` with every problem and its path. */
export function parseOptions(given: DockerOptions): DockerSettings {
  const problems = problemsOf(dockerOptions, given);
  const name = typeof given?.name === "string" && given.name !== "" ? given.name : "docker";
  if (problems.length > 0) throw invalid(name, problems);
  const {
    hosts = [{ name: "default" }],
    registry,
    requestTimeout,
    settlesWithin,
    reset,
    name: _,
    ...container
  } = given;
  const parsedHosts = hosts.flatMap((options, index) => {
    const path = given.hosts === undefined ? "hosts" : `hosts.${index}`;
    if (typeof options.name !== "string")
      problems.push({ path: `${path}.name`, problem: "is required: it must be a text" });
    if (hosts.findIndex(({ name }) => name === options.name) < index) {
      problems.push({ path: `${path}.name`, problem: `there is another host "${options.name}"` });
    }
    try {
      return [{ options, endpoint: endpointOf(options) }];
    } catch (error) {
      if (!(error instanceof BadEndpoint)) throw error;
      const option = options.url === undefined && error.option === "url" ? "DOCKER_HOST" : `${path}.${error.option}`;
      problems.push({ path: option, problem: error.message });
      return [];
    }
  });
  problems.push(...containerProblems(container));
  const build = buildOf(container, problems);
  if (problems.length > 0) throw invalid(name, problems);
  return {
    name,
    hosts: parsedHosts,
    container,
    build,
    registry,
    requestTimeoutMs: tryDurationMs(requestTimeout ?? "30s") as number,
    settlesWithinMs: tryDurationMs(settlesWithin ?? "10m") as number,
    reset: reset ?? true,
  };
}

/** What is wrong with what a pool wants. */
export function problemsOfParams(params: unknown): Problem[] {
  const problems = problemsOf(dockerParams, params);
  if (problems.length === 0) problems.push(...containerProblems(params as DockerParams));
  return problems;
}

/** What a container needs to be made at all, when what the provider says and what the pool says are put together. */
export function problemsOfWhole(container: ContainerOptions & Pick<DockerOptions, "readyWhen">): Problem[] {
  const problems = containerProblems(container);
  if (container.image === undefined && container.build === undefined) {
    problems.push({
      path: "image",
      problem: "an image or a build is required, of the provider or of the pool's params",
    });
  }
  const { readyWhen, ports = [], network } = container;
  if (typeof readyWhen === "object" && network !== "host" && !ports.map(portName).includes(`${readyWhen.port}/tcp`)) {
    problems.push({ path: "readyWhen.port", problem: `port ${readyWhen.port} is not published: add it to ports` });
  }
  return problems;
}

function containerProblems({ image, build, command, entrypoint, healthcheck }: ContainerOptions): Problem[] {
  const problems: Problem[] = [];
  if (image !== undefined && build !== undefined)
    problems.push({ path: "build", problem: "there is an image already" });
  for (const [path, words] of Object.entries({ command, entrypoint })) {
    if (words?.length === 0) problems.push({ path, problem: "must not be empty" });
  }
  if (healthcheck !== undefined && healthcheck !== false && !(healthcheck.command?.length > 0)) {
    problems.push({ path: "healthcheck.command", problem: "is required, and must not be empty" });
  }
  return problems;
}

/** The build that options ask for, with the problems of its files. */
export function buildOf({ build }: ContainerOptions, problems: Problem[]): Build | undefined {
  if (build === undefined) return undefined;
  try {
    return new Build(build);
  } catch (error) {
    if (!(error instanceof BadBuild)) throw error;
    problems.push({ path: "build", problem: error.message });
    return undefined;
  }
}

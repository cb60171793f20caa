import { tryDurationMs } from "@warmpool/core";
import { BadBuild, Build } from "./build.js";
import { portName } from "./create-body.js";
import { BadEndpoint, type Endpoint, endpointOf } from "./endpoint.js";
import { dockerOptions, dockerParams } from "./option-schema.js";
import type { ContainerOptions, DockerOptions, DockerParams, HostOptions } from "./options.js";
import { invalid, type Problem, problemsOf } from "./schema.js";

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
  const build = problems.length > 0 ? undefined : buildOf(container, problems);
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

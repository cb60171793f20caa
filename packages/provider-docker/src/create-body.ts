import { type Duration, type JsonValue, tryDurationMs } from "@warmpool/core";
import type { ContainerLimits, ContainerOptions, ContainerPort, Healthcheck } from "./options.js";

type Json = { readonly [name: string]: JsonValue };

/** What the engine is asked for: the body of its request that makes a container. */
export function createBody(
  options: ContainerOptions,
  facts: { readonly image: string; readonly labels: Readonly<Record<string, string>>; readonly publishOn: string },
): Json {
  const { command, entrypoint, env, user, workingDirectory, ports = [], limits = {}, network, labels } = options;
  const names = ports.map(portName);
  const body: Json = {
    Image: facts.image,
    ...(command !== undefined && { Cmd: [...command] }),
    ...(entrypoint !== undefined && { Entrypoint: [...entrypoint] }),
    ...(env !== undefined && { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) }),
    ...(user !== undefined && { User: user }),
    ...(workingDirectory !== undefined && { WorkingDir: workingDirectory }),
    ...(options.healthcheck !== undefined && { Healthcheck: healthcheckOf(options.healthcheck) }),
    Labels: { ...labels, ...facts.labels },
    ...(names.length > 0 && { ExposedPorts: Object.fromEntries(names.map((name) => [name, {}])) }),
    HostConfig: {
      ...limitsOf(limits),
      ...(network !== undefined && { NetworkMode: network }),
      // The engine picks free ones.
      PortBindings: Object.fromEntries(names.map((name) => [name, [{ HostIp: facts.publishOn, HostPort: "" }]])),
    },
  };
  return merged(body, options.createOptions ?? {}) as Json;
}

/** `80` is `80/tcp`. */
export function portName(port: ContainerPort): string {
  return typeof port === "number" ? `${port}/tcp` : port;
}

function healthcheckOf(check: Healthcheck | false): Json {
  if (check === false) return { Test: ["NONE"] };
  const { command, interval, timeout, retries, startPeriod } = check;
  return {
    Test: ["CMD", ...command],
    ...(interval !== undefined && { Interval: nanoseconds(interval) }),
    ...(timeout !== undefined && { Timeout: nanoseconds(timeout) }),
    ...(retries !== undefined && { Retries: retries }),
    ...(startPeriod !== undefined && { StartPeriod: nanoseconds(startPeriod) }),
  };
}

function nanoseconds(duration: Duration): number {
  return (tryDurationMs(duration) ?? 0) * 1_000_000;
}

function limitsOf({ memory, cpus, pids }: ContainerLimits): Json {
  return {
    ...(memory !== undefined && { Memory: bytesOf(memory) ?? 0 }),
    ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
    ...(pids !== undefined && { PidsLimit: pids }),
  };
}

const UNITS = { b: 1, k: 1_024, m: 1_024 ** 2, g: 1_024 ** 3 };

/** Bytes of an amount of memory as `docker run --memory` takes it; `undefined`: it is none. */
export function bytesOf(memory: unknown): number | undefined {
  if (typeof memory === "number") return Number.isSafeInteger(memory) && memory > 0 ? memory : undefined;
  const match = /^(\d+(?:\.\d+)?)([bkmg])b?$/i.exec(String(memory));
  if (match === null) return undefined;
  const [, amount = "", unit = "b"] = match;
  return Math.floor(Number(amount) * UNITS[unit.toLowerCase() as keyof typeof UNITS]);
}

/** Objects member by member; of everything else the latter wins. */
function merged(base: JsonValue, over: JsonValue): JsonValue {
  if (!isObject(base) || !isObject(over)) return over;
  const result: Record<string, JsonValue> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    result[name] = Object.hasOwn(base, name) ? merged(base[name] as JsonValue, value) : value;
  }
  return result;
}

function isObject(value: JsonValue): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

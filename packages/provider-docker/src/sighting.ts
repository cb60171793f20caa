import type Docker from "dockerode";
import { IMAGE_LABEL, isOurs, KEY_LABEL } from "./labels.js";

/**
 * - `none`: it has no health check.
 * - `starting`: not checked yet, or failing while that doesn't count yet.
 */
export type HealthCheckState = "none" | "starting" | "healthy" | "unhealthy";

/** A container of ours, as a listing tells of it. */
export interface Sighting {
  readonly id: string;
  readonly key: string;
  readonly image: string;
  readonly state: "created" | "running" | "paused" | "exited" | "removing" | "other";
  /** The engine's own words: `Exited (1) 2 minutes ago`. */
  readonly status: string;
  readonly health: HealthCheckState;
  readonly createdAtMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: Readonly<Record<string, number>>;
  readonly networks: Readonly<Record<string, string>>;
}

/** The sighting of a listed container; `undefined`: it is none of ours. */
export function sightingOf(info: Docker.ContainerInfo): Sighting | undefined {
  const labels = info.Labels ?? {};
  const key = labels[KEY_LABEL];
  if (key === undefined || !info.Names?.includes(`/${key}`) || !isOurs(key, labels)) return undefined;
  return {
    id: info.Id,
    key,
    image: labels[IMAGE_LABEL] ?? info.Image,
    state: stateOf(info.State),
    status: info.Status,
    health: healthOf(info.Status),
    createdAtMs: info.Created * 1_000,
    labels,
    ports: portsOf(info.Ports ?? []),
    networks: networksOf(info),
  };
}

/** Podman has more states than Docker, and calls some otherwise. */
function stateOf(state: string): Sighting["state"] {
  switch (state) {
    case "created":
    case "configured":
    case "initialized":
      return "created";
    case "running":
    case "paused":
    case "exited":
    case "removing":
      return state;
    case "stopped":
    case "dead":
      return "exited";
    default:
      return "other";
  }
}

/** Docker tells it at the end of the status; Podman doesn't. */
function healthOf(status: string): HealthCheckState {
  const [, words] = /\((?:health: )?(starting|healthy|unhealthy)\)$/.exec(status) ?? [];
  return (words as HealthCheckState | undefined) ?? "none";
}

function portsOf(ports: readonly Docker.Port[]): Record<string, number> {
  const published: Record<string, number> = {};
  // Listed for IPv4 and for IPv6, in any order, which may have different ports: that of IPv4 counts.
  const ofIpv4 = ports.filter(({ IP }) => !IP?.includes(":"));
  for (const { PrivatePort, PublicPort, Type } of [...ofIpv4, ...ports]) {
    if (PublicPort) published[`${PrivatePort}/${Type}`] ??= PublicPort;
  }
  return Object.fromEntries(Object.entries(published).sort());
}

function networksOf(info: Docker.ContainerInfo): Record<string, string> {
  const networks = Object.entries(info.NetworkSettings?.Networks ?? {});
  return Object.fromEntries(networks.flatMap(([name, { IPAddress }]) => (IPAddress ? [[name, IPAddress]] : [])).sort());
}

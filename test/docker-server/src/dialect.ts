import { ApiError } from "./api-error.ts";

/** Where Docker and Podman, which speak the same API, don't say the same. */
export interface Dialect {
  readonly name: "docker" | "podman";
  readonly serverHeader: string;
  readonly version: object;
  /** How an error is written down. */
  errorBody(status: number, message: string): object;
  nameTaken(name: string, id: string): ApiError;
  execOnStopped(id: string): ApiError;
  /** How long a container that runs is given to end by itself when its removal is forced, in milliseconds. */
  readonly forcedRemovalMs: number;
  /** Whether a listing's `Status` says how healthy a container is; if not, only the filter `health` tells. */
  readonly statusTellsHealth: boolean;
  /** Whether a container that is paused counts as unhealthy, until its health check has succeeded after that. */
  readonly pausedIsUnhealthy: boolean;
  /** The status of an answer to who gave a terminal another size. */
  readonly resized: 200 | 201;
  /** The name under which an image is kept that was asked for by a short one. */
  imageName(reference: string): string;
}

const API = { ApiVersion: "1.50", MinAPIVersion: "1.24", Os: "linux", Arch: "amd64", KernelVersion: "6.1.0" };

export const docker: Dialect = {
  name: "docker",
  serverHeader: "Docker/28.2.2 (linux)",
  version: { ...API, Version: "28.2.2", Platform: { Name: "Docker Engine" }, Components: [{ Name: "Engine" }] },
  errorBody: (_status, message) => ({ message }),
  nameTaken: (name, id) =>
    new ApiError(
      409,
      `Conflict. The container name "/${name}" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
    ),
  execOnStopped: (id) => new ApiError(409, `container ${id} is not running`),
  forcedRemovalMs: 0,
  statusTellsHealth: true,
  pausedIsUnhealthy: true,
  resized: 200,
  imageName: (reference) => withTag(reference.replace(/^docker\.io\/(library\/)?/, "")),
};

export const podman: Dialect = {
  name: "podman",
  serverHeader: "Libpod/5.4.2 (linux)",
  version: { ...API, ApiVersion: "1.41", Version: "5.4.2", Components: [{ Name: "Podman Engine" }] },
  errorBody: (status, message) => ({ cause: message.split(": ").at(-1), message, response: status }),
  nameTaken: (name, id) =>
    new ApiError(
      500,
      `container create: creating container storage: the container name "${name}" is already in use by ${id}. You have to remove that container to be able to reuse that name: that name is already in use`,
    ),
  execOnStopped: () =>
    new ApiError(500, "can only create exec sessions on running containers: container state improper"),
  forcedRemovalMs: 10_000,
  statusTellsHealth: false,
  pausedIsUnhealthy: false,
  resized: 201,
  imageName(reference) {
    const [first = "", ...rest] = reference.split("/");
    if (rest.length > 0 && (/[.:]/.test(first) || first === "localhost")) return withTag(reference);
    return withTag(`docker.io/${rest.length > 0 ? "" : "library/"}${reference}`);
  },
};

function withTag(reference: string): string {
  return /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
}

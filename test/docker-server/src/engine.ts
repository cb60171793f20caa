import { randomBytes } from "node:crypto";
import { ApiError } from "./api-error.ts";
import { Container, type CreateBody, LEAST_MEMORY } from "./container.ts";
import type { Dialect } from "./dialect.ts";
import type { Exec } from "./exec.ts";
import type { Image, Published } from "./image.ts";

/** All that an engine has: its containers, images and execs, and the registry that it pulls from. */
export class Engine {
  readonly dialect: Dialect;
  readonly execs = new Map<string, Exec>();
  /** What can be pulled, by name and tag. */
  readonly registry = new Map<string, Published>();
  readonly networks = new Set(["bridge", "host", "none"]);
  readonly #containers = new Map<string, Container>();
  readonly #images = new Map<string, Image>();
  /** How long a health check takes to find a container healthy, in milliseconds. */
  healthyAfterMs = 10;
  /** How long it takes until a container that is being removed is gone, in milliseconds. */
  removalMs = 0;
  /** Most containers that there were at once. */
  peak = 0;
  /** Builds that were run to their end. */
  builds = 0;
  #made = 0;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  get containers(): Container[] {
    return [...this.#containers.values()];
  }

  /** The container of this name or id, or of this beginning of an id. @throws {ApiError} 404. */
  container(nameOrId: string): Container {
    const found =
      this.#containers.get(nameOrId) ??
      this.containers.find(({ name }) => name === nameOrId) ??
      this.containers.find(({ id }) => nameOrId.length >= 12 && id.startsWith(nameOrId));
    if (found === undefined) throw new ApiError(404, `No such container: ${nameOrId}`);
    return found;
  }

  create(name: string, body: CreateBody): Container {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) throw new ApiError(400, `Invalid container name (${name})`);
    const taken = this.containers.find((container) => container.name === name);
    if (taken !== undefined) throw this.dialect.nameTaken(name, taken.id);
    const { Memory = 0, NetworkMode = "bridge" } = body.HostConfig ?? {};
    if (Memory > 0 && Memory < LEAST_MEMORY) {
      throw new ApiError(400, "Minimum memory limit allowed is 6MB");
    }
    for (const variable of body.Env ?? []) {
      if (variable.startsWith("=")) throw new ApiError(400, `invalid environment variable: ${variable}`);
    }
    const image = this.image(body.Image ?? "");
    if (NetworkMode !== "default" && !this.networks.has(NetworkMode))
      throw new ApiError(404, `network ${NetworkMode} not found`);
    this.#made += 1;
    const ip = `172.17.${Math.floor(this.#made / 250)}.${(this.#made % 250) + 2}`;
    const container = new Container(name, body, image, ip);
    this.#containers.set(container.id, container);
    this.peak = Math.max(this.peak, this.#containers.size);
    return container;
  }

  async remove(container: Container): Promise<void> {
    if (container.state === "removing") {
      throw new ApiError(409, `removal of container ${container.name} is already in progress`);
    }
    // What runs in a container here heeds no SIGTERM.
    const takesMs = this.removalMs + (container.isUp ? this.dialect.forcedRemovalMs : 0);
    container.state = "removing";
    container.remove();
    if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs));
    this.#containers.delete(container.id);
  }

  /** @throws {ApiError} 404. */
  image(reference: string): Image {
    const tag = this.dialect.imageName(reference);
    const found = this.#images.get(reference) ?? [...this.#images.values()].find((image) => image.tags.includes(tag));
    if (found === undefined) throw new ApiError(404, `No such image: ${tag}`);
    return found;
  }

  hasImage(reference: string): boolean {
    try {
      return this.image(reference) !== undefined;
    } catch {
      return false;
    }
  }

  /** What a registry has under a name, however it is written. */
  published(reference: string): Published | undefined {
    const name = this.dialect.imageName(reference);
    for (const [other, published] of this.registry) if (this.dialect.imageName(other) === name) return published;
    return undefined;
  }

  addImage(reference: string, published: Published = {}): Image {
    const tag = this.dialect.imageName(reference);
    for (const [id, image] of this.#images) {
      const at = image.tags.indexOf(tag);
      if (at >= 0) image.tags.splice(at, 1);
      if (image.tags.length === 0) this.#images.delete(id);
    }
    const image: Image = {
      id: `sha256:${randomBytes(32).toString("hex")}`,
      tags: [tag],
      entrypoint: published.entrypoint ?? [],
      command: published.command ?? ["sh"],
      environment: published.environment ?? [],
      labels: published.labels ?? {},
      healthcheck: published.healthcheck ?? false,
      listens: published.listens ?? [],
    };
    this.#images.set(image.id, image);
    return image;
  }

  removeImage(reference: string): void {
    this.#images.delete(this.image(reference).id);
  }

  clear(): void {
    for (const container of this.containers) container.remove();
    this.#containers.clear();
  }
}

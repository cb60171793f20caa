import type { Client } from "./client/client.js";
import { OpenStackError } from "./client/error.js";
import { unlessAborted } from "./client/session.js";

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** How long a name means the same thing, in milliseconds: images are replaced by newer ones of the same name. */
const REMEMBERED_MS = 60_000;

type Kind = "image" | "flavor" | "network";

/** Turns names that people use into ids. */
export class Directory {
  readonly #client: Client;
  readonly #known = new Map<string, { readonly id: Promise<string>; readonly untilMs: number }>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** @throws {OpenStackError} 404: there is nothing of this name. */
  async id(kind: Kind, name: string, signal: AbortSignal): Promise<string> {
    if (kind !== "flavor" && UUID.test(name)) return name;
    const place = `${kind} ${name}`;
    const known = this.#known.get(place);
    if (known !== undefined && performance.now() < known.untilMs) return await unlessAborted(known.id, signal);
    // Whoever asks first does so for all: that he gives up is no answer for them.
    const id = this.#look(kind, name, new AbortController().signal);
    this.#known.set(place, { id, untilMs: performance.now() + REMEMBERED_MS });
    id.catch(() => this.#known.delete(place));
    return await unlessAborted(id, signal);
  }

  async #look(kind: Kind, name: string, signal: AbortSignal): Promise<string> {
    switch (kind) {
      case "image": {
        const [newest] = await this.#client.images.named(name, signal);
        return newest?.id ?? nowhere(`There is no active image called ${name}`);
      }
      case "flavor":
        return await this.#flavor(name, signal);
      case "network": {
        const [network, another] = await this.#client.network.networks(name, signal);
        if (another !== undefined) nowhere(`There are several networks called ${name}. Name it by its id`);
        return network?.id ?? nowhere(`There is no network called ${name}`);
      }
    }
  }

  /** An id counts before a name: a flavor's id may be any text. */
  async #flavor(name: string, signal: AbortSignal): Promise<string> {
    let named: string | undefined;
    const names: string[] = [];
    for await (const page of this.#client.compute.flavors(signal)) {
      for (const flavor of page) {
        if (flavor.id === name) return name;
        if (flavor.name === name) named ??= flavor.id;
        names.push(flavor.name);
      }
    }
    return named ?? nowhere(`There is no flavor called ${name}. There are ${names.slice(0, 20).join(", ") || "none"}`);
  }
}

function nowhere(message: string): never {
  throw new OpenStackError(message, { status: 404, type: "itemNotFound" });
}

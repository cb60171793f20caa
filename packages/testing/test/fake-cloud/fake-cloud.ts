import type { ResourceTags } from "@warmpool/core";

/** A server of the cloud, as its API shows it. */
export interface Server {
  readonly id: string;
  /** Made at most once per token. */
  readonly token: string;
  readonly tags: ResourceTags;
  readonly port: number;
  readonly createdAtMs: number;
  status: "building" | "running" | "crashed" | "deleting";
  /** Known once it runs. */
  address: string | undefined;
}

export class CloudError extends Error {
  readonly status: 404 | 409 | 503;

  constructor(status: 404 | 409 | 503, message: string) {
    super(message);
    this.status = status;
  }
}

/** How many turns of the event loop a request for a server travels, the server takes to run, and to be gone. */
const CREATE_TURNS = 4;
const BUILD_TURNS = 6;
const DELETE_TURNS = 3;
const PAGE_SIZE = 2;

/** Another turn of the event loop: how time passes in the cloud. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * A small cloud in memory: requests take a turn of the event loop, servers take several to start and to end, whoever
 * asked for them or not, listings come in pages, a port belongs to one server.
 */
export class FakeCloud {
  /** Whether nothing can be reached. */
  down = false;
  readonly #servers = new Map<string, Server>();
  #made = 0;

  /** How many servers exist, on their way in or out included. */
  get count(): number {
    return this.#servers.size;
  }

  async create(token: string, tags: ResourceTags, port: number): Promise<Server> {
    // Long enough that who asks meanwhile whether it exists is told no.
    for (let turns = 0; turns < CREATE_TURNS; turns += 1) await turn();
    await this.#reached();
    const known = [...this.#servers.values()].find((server) => server.token === token);
    if (known !== undefined) return { ...known };
    if ([...this.#servers.values()].some((server) => server.port === port)) {
      throw new CloudError(409, `port ${port} is taken`);
    }
    this.#made += 1;
    const id = `srv-${this.#made}`;
    const server: Server = { id, token, tags, port, createdAtMs: Date.now(), status: "building", address: undefined };
    this.#servers.set(id, server);
    void this.#build(server);
    return { ...server };
  }

  async describe(id: string): Promise<Server> {
    await this.#reached();
    return { ...this.#server(id) };
  }

  async page(after = ""): Promise<{ servers: Server[]; next: string | undefined }> {
    await this.#reached();
    const from = [...this.#servers.values()].filter(({ id }) => serial(id) > serial(after));
    const servers = from.slice(0, PAGE_SIZE).map((server) => ({ ...server }));
    return { servers, next: from.length > PAGE_SIZE ? servers.at(-1)?.id : undefined };
  }

  async all(): Promise<Server[]> {
    const all: Server[] = [];
    for (let after: string | undefined = ""; after !== undefined; ) {
      const { servers, next }: { servers: Server[]; next: string | undefined } = await this.page(after);
      all.push(...servers);
      after = next;
    }
    return all;
  }

  async reboot(id: string): Promise<void> {
    await this.#reached();
    this.#server(id);
  }

  /** Answers before the server is gone. */
  async delete(id: string): Promise<void> {
    await this.#reached();
    const server = this.#server(id);
    if (server.status === "deleting") return;
    server.status = "deleting";
    void this.#end(server);
  }

  /** Breaks a server from outside, at once. */
  crash(id: string): void {
    this.#server(id).status = "crashed";
  }

  #server(id: string): Server {
    const server = this.#servers.get(id);
    if (server === undefined) throw new CloudError(404, `no server ${id}`);
    return server;
  }

  async #reached(): Promise<void> {
    await turn();
    if (this.down) throw new CloudError(503, "the cloud cannot be reached");
  }

  async #build(server: Server): Promise<void> {
    for (let turns = 0; turns < BUILD_TURNS; turns += 1) await turn();
    if (server.status !== "building") return;
    server.status = "running";
    server.address = `10.0.0.${serial(server.id)}`;
  }

  async #end(server: Server): Promise<void> {
    for (let turns = 0; turns < DELETE_TURNS; turns += 1) await turn();
    this.#servers.delete(server.id);
  }
}

function serial(id: string): number {
  return Number(id.slice("srv-".length));
}

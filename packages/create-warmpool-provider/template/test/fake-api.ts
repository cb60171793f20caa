// Stands for your API: a real server with real requests, on this machine alone.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Machine } from "../src/api.ts";

/** How long a machine takes to start, and to go, in milliseconds. */
const CHANGE_MS = 10;

const PAGE = 3;

export class FakeApi {
  readonly machines = new Map<string, Machine>();
  /** Nobody is answered. */
  isDown = false;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #made = 0;

  static async start(): Promise<FakeApi> {
    const api = new FakeApi();
    api.#server.listen(0, "127.0.0.1");
    await once(api.#server, "listening");
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  break(id: string): void {
    this.#set(id, "broken");
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => "");
    if (this.isDown) return void response.destroy();
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const [, , id = "", action] = pathname.split("/");
    const answer = this.#answer(`${request.method} ${action ?? ""}`, id, searchParams, body);
    if (answer === undefined) response.writeHead(404).end("{}");
    else response.end(JSON.stringify(answer));
  }

  #answer(what: string, id: string, query: URLSearchParams, body: string): unknown {
    switch (what) {
      case "POST ":
        return this.#create(JSON.parse(body));
      case "GET ":
        return this.#list(query);
      case "POST clean":
        return this.#change(id, () => this.#set(id, "running"));
      case "DELETE ":
        return this.#change(id, () => this.machines.delete(id));
      default:
        return undefined;
    }
  }

  #create({ name, labels }: Pick<Machine, "labels" | "name">): Machine {
    const there = this.#named(name);
    if (there !== undefined) return there;
    this.#made += 1;
    const id = `m-${String(this.#made).padStart(4, "0")}`;
    const address = `10.0.0.${this.#made}`;
    const machine: Machine = { id, name, state: "starting", address, createdAtMs: Date.now(), labels };
    this.machines.set(id, machine);
    this.#later(() => this.#set(id, "running"));
    return machine;
  }

  #list(query: URLSearchParams): unknown {
    const name = query.get("name");
    if (name !== null) return { machines: [this.#named(name)].filter(Boolean), next: null };
    const left = [...this.machines.values()].filter(({ id }) => id > (query.get("after") ?? ""));
    const machines = left.slice(0, PAGE);
    return { machines, next: left.length > PAGE ? machines.at(-1)?.id : null };
  }

  #named(name: string): Machine | undefined {
    return [...this.machines.values()].find((machine) => machine.name === name);
  }

  /** @returns An empty answer; `undefined`: it is not there. */
  #change(id: string, change: () => unknown): object | undefined {
    if (!this.machines.has(id)) return undefined;
    this.#set(id, "starting");
    this.#later(change);
    return {};
  }

  #set(id: string, state: Machine["state"]): void {
    const machine = this.machines.get(id);
    if (machine !== undefined) this.machines.set(id, { ...machine, state });
  }

  #later(change: () => unknown): void {
    setTimeout(change, CHANGE_MS);
  }
}

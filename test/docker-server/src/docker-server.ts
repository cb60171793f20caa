import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "./api-error.ts";
import { docker, podman } from "./dialect.ts";
import { Engine } from "./engine.ts";
import { Faults, type Operation } from "./faults.ts";
import { type Answer, readJson } from "./request.ts";
import { routeOf } from "./router.ts";

export interface DockerServerOptions {
  /** Speaks as Podman does. Default: `false`, as Docker. */
  readonly podman?: boolean;
  /** Listens on a TCP port of the loopback interface. Default: `false`, on a socket in a new folder. */
  readonly tcp?: boolean;
  /** Listens on a TCP port with TLS, and demands certificates of this authority from clients. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

/** An engine that speaks the Docker Engine's HTTP API, with faults that tests switch on. */
export class DockerServer {
  readonly engine: Engine;
  readonly faults = new Faults();
  /** How many requests of each kind came, whatever was answered. */
  readonly requests = new Map<Operation, number>();
  /** How many requests were answered with an error, by status. */
  readonly refused = new Map<number, number>();
  /** `unix:///…`, `tcp://127.0.0.1:…`: what `DOCKER_HOST` would be. */
  readonly url: string;
  readonly #server: Server;
  readonly #address: { readonly path: string } | { readonly port: number; readonly host: string };
  readonly #folder: string | undefined;
  readonly #sockets: Set<Socket>;

  private constructor(engine: Engine, server: Server, folder: string | undefined, sockets: Set<Socket>) {
    this.engine = engine;
    this.#server = server;
    this.#folder = folder;
    this.#sockets = sockets;
    const address = server.address() as AddressInfo | string;
    this.#address = typeof address === "string" ? { path: address } : { port: address.port, host: "127.0.0.1" };
    this.url = typeof address === "string" ? `unix://${address}` : `tcp://127.0.0.1:${address.port}`;
  }

  static async start(options: DockerServerOptions = {}): Promise<DockerServer> {
    let started: DockerServer | undefined;
    const serve: RequestListener = (request, response) => void started?.serve(request, response);
    const { tls } = options;
    const server =
      tls === undefined
        ? createServer(serve)
        : createTlsServer({ ...tls, allowHalfOpen: true, requestCert: true, rejectUnauthorized: true }, serve);
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    });
    // Exec asks for it, and answers it like any other request.
    server.on("upgrade", (request, socket) => void started?.serve(request, undefined, socket as Socket));
    const overTcp = options.tcp === true || tls !== undefined;
    const folder = overTcp ? undefined : mkdtempSync(join(tmpdir(), "warmpool-docker-"));
    if (folder === undefined) server.listen(0, "127.0.0.1");
    else server.listen(join(folder, "docker.sock"));
    await once(server, "listening");
    const engine = new Engine(options.podman === true ? podman : docker);
    engine.registry.set("busybox", { command: ["sh"] });
    started = new DockerServer(engine, server, folder, sockets);
    return started;
  }

  /** How many requests of a kind came. */
  count(operation: Operation): number {
    return this.requests.get(operation) ?? 0;
  }

  /** The machine can't be reached; what runs on it runs on. */
  async unplug(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async plug(): Promise<void> {
    this.#server.listen(this.#address);
    await once(this.#server, "listening");
  }

  async stop(): Promise<void> {
    this.engine.clear();
    if (this.#server.listening) await this.unplug();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param upgraded The connection of a request that asked for it: then there is no response. */
  async serve(request: IncomingMessage, response: ServerResponse | undefined, upgraded?: Socket): Promise<void> {
    const { method = "GET", url = "/", socket } = request;
    try {
      const { pathname, searchParams } = new URL(url, "http://engine");
      const { operation, handle, name } = routeOf(method, pathname);
      this.requests.set(operation, this.count(operation) + 1);
      const fault = this.faults.take(operation);
      if (fault === "hang") return;
      if (fault === "drop") return void socket.destroy();
      const delayMs = this.faults.delayMs(operation);
      if (delayMs > 0) await sleep(delayMs);
      const json = <Body>() => (upgraded === undefined ? readJson<Body>(request) : Promise.resolve({} as Body));
      const answer = await handle(this.engine, { http: request, name, query: searchParams, json });
      if (fault === "lose") return void socket.destroy();
      await this.#answer(answer, request, response, upgraded);
    } catch (error) {
      this.#refuse(error, response, upgraded);
    }
  }

  async #answer(
    answer: Answer,
    request: IncomingMessage,
    response: ServerResponse | undefined,
    upgraded: Socket | undefined,
  ): Promise<void> {
    const { serverHeader } = this.engine.dialect;
    const headers = { Server: serverHeader, "Api-Version": "1.50", "Docker-Experimental": "false", Ostype: "linux" };
    if ("hijack" in answer) {
      const { socket } = request;
      const status = upgraded === undefined ? "200 OK" : "101 UPGRADED";
      const upgrade = upgraded === undefined ? "" : "Connection: Upgrade\r\nUpgrade: tcp\r\n";
      socket.write(`HTTP/1.1 ${status}\r\nContent-Type: ${answer.contentType}\r\n${upgrade}\r\n`);
      answer.hijack(socket);
    } else if ("write" in answer) {
      response?.writeHead(answer.status, { ...headers, "Content-Type": "application/json" });
      if (response !== undefined) await answer.write(response);
      response?.end();
    } else {
      const body = answer.json === undefined ? undefined : JSON.stringify(answer.json);
      response?.writeHead(answer.status, {
        ...headers,
        ...(body !== undefined && { "Content-Type": "application/json" }),
      });
      response?.end(body);
    }
  }

  #refuse(error: unknown, response: ServerResponse | undefined, upgraded: Socket | undefined): void {
    const { status, message, headers } =
      error instanceof ApiError ? error : new ApiError(500, error instanceof Error ? error.message : String(error));
    this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
    const body = JSON.stringify(this.engine.dialect.errorBody(status, message));
    if (upgraded !== undefined) {
      upgraded.end(
        `HTTP/1.1 ${status} Error\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
      return;
    }
    if (response === undefined || response.headersSent) return void response?.destroy();
    response.writeHead(status, { ...headers, "Content-Type": "application/json" });
    response.end(body);
  }
}

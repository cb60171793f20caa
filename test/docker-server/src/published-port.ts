import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/**
 * A published port, as Docker's proxy keeps it: it accepts connections whether or not anybody listens in the container,
 * and closes them at once if nobody does.
 */
export class PublishedPort {
  readonly containerPort: number;
  readonly hostPort: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(containerPort: number, server: Server, sockets: Set<Socket>) {
    this.containerPort = containerPort;
    this.hostPort = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#sockets = sockets;
  }

  static async open(containerPort: number, hostPort: number, listens: () => boolean): Promise<PublishedPort> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
      if (!listens()) socket.destroy();
    });
    server.listen(hostPort, "127.0.0.1");
    await once(server, "listening");
    return new PublishedPort(containerPort, server, sockets);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

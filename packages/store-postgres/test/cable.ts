import { once } from "node:events";
import { connect as connectTo, createServer, type Server, type Socket } from "node:net";

/** A connection to a database that a test can cut: a proxy on loopback. */
export class Cable {
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #stalled = false;
  #cut = false;

  static async to(url: string): Promise<Cable> {
    const cable = new Cable(url);
    await once(cable.#server, "listening");
    return cable;
  }

  private constructor(url: string) {
    this.#target = new URL(url);
    this.#server = createServer((socket) => this.#join(socket));
    this.#server.listen(0, "127.0.0.1");
    this.#server.unref();
  }

  /** The address on this side. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the cable is not ready");
    const url = new URL(this.#target);
    url.hostname = "127.0.0.1";
    url.port = String(address.port);
    return url.href;
  }

  /** All connections break, and new ones with them, until it is mended. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing comes through any more, and nobody is told. */
  stall(): void {
    this.#stalled = true;
    for (const socket of this.#sockets) socket.pause();
  }

  mend(): void {
    this.#cut = false;
    this.#stalled = false;
    for (const socket of this.#sockets) socket.resume();
  }

  /** It is gone for good. */
  async pull(): Promise<void> {
    this.cut();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket): void {
    if (this.#cut) return void near.destroy();
    const far = connectTo(Number(this.#target.port || 5432), this.#target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on("data", (chunk) => to.write(chunk));
      from.on("error", () => {});
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#stalled) from.pause();
    }
  }
}

import { connect, createServer, type Server, type Socket } from "node:net";

/** A stretch of the way to a server that can be cut. */
export interface Relay {
  readonly url: string;
  /** Refuses all connections, and ends those that there are, while `during` runs. */
  cutWhile(during: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Passes on what comes to a port of its own. @param to The server, by http. */
export async function relayTo(to: string): Promise<Relay> {
  const { hostname, port, pathname } = new URL(to);
  const sockets = new Set<Socket>();
  const create = () =>
    createServer((from) => {
      const on = connect({ host: hostname, port: Number(port || 80) });
      for (const [one, other] of [
        [from, on],
        [on, from],
      ] as const) {
        sockets.add(one);
        one.pipe(other);
        one.on("error", () => other.destroy());
        one.on("close", () => sockets.delete(one));
      }
    });
  const listen = (server: Server, at: number) =>
    new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
  const end = (server: Server) => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    return closed;
  };
  let server = create();
  await listen(server, 0);
  const address = server.address();
  const own = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${own}${pathname}`,
    async cutWhile(during) {
      await end(server);
      await during();
      server = create();
      await listen(server, own);
    },
    close: () => end(server),
  };
}

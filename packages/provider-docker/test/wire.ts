import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type NetConnectOpts, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A way to an engine that can be cut: a socket of our own, of which every connection goes on to the engine. */
export interface Wire {
  /** For the provider. */
  readonly url: string;
  /** Nothing of the engine can be reached while `during` runs. */
  cut(during: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** @param url Of the engine: `unix://` or `tcp://`. */
export async function wireTo(url: string): Promise<Wire> {
  const folder = mkdtempSync(join(tmpdir(), "warmpool-wire-"));
  const path = join(folder, "docker.sock");
  const sockets = new Set<Socket>();
  // The streams of an exec are closed one side at a time.
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...target(url), allowHalfOpen: true });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  const open = async () => {
    server.listen(path);
    await once(server, "listening");
  };
  const shut = async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await open();
  return {
    url: `unix://${path}`,
    async cut(during) {
      await shut();
      await during();
      await open();
    },
    async close() {
      await shut();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function target(url: string): NetConnectOpts {
  if (url.startsWith("unix://")) return { path: url.slice("unix://".length) };
  const { hostname, port } = new URL(url.replace(/^tcp:/, "http:"));
  return { host: hostname, port: Number(port || 2375) };
}

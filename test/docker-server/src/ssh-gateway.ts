import { createHash, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import ssh2 from "ssh2";

/** A machine that can be reached by SSH, with an engine's socket on it. */
export interface SshGateway {
  readonly port: number;
  /** `SHA256:…`, of the key with which it proves who it is. */
  readonly fingerprint: string;
  /** A private key that it lets in. */
  readonly privateKey: string;
  /** How many connections were let in. */
  readonly connections: () => number;
  /** Commands that were run on it. */
  readonly commands: string[];
  /** Cuts all connections; new ones are let in. */
  cut(): void;
  stop(): Promise<void>;
}

/** @param socketPath Of the engine, for `docker system dial-stdio` and for forwarding. */
export async function startSshGateway(socketPath: string): Promise<SshGateway> {
  const host = rsaKey();
  const user = rsaKey();
  const clients = new Set<ssh2.Connection>();
  const commands: string[] = [];
  let connections = 0;
  const server = new ssh2.Server({ hostKeys: [host] }, (client) => {
    // What the types lack: OpenSSH's own requests, and what every connection can do.
    const beyondTypes = client as unknown as {
      on(event: string, listener: (accept: () => Duplex, reject: () => void, to: { socketPath: string }) => void): void;
      setNoDelay(noDelay: boolean): void;
    };
    client.on("error", () => {});
    client.on("close", () => clients.delete(client));
    client.on("authentication", (context) => {
      if (context.method === "publickey" && sameKey(context.key.data, user)) context.accept();
      else context.reject(["publickey"]);
    });
    client.on("ready", () => {
      connections += 1;
      beyondTypes.setNoDelay(true);
      clients.add(client);
      client.on("session", (accept) => {
        accept().on("exec", (accept, reject, { command }) => {
          commands.push(command);
          if (!/^(docker|podman) system dial-stdio$/.test(command)) return reject();
          join(accept(), socketPath);
        });
      });
      const forward = (accept: () => Duplex, reject: () => void, { socketPath: path }: { socketPath: string }) => {
        if (path === socketPath) join(accept(), path);
        else reject();
      };
      beyondTypes.on("openssh.streamlocal", forward);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server as unknown as NodeJS.EventEmitter, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    fingerprint: `SHA256:${createHash("sha256").update(publicKeyOf(host)).digest("base64").replace(/=+$/, "")}`,
    privateKey: user,
    connections: () => connections,
    commands,
    cut() {
      for (const client of clients) client.end();
    },
    async stop() {
      for (const client of clients) client.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function join(channel: Duplex, socketPath: string): void {
  const socket = connect(socketPath);
  channel.on("error", () => socket.destroy()).on("close", () => socket.destroy());
  socket.on("error", () => channel.destroy()).on("close", () => channel.end());
  channel.pipe(socket).pipe(channel);
}

function rsaKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs1", format: "pem" }) as string;
}

function publicKeyOf(privateKey: string): Buffer {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  return parsed.getPublicSSH();
}

function sameKey(given: Buffer, privateKey: string): boolean {
  return given.equals(publicKeyOf(privateKey));
}

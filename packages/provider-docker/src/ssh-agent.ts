import { createHash } from "node:crypto";
import { Agent, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import type { Endpoint } from "./endpoint.js";
import { NotConnected } from "./failure.js";

type SshEndpoint = Extract<Endpoint, { kind: "ssh" }>;

/** How long a connection without a channel stays open for the next request, in milliseconds. */
const LINGER_MS = 1_000;

/** How long the host may take to let us in, in milliseconds. */
const READY_TIMEOUT_MS = 20_000;

/**
 * An `http.Agent` whose connections are channels of one SSH connection: it is opened when it is needed, shared by all
 * requests, and closed when none has been under way for a second. The host's key is compared with the fingerprints that
 * are expected before anything else is said.
 */
export class SshAgent extends Agent {
  readonly #endpoint: SshEndpoint;
  #client: Promise<Client> | undefined;
  #channels = 0;
  #linger: NodeJS.Timeout | undefined;

  constructor(endpoint: SshEndpoint) {
    super({ keepAlive: false });
    this.#endpoint = endpoint;
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#open().then(
      (channel) => callback?.(null, channel),
      (error) => callback?.(error, undefined as never),
    );
  }

  async #open(): Promise<ClientChannel> {
    clearTimeout(this.#linger);
    this.#channels += 1;
    try {
      this.#client ??= this.#connect();
      const client = await this.#client;
      const channel = await this.#openChannel(client);
      // What it says to people, such as that there is no engine.
      channel.stderr?.resume();
      channel.once("close", () => this.#closed(client));
      return channel;
    } catch (error) {
      this.#closed(undefined);
      throw error;
    }
  }

  #openChannel(client: Client): Promise<ClientChannel> {
    const { socketPath, command } = this.#endpoint;
    return new Promise((resolve, reject) => {
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        if (error === undefined) resolve(channel);
        else reject(new NotConnected(`the SSH server refused a way to the engine: ${error.message}`));
      };
      try {
        if (socketPath === undefined) client.exec(command, opened);
        else client.openssh_forwardOutStreamLocal(socketPath, opened);
      } catch (error) {
        // It was closed meanwhile.
        reject(new NotConnected(`the SSH connection is closed: ${(error as Error).message}`));
      }
    });
  }

  async #connect(): Promise<Client> {
    const { Client } = (await import("ssh2")).default;
    const { hostname: host, port, username, privateKey, passphrase, agent, hostKeys } = this.#endpoint;
    const client = new Client();
    let met: string | undefined;
    const connected = new Promise<Client>((resolve, reject) => {
      client.once("ready", () => {
        // A request is a handful of small packets, each of which would wait for the answer to the one before.
        client.setNoDelay(true);
        resolve(client);
      });
      client.on("error", (error) => {
        const denied = met !== undefined && !hostKeys.includes(met);
        const problem = denied
          ? `its host key is ${met}, which is none of those expected (${hostKeys.join(", ")}). Somebody may be in between; if the host has a new key, change ssh.hostKey`
          : error.message;
        reject(new NotConnected(problem));
      });
      client.once("close", () => {
        this.#client = undefined;
        reject(new NotConnected("the SSH connection was closed"));
      });
    });
    client.connect({
      host,
      port,
      username,
      readyTimeout: READY_TIMEOUT_MS,
      keepaliveInterval: 15_000,
      hostVerifier: (key: Buffer) => {
        met = fingerprintOf(key);
        return hostKeys.includes(met);
      },
      ...(privateKey !== undefined && { privateKey }),
      ...(passphrase !== undefined && { passphrase }),
      // The agent's keys only where none was given: servers let us try few.
      ...(privateKey === undefined && agent !== undefined && { agent }),
    });
    return await connected;
  }

  #closed(client: Client | undefined): void {
    this.#channels -= 1;
    if (this.#channels > 0 || client === undefined) return;
    this.#linger = setTimeout(() => {
      this.#client = undefined;
      client.end();
    }, LINGER_MS);
    this.#linger.unref();
  }
}

function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

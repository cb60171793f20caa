import { homedir } from "node:os";
import process from "node:process";
import { Census } from "./census.js";
import { type Client, openClient } from "./client/client.js";
import type { RawCloud } from "./client/cloud-files.js";
import { loadCloud } from "./client/load-cloud.js";
import { Directory } from "./directory.js";
import { FloatingIps } from "./floating-ips.js";
import type { OpenStackAuth } from "./options.js";
import { Orders } from "./orders.js";
import type { Settings } from "./parse-options.js";

/** A cloud that can be talked to, with what is known of it. */
export interface Connection {
  readonly client: Client;
  readonly census: Census;
  readonly directory: Directory;
  readonly floatingIps: FloatingIps;
  readonly orders: Orders;
}

/** Makes the connection when the first call comes, as that reads files. */
export class Connector {
  readonly #settings: Settings;
  readonly #orders: Orders;
  #connection: Promise<Connection> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#orders = new Orders(settings.settlesWithinMs);
  }

  /** The same connection for all calls; after a failure it is tried anew. */
  connect(): Promise<Connection> {
    this.#connection ??= connect(this.#settings, this.#orders).catch((error) => {
      this.forget();
      throw error;
    });
    return this.#connection;
  }

  /** From now on who we are is read anew: it may have changed. */
  forget(): void {
    this.#connection = undefined;
  }
}

async function connect(settings: Settings, orders: Orders): Promise<Connection> {
  const { cloud: name, auth, region, interface: endpoints, requestTimeoutMs } = settings;
  const surroundings = { env: process.env, cwd: process.cwd(), home: homedir() };
  const choice = { name, auth: auth && written(auth), region, interface: endpoints };
  const client = openClient(await loadCloud(choice, surroundings), requestTimeoutMs);
  const directory = new Directory(client);
  return {
    client,
    census: new Census(client, settings.pollIntervalMs),
    directory,
    floatingIps: new FloatingIps(client.network, directory, settings.floatingIp),
    orders,
  };
}

/** In the words of `clouds.yaml`. */
function written(auth: OpenStackAuth): RawCloud {
  const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(auth).map(([name, value]) => [snake(name), value]));
}

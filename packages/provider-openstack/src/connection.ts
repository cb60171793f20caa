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

/**
 * Finds out which cloud is meant when the first call comes, as it reads files.
 *
 * @returns The connection, the same for all calls; after a failure it is tried anew.
 */
export function connector(settings: Settings): () => Promise<Connection> {
  let connection: Promise<Connection> | undefined;
  return () => {
    connection ??= connect(settings).catch((error) => {
      connection = undefined;
      throw error;
    });
    return connection;
  };
}

async function connect(settings: Settings): Promise<Connection> {
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
    orders: new Orders(settings.settlesWithinMs),
  };
}

/** In the words of `clouds.yaml`. */
function written(auth: OpenStackAuth): RawCloud {
  const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(auth).map(([name, value]) => [snake(name), value]));
}

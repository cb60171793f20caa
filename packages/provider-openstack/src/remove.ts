import type { Connection } from "./connection.js";
import type { OpenStackServer } from "./data.js";
import { type Polling, poll } from "./poll.js";

/**
 * Removes all that exists under a key, and waits until it is gone: floating IPs first, so that the server, which a
 * listing shows, goes last of what we made ourselves; then what Nova should have ended with it.
 *
 * @param data What was known of it; without, it is found by the key.
 */
export async function remove(
  connection: Connection,
  key: string,
  data: OpenStackServer | undefined,
  polling: Polling,
): Promise<void> {
  const { census, floatingIps, orders } = connection;
  const { signal } = polling;
  const ordered = await orders.idOf(key, signal);
  const found = await poll(() => census.byKey(key, signal), polling);
  const ids = new Set(found.map(({ id }) => id));
  for (const id of [data?.id, ordered]) if (id !== undefined) ids.add(id);
  const volumes = new Set([...(data?.volumes ?? []), ...found.flatMap(({ volumeIds }) => volumeIds)]);
  await poll(() => done(floatingIps.release(key, signal)), polling);
  for (const id of ids) {
    for (const volume of await endServer(connection, id, polling)) volumes.add(volume);
    await poll(() => done(endPorts(connection, id, polling)), polling);
  }
  for (const id of volumes) await endVolume(connection, id, polling);
  orders.forget(key);
}

/** @returns The volumes that were to end with it. */
async function endServer({ client, census }: Connection, id: string, polling: Polling): Promise<Set<string>> {
  const { compute } = client;
  const { signal } = polling;
  const volumes = new Set<string>();
  let looked = false;
  await poll(() => done(compute.deleteServer(id, signal)), polling);
  await poll(async () => {
    // Looked at once by itself, before it is gone with what is known of its volumes; then together with all others. A
    // listing may lack it for other reasons; only Nova's own 404 counts.
    const listed = looked ? await census.byId(id, signal) : undefined;
    const server = listed ?? (await compute.server(id, signal));
    looked = true;
    if (server === undefined) return true;
    for (const volume of server.volumeIds) volumes.add(volume);
    // Some clouds keep what was deleted for a while, with all that it uses.
    if (server.status === "SOFT_DELETED") await compute.forceDelete(id, signal);
    // A server that was being built may not have heard.
    else if (server.taskState === undefined) await compute.deleteServer(id, signal);
    return undefined;
  }, polling);
  return volumes;
}

/** Ports that Nova made end with their server, unless it could not reach Neutron. */
async function endPorts({ client: { network } }: Connection, serverId: string, { signal }: Polling): Promise<void> {
  if (!(await network.isThere(signal))) return;
  for (const { id } of await network.ports(serverId, signal)) await network.deletePort(id, signal);
}

/** Volumes that Nova made end with their server, unless it could not reach Cinder. */
async function endVolume({ client: { volume } }: Connection, id: string, polling: Polling): Promise<void> {
  const { signal } = polling;
  await poll(async () => {
    if (!(await volume.isThere(signal))) return true;
    const status = await volume.status(id, signal);
    if (status === undefined) return true;
    // Until it is detached it cannot be deleted.
    if (status === "available" || status.startsWith("error")) await volume.delete(id, signal);
    return undefined;
  }, polling);
}

async function done(work: Promise<void>): Promise<true> {
  await work;
  return true;
}

import { CloudConfigError, OpenStackError } from "./client/error.js";
import type { Connection } from "./connection.js";
import { dataOf, floatingOf, type OpenStackServer } from "./data.js";
import type { Settings } from "./parse-options.js";
import type { Polling } from "./poll.js";
import { untilReady } from "./ready-when.js";
import { waitForServer } from "./wait-for-server.js";

/** Makes a used server clean: from the image that it was made from, with the same addresses. */
export async function reset(
  connection: Connection,
  settings: Settings,
  known: OpenStackServer,
  polling: Polling,
): Promise<OpenStackServer> {
  const { compute } = connection.client;
  const { signal } = polling;
  const { id } = known;
  if (settings.reset === "reboot") {
    await compute.act(id, { reboot: { type: "HARD" } }, signal);
  } else {
    const imageRef = await imageOf(connection, settings, id, signal);
    await compute.act(id, { rebuild: { imageRef } }, signal);
  }
  return await becomeReady(connection, settings, known, polling);
}

/** Waits until a server runs and is ready. */
export async function becomeReady(
  connection: Connection,
  { readyWhen }: Settings,
  known: OpenStackServer,
  polling: Polling,
): Promise<OpenStackServer> {
  const server = await waitForServer(connection, known.id, ["runs"], polling);
  const data = dataOf(server, floatingOf(known));
  await untilReady(readyWhen, data, polling);
  return data;
}

async function imageOf(
  { client: { compute }, directory }: Connection,
  { fields }: Settings,
  id: string,
  signal: AbortSignal,
): Promise<string> {
  const server = await compute.server(id, signal);
  if (server === undefined) throw new OpenStackError(`The server ${id} is gone`, { status: 404 });
  if (server.imageId !== undefined) return server.imageId;
  if (!(await compute.can("rebuildVolume", signal))) {
    throw new CloudConfigError("Nova is too old to rebuild a server that boots from a volume. Set reset to false.");
  }
  if (fields.image !== undefined) return await directory.id("image", fields.image, signal);
  throw new CloudConfigError("A server that boots from a volume is rebuilt from the option image, which is not set.");
}

import { OpenStackError } from "./client/error.js";
import type { Connection } from "./connection.js";
import type { OpenStackServer } from "./data.js";
import type { Settings } from "./parse-options.js";
import type { Polling } from "./poll.js";
import { becomeReady } from "./reset.js";
import { stateOf } from "./state.js";
import { waitForServer } from "./wait-for-server.js";

/** Shelves or stops a server. One that is put away stays so. */
export async function suspend(
  connection: Connection,
  settings: Settings,
  { id }: OpenStackServer,
  polling: Polling,
): Promise<void> {
  const server = await waitForServer(connection, id, ["runs", "stopped"], polling);
  if (stateOf(server) === "stopped") return;
  const action = settings.suspend === "shelve" ? ({ shelve: null } as const) : ({ "os-stop": null } as const);
  await connection.client.compute.act(id, action, polling.signal);
  await waitForServer(connection, id, ["stopped"], polling);
}

/** Brings back a server, however it was put away. */
export async function resume(
  connection: Connection,
  settings: Settings,
  known: OpenStackServer,
  polling: Polling,
): Promise<OpenStackServer> {
  const { compute } = connection.client;
  const { status } = await waitForServer(connection, known.id, ["runs", "stopped"], polling);
  if (status.startsWith("SHELVED")) await compute.act(known.id, { unshelve: null }, polling.signal);
  else if (status === "SHUTOFF") await compute.act(known.id, { "os-start": null }, polling.signal);
  else if (status !== "ACTIVE") {
    throw new OpenStackError(`The server ${known.id} is ${status}, which nobody but a person can end`, { status: 409 });
  }
  return await becomeReady(connection, settings, known, polling);
}

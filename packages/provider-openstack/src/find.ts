import type { Found } from "@warmpool/core";
import { OpenStackError } from "./client/error.js";
import type { Connection } from "./connection.js";
import { dataOf, type OpenStackServer } from "./data.js";
import type { Settings } from "./parse-options.js";
import { looksReady } from "./ready-when.js";
import { describe, stateOf } from "./state.js";

/** What exists under a key: a server, or what is left of one. */
export async function find(
  connection: Connection,
  settings: Settings,
  key: string,
  signal: AbortSignal,
): Promise<Found<OpenStackServer>> {
  const ordered = await connection.orders.idOf(key, signal);
  const [server, another] = await connection.census.byKey(key, signal);
  const floatingIp = await connection.floatingIps.of(key, signal);
  if (server === undefined) {
    // Nova gave it an id, and does not list it yet.
    if (ordered !== undefined) return { status: "pending" };
    return floatingIp === undefined
      ? { status: "absent" }
      : { status: "broken", reason: "of it there is only a floating IP" };
  }
  const data = dataOf(server, floatingIp);
  if (another !== undefined) return { status: "broken", data, reason: "two servers bear its key" };
  const state = stateOf(server);
  switch (state) {
    case "hidden":
      throw new OpenStackError(`Nova cannot see the server ${server.id} now: it is ${server.status}`, { status: 503 });
    case "stopped":
    case "failed":
    case "ending":
      return { status: "broken", data, reason: describe(server) };
    case "runs":
      if (connection.floatingIps.areWanted && floatingIp === undefined) {
        // Whoever was to give it one has stopped halfway.
        return { status: "broken", data, reason: "it has no floating IP" };
      }
      if (server.taskState === undefined && (await looksReady(settings.readyWhen, data, signal)).ready) {
        return { status: "ready", data };
      }
      break;
    case "changes":
  }
  const ageMs = Date.now() - (server.createdAtMs ?? Date.now());
  if (ageMs <= settings.bootTimeoutMs) return { status: "pending", data };
  return { status: "broken", data, reason: `${describe(server)}, and not ready after ${settings.bootTimeoutMs} ms` };
}

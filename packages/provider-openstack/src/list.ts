import type { Listed } from "@warmpool/core";
import { assertAllSeen, everyServer } from "./census.js";
import type { Connection } from "./connection.js";
import { dataOf, type OpenStackServer } from "./data.js";
import { keyOf, tagsOf } from "./labels.js";
import { stateOf } from "./state.js";

/** Everything that bears our labels: servers, and floating IPs that are left of some. Complete, or it throws. */
export async function* list(connection: Connection, signal: AbortSignal): AsyncGenerator<Listed<OpenStackServer>> {
  // First, so that those of servers that end meanwhile belong to none that is listed, and not the other way round.
  const floatingIps = new Map(await connection.floatingIps.all(signal));
  const { servers } = await everyServer(connection.client, signal);
  await assertAllSeen(connection.client, signal);
  for (const server of servers) {
    const key = keyOf(server);
    if (key === undefined) continue;
    const floatingIp = floatingIps.get(key);
    floatingIps.delete(key);
    const isWhole = floatingIp !== undefined || !connection.floatingIps.areWanted;
    const isReady = stateOf(server) === "runs" && server.taskState === undefined && isWhole;
    yield {
      key,
      tags: tagsOf(server),
      ...(server.createdAtMs !== undefined && { createdAtMs: server.createdAtMs }),
      ...(isReady && { data: dataOf(server, floatingIp) }),
    };
  }
  for (const key of floatingIps.keys()) yield { key };
}

import type { Health } from "@warmpool/core";
import type { Connection } from "./connection.js";
import { dataOf, floatingOf, type OpenStackServer } from "./data.js";
import { describe, stateOf } from "./state.js";

/** Whether a server runs, as Nova knows it. */
export async function check(
  { census, client }: Connection,
  known: OpenStackServer,
  signal: AbortSignal,
): Promise<Health<OpenStackServer>> {
  // A listing may lack it for other reasons; only Nova's own 404 counts.
  const server = (await census.byId(known.id, signal)) ?? (await client.compute.server(known.id, signal));
  if (server === undefined) return { status: "unhealthy", reason: "it is gone" };
  const state = stateOf(server);
  switch (state) {
    case "runs": {
      const data = dataOf(server, floatingOf(known));
      return JSON.stringify(data) === JSON.stringify(known) ? { status: "healthy" } : { status: "healthy", data };
    }
    case "changes":
    case "hidden":
      return { status: "unknown", reason: describe(server) };
    case "stopped":
    case "failed":
    case "ending":
      return { status: "unhealthy", reason: describe(server) };
  }
}

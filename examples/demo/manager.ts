// A manager: owns the pool, and runs the clients that use it. main.ts starts it, kills it, and starts another.
//
//   node manager.ts FOLDER
import { setTimeout as pause } from "node:timers/promises";
import { createPool, type Lease } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { shellProvider } from "@warmpool/provider-shell";
import type { Command, Message, Server } from "./messages.ts";

const [folder = ""] = process.argv.slice(2);

const pool = createPool({
  name: "servers",
  provider: shellProvider({
    allocate: "./allocate.sh",
    check: "./check.sh",
    delete: "./delete.sh",
    cwd: import.meta.dirname,
    env: { SERVERS: folder, NODE: process.execPath },
    stateDirectory: `${folder}/scripts`,
  }),
  warm: 3,
  max: 8,
  reuse: true,
  check: { every: "1s", attempts: 2 },
  store: sqliteStore(`${folder}/pool.db`),
});

/** A client leases a server, talks to it, and gives it back. */
async function runClient(name: string): Promise<void> {
  // Asked for by name: after a crash the same request finds the same ticket, and with it the same lease.
  const ticket = await pool.request({ owner: name, requestId: name });
  if (ticket.status().state !== "closed") {
    const lease = await ticket.wait();
    const { token, resource } = lease;
    tell({ type: "granted", client: name, key: resource.key, id: resource.id, token });
    await talkTo(lease, name);
    tell({ type: "returning", client: name });
    await lease.release();
  }
  tell({ type: "done", client: name });
}

async function talkTo({ data: address, token }: Lease<string>, client: string): Promise<void> {
  for (const path of ["enter", "hello", "hello", "hello", "leave"]) {
    const response = await fetch(`http://${address}/${path}?token=${token}`);
    if (response.ok) tell({ type: "answered", client });
    else tell({ type: "refused", client, reason: await response.text() });
    await pause(250);
  }
}

async function servers(): Promise<Server[]> {
  const holders = new Map((await pool.tickets()).map(({ id, owner }) => [id, owner]));
  return (await pool.resources()).map(({ id, key, state, data, ticket }) => ({
    id,
    key,
    state,
    address: data as string | undefined,
    client: ticket === undefined ? undefined : holders.get(ticket),
  }));
}

function tell(message: Message): void {
  // Nobody listens any more when main.ts is gone.
  if (process.connected) process.send?.(message);
}

async function close(): Promise<void> {
  await pool.close({ resources: "delete" });
  tell({ type: "closed" });
  if (process.connected) process.disconnect();
}

process.on("message", (command: Command) => {
  if (command.type === "close") return void close();
  for (const client of command.clients) {
    runClient(client).catch((error: Error) => tell({ type: "failed", client, reason: error.message }));
  }
});
process.on("disconnect", close);

pool.on("event", async () => tell({ type: "servers", servers: await servers() }));
await pool.ready();
tell({ type: "opened", servers: await servers() });

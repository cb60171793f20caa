import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import type { Server } from "../durable/thing.ts";
import { type Built, load, loadPostgres } from "../lib/build.ts";
import type { Claimant, SharedOrder } from "./rival.ts";

/** Followers in this process, and whoever leads in another: a thing for each claim in flight. */
export async function warmpool({ url, connections, inFlight }: SharedOrder, build: Built): Promise<Claimant> {
  const { createPool } = await load(build, ".");
  const { postgresStore } = await loadPostgres(build);
  const file = join(import.meta.dirname, "leader.ts");
  // A namespace of its own: each cell is configured differently. And a schema for each build, whose tables may differ.
  const name = `bench ${randomBytes(6).toString("hex")}`;
  const args = [url, String(connections * inFlight), name, "5000", build];
  const leader = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  await once(leader.stdout, "data");
  const pools = Array.from({ length: connections }, () =>
    createPool<Server>({ name, role: "client", store: postgresStore(url, { connections: 3, schema: build }) }),
  );
  await Promise.all(pools.map((pool) => pool.ready()));
  return {
    async pair(connection) {
      const lease = await pools[connection]!.acquire();
      await lease.release();
    },
    async close() {
      for (const pool of pools) await pool.close();
      leader.stdin.end();
      await once(leader, "close");
    },
  };
}

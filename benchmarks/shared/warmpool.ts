import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { createPool } from "@warmpool/core";
import { postgresStore } from "@warmpool/store-postgres";
import type { Server } from "../durable/thing.ts";
import type { Claimant, SharedOrder } from "./rival.ts";

/** Followers in this process, and whoever leads in another: a thing for each claim in flight. */
export async function warmpool({ url, connections, inFlight }: SharedOrder): Promise<Claimant> {
  const file = join(import.meta.dirname, "leader.ts");
  const leader = spawn(process.execPath, [file, url, String(connections * inFlight)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(leader.stdout, "data");
  const pools = Array.from({ length: connections }, () =>
    createPool<Server>({ name: "bench", role: "client", store: postgresStore(url, { connections: 3 }) }),
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

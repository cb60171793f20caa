// A manager of 50 containers, until it is killed or told to end: node manager.ts DATABASE ENGINE_URL
//
// It says `leased` for each container that it has lent, and `done` when all are.
import process from "node:process";
import { createPool } from "@warmpool/core";
import { sqliteStore } from "@warmpool/core/sqlite";
import { dockerProvider } from "@warmpool/provider-docker";

const [database = "", url = ""] = process.argv.slice(2);
const pool = createPool({
  name: "web",
  store: sqliteStore(database, { waitForOwner: "10s" }),
  provider: dockerProvider({
    hosts: [{ name: "box", url }],
    image: "busybox",
    command: ["sleep", "infinity"],
    settlesWithin: "2s",
  }),
  max: 50,
  // So that some are lent already, some are being made and some have not begun when it is killed.
  maxAllocating: 10,
  lease: { ttl: "2s", grace: "100ms" },
  backoff: { first: "20ms", max: "200ms" },
});
const acquire = async () => {
  const lease = await pool.acquire({ timeout: "60s" });
  process.stdout.write(`leased ${lease.data.id}\n`);
};
await Promise.all(Array.from({ length: 50 }, acquire));
process.stdout.write("done\n");
